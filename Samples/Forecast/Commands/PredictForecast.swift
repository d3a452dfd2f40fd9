import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels
import UnrollReports

struct PredictForecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict what follows each series of a table.",
    discussion: """
      The table has the columns that the model learned from. Where columns are known ahead, rows follow \
      the last one that has the targets, with those columns alone.

      The output has a row for each series, target and row ahead: series, time, step, column, mean, and \
      the quantiles.

      EXAMPLES:
        forecast predict t.safetensors temperatures.csv --output next.csv --plot next.svg
        forecast predict t.safetensors temperatures.csv --output - --quantiles 0.025,0.975
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The table; - for standard input.")
  var table: String

  @Option(help: ArgumentHelp("The table to write; - for standard output.", valueName: "F.csv"))
  var output: String

  @OptionGroup var quantiles: QuantileOptions

  @OptionGroup var plotting: PlotOptions

  func validate() throws {
    try checkOutputs([("--output", output), ("--plot", plotting.plot)], apartFrom: [model, table])
  }

  func run() throws {
    // What would stop it at the end is found out at once.
    for path in [output, plotting.plot ?? "-"] where path != "-" {
      try AtomicFile.checkWritable(path)
    }
    let (forecaster, description) = try ForecastDescription.read(model)
    let data = try description.layout.read(table, forecaster.preparation.columns, ahead: true)
    try plotting.checkSeries(of: data, path: table)
    let levels = try quantiles.levels(of: forecaster)
    let forecasts = try readingTable(table) {
      try forecaster.forecasts(of: data, quantiles: levels, threads: Threads.default)
    }
    try ForecastOutput(forecaster, data, levels, among: levels).write(forecasts, to: output)
    if let plot = plotting.plot {
      let drawn = plotting.chosen(forecasts, of: data)
      let chart = ForecastPlot(forecaster, description, data, levels: levels, among: levels)
      try AtomicFile.write(Data(chart.svg(of: drawn).utf8), to: plot)
    }
    try finishOutput()
  }
}

/// The quantiles of forecasts.
struct QuantileOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The probabilities of the quantiles to give.", valueName: "P,P"))
  var quantiles = "0.1,0.5,0.9"

  func validate() throws { _ = try parsed() }

  private func parsed() throws -> [Double] { try Self.levels(quantiles) }

  /// Probabilities that rise.
  static func levels(_ quantiles: String) throws -> [Double] {
    let levels = quantiles.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0) ?? -1
    }
    guard levels.allSatisfy({ $0 > 0 && $0 < 1 }), zip(levels, levels.dropFirst()).allSatisfy(<)
    else {
      throw ValidationError(
        "--quantiles '\(quantiles)' are not probabilities that rise, such as 0.1,0.5,0.9")
    }
    return levels
  }

  /// None where the model has no intervals.
  func levels(of forecaster: any ForecastModel) throws -> [Double] {
    forecaster.quantileRange == nil ? [] : try parsed()
  }
}
