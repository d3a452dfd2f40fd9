import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// Whether and of what a picture is drawn.
struct PlotOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A picture of the forecasts, of at most \(ForecastPlot.most) targets of series.",
      valueName: "F.svg"))
  var plot: String?

  @Option(
    help: ArgumentHelp(
      "Draw this series alone, as the output names it.", valueName: "KEY"))
  var plotSeries: String?

  func validate() throws {
    try check(plotSeries == nil || plot != nil, "--plot-series is for --plot")
  }

  /// The forecasts to draw.
  func chosen(
    _ forecasts: [UnrollModels.Forecast], of table: SeriesTable
  ) -> [UnrollModels.Forecast] {
    guard let plotSeries else { return forecasts }
    return forecasts.filter { table.series[$0.series].key == plotSeries }
  }

  /// - Throws: where a series is to be drawn that is not there.
  func checkSeries(of table: SeriesTable, path: String) throws {
    guard let plotSeries, !table.series.contains(where: { $0.key == plotSeries }) else { return }
    let keys = table.series.prefix(5).map { "'\($0.key)'" }.joined(separator: ", ")
    throw ProgramError(
      description:
        "\(path): there is no series '\(plotSeries)'; --plot-series takes "
        + "\(table.series.count > 5 ? "\(keys) or another of \(table.series.count)" : keys)")
  }
}
