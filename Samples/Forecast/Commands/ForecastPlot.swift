import Unroll
import UnrollModels
import UnrollReports

/// A picture of what a series was, and of what is predicted.
struct ForecastPlot {
  private let table: SeriesTable
  private let preparation: SeriesPreparation
  private let season: Int
  private let levels: [Double]
  /// Where the lowest and the highest of those are among the quantiles of a forecast.
  private let ends: (low: Int, high: Int)?

  init(
    _ forecaster: any ForecastModel, _ description: ForecastDescription, _ table: SeriesTable,
    levels: [Double], among all: [Double]
  ) {
    (self.table, preparation, season, self.levels) =
      (table, forecaster.preparation, description.season, levels)
    let places = levels.compactMap { all.firstIndex(of: $0) }
    ends = places.count > 1 ? (places[0], places[places.count - 1]) : nil
  }

  /// The forecasts of the series of the first of them; of several targets, the first one.
  func svg(of forecasts: [UnrollModels.Forecast]) -> String {
    guard let first = forecasts.first else { return "" }
    let series = table.series[first.series]
    let name = preparation.columns.targets[first.target]
    let isTimed = series.times.map { !$0.step.isCount } ?? false
    func x(_ row: Int) -> Double { Double(series.times?.time(ofRow: row).value ?? Int64(row)) }
    let space = preparation.window.spacing
    let own = forecasts.filter { $0.series == first.series && $0.target == first.target }
    let (begin, end) = (own.map(\.last).min() ?? 0, own.map(\.last).max() ?? 0)
    // As much of the history as makes the forecast seen well.
    let shown = max(3 * preparation.window.horizon * space, 2 * season, 20)
    let rows =
      max(0, begin - shown)...min(series.count - 1, end + preparation.window.horizon * space)
    let column = table.columns.firstIndex(of: name) ?? 0
    var chart = LineChart(
      title: series.key.isEmpty
        ? "\(name) and its forecast" : "\(name) of \(series.key) and its forecast",
      x: ChartAxis(isTimed ? "" : "row", scale: isTimed ? .time : .linear), y: ChartAxis(name))
    chart.lines = [
      LineChart.Line(
        name, x: rows.map(x), y: rows.map { series.values[$0, column] }, color: .neutral(0))
    ]
    for (i, forecast) in own.enumerated() {
      let ahead = forecast.values.indices.map { x(forecast.last + ($0 + 1) * space) }
      if let ends {
        let (low, high) = (forecast.quantiles[ends.low], forecast.quantiles[ends.high])
        let share = (levels[levels.count - 1] - levels[0]) * 100
        chart.bands.append(
          LineChart.Band(
            i == 0 ? "\(Int(share.rounded())) % interval" : "", x: ahead, lower: low, upper: high))
      }
      chart.lines.append(
        LineChart.Line(i == 0 ? "forecast" : "", x: ahead, y: forecast.values, color: .accent(0)))
    }
    if own.count == 1 { chart.markers = [LineChart.Marker(x: x(first.last), "last row")] }
    return chart.svg
  }
}
