import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels
import UnrollReports

struct BacktestForecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Predict what is in a table already, from one row after another, as if it were not.",
    discussion: """
      EXAMPLES:
        forecast backtest t.safetensors temperatures.csv --from 1989-01-01 --every 7 --output past.csv \
      --plot past.svg
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The table.")
  var table: String

  @Option(
    help: ArgumentHelp(
      "The first row that is predicted. (default: the first of the rows to test on)",
      valueName: "TIME"))
  var from: String?

  @Option(
    parsing: .unconditional, help: "Rows from one forecast to the next. (default: the horizon)")
  var every: Int?

  @Option(help: ArgumentHelp("The table to write; - for standard output.", valueName: "F.csv"))
  var output: String

  @OptionGroup var quantiles: QuantileOptions

  @Option(help: ArgumentHelp("A picture of the forecasts of the first series.", valueName: "F.svg"))
  var plot: String?

  func validate() throws {
    try check("--every", every ?? 1, in: 1...1_000_000)
    try checkOutputs([("--output", output), ("--plot", plot)], apartFrom: [model, table])
  }

  func run() throws {
    let (forecaster, description) = try ForecastDescription.read(model)
    let data = try description.layout.read(table, forecaster.preparation.columns)
    let levels = try quantiles.levels(of: forecaster)
    let ranges = try ranges(of: data, description)
    guard ranges.contains(where: { !$0.isEmpty }) else {
      throw ProgramError(
        description: "\(table): there are no rows to predict; give the first one with --from")
    }
    let every = every ?? forecaster.preparation.window.horizon
    let prepared = try forecaster.preparation.prepare(data)
    let windows = try forecaster.preparation.windows(
      of: prepared, in: ranges, batchSize: 1, stride: every, seed: nil)
    let forecasts = try forecaster.forecasts(
      of: prepared, after: windows.places, quantiles: levels, threads: Threads.default)
    try ForecastOutput(forecaster, data, levels).write(forecasts, to: output)
    if let plot {
      let chart = ForecastPlot(forecaster, description, data, levels: levels)
      try AtomicFile.write(Data(chart.svg(of: forecasts).utf8), to: plot)
    }
    if output != "-" {
      try ForecastReport(
        forecaster, description, data, prepared, windows.places,
        historyEnds: ranges.map(\.lowerBound)
      ).printTable()
    }
    try finishOutput()
  }

  private func ranges(
    of data: SeriesTable, _ description: ForecastDescription
  ) throws -> [Range<Int>] {
    guard let from else { return try data.series.map { try description.split.parts(of: $0).test } }
    guard let pattern = data.timePattern,
      let time = pattern.time(from) ?? TimePattern.iso8601.time(from)
    else { throw ProgramError(description: "--from '\(from)' is no time of the table") }
    return try data.series.map { series in
      let parts = try SeriesSplit.after(TimeStamp(max(time.value, .min + 1) - 1), validation: 0)
        .parts(of: series)
      return parts.test
    }
  }
}
