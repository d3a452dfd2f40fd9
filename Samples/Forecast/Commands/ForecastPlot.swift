import ProgramSupport
import Unroll
import UnrollModels
import UnrollReports

/// A picture of what series were, and of what is predicted: a panel for each target of each series.
struct ForecastPlot {
  /// The most panels.
  static let most = 12

  private let table: SeriesTable
  private let preparation: SeriesPreparation
  private let season: Int
  private let levels: [Double]
  /// Where the lowest and the highest of those are among the quantiles of a forecast.
  private let ends: (low: Int, high: Int)?

  /// - Parameters:
  ///   - levels: the probabilities of the quantiles, of which the outermost ones are drawn.
  ///   - all: those that forecasts have.
  init(
    _ forecaster: any ForecastModel, _ description: ForecastDescription, _ table: SeriesTable,
    levels: [Double], among all: [Double]
  ) {
    (self.table, preparation, season, self.levels) =
      (table, forecaster.preparation, description.season, levels)
    let places = levels.compactMap { all.firstIndex(of: $0) }
    ends = places.count > 1 ? (places[0], places[places.count - 1]) : nil
  }

  /// What is in a panel.
  private struct Subject: Hashable {
    var series: Int
    var target: Int
  }

  /// The picture, of the first panels where there are too many.
  func svg(of forecasts: [UnrollModels.Forecast]) -> String {
    let subjects = Dictionary(grouping: forecasts.indices) {
      Subject(series: forecasts[$0].series, target: forecasts[$0].target)
    }.sorted { ($0.key.series, $0.key.target) < ($1.key.series, $1.key.target) }
    let panels = subjects.prefix(Self.most).map { subject, own in
      chart(of: subject, own.map { forecasts[$0] }, isAlone: subjects.count == 1)
    }
    guard panels.count != 1 else { return panels[0].svg }
    let left = subjects.count - panels.count
    let targets = preparation.columns.targets
    return ChartGrid(
      title: targets.count == 1 ? "\(targets[0]) and its forecast" : "Forecasts", panels: panels,
      note: left > 0
        ? "\(left) more \(left == 1 ? "is" : "are") not shown; --plot-series shows one." : ""
    ).svg
  }

  private func chart(
    of subject: Subject, _ own: [UnrollModels.Forecast], isAlone: Bool
  ) -> LineChart {
    let series = table.series[subject.series]
    let name = preparation.columns.targets[subject.target]
    let isTimed = series.times.map { !$0.step.isCount } ?? false
    func x(_ row: Int) -> Double { Double(series.times?.time(ofRow: row).value ?? Int64(row)) }
    let space = preparation.window.spacing
    let (begin, end) = (own.map(\.last).min() ?? 0, own.map(\.last).max() ?? 0)
    // As much of the history as makes the forecast seen well.
    let shown = max(3 * preparation.window.horizon * space, 2 * season, 20)
    let rows =
      max(0, begin - shown)...min(series.count - 1, end + preparation.window.horizon * space)
    let column = table.columns.firstIndex(of: name) ?? 0
    let title =
      isAlone
      ? (series.key.isEmpty ? name : "\(name) of \(series.key)") + " and its forecast"
      : series.key.isEmpty
        ? name : preparation.columns.targets.count == 1 ? series.key : "\(series.key): \(name)"
    var chart = LineChart(
      title: title, x: ChartAxis(isTimed ? "" : "row", scale: isTimed ? .time : .linear),
      y: ChartAxis(isAlone ? name : ""))
    chart.lines = [
      LineChart.Line(
        isAlone ? name : "observed", x: rows.map(x), y: rows.map { series.values[$0, column] },
        color: .neutral(0))
    ]
    for (i, forecast) in own.enumerated() {
      let ahead = forecast.values.indices.map { x(forecast.last + ($0 + 1) * space) }
      if let ends {
        let share = (levels[levels.count - 1] - levels[0]) * 100
        chart.bands.append(
          LineChart.Band(
            i == 0 ? "\(Int(share.rounded()))% interval" : "", x: ahead,
            lower: forecast.quantiles[ends.low], upper: forecast.quantiles[ends.high]))
      }
      chart.lines.append(
        LineChart.Line(i == 0 ? "forecast" : "", x: ahead, y: forecast.values, color: .accent(0)))
    }
    if own.count == 1 {
      chart.markers = [LineChart.Marker(x: x(own[0].last), isAlone ? "last row" : "")]
    }
    return chart
  }
}
