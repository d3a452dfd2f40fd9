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
      With --refit-every, models are trained from scratch as the given one was, each on the rows up to its first \
      forecast alone. The model file does not change.

      EXAMPLES:
        forecast backtest t.safetensors temperatures.csv --from 1989-01-01 --every 7 --output past.csv \
      --plot past.svg
        forecast backtest t.safetensors temperatures.csv --refit-every 4 --output past.csv
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

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Train a new model before the first forecast and after every so many, on the rows up to then.",
      valueName: "N"))
  var refitEvery: Int?

  @OptionGroup var quantiles: QuantileOptions
  @OptionGroup var intervals: IntervalOptions

  @OptionGroup var plotting: PlotOptions

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  func validate() throws {
    try check("--every", every ?? 1, in: 1...1_000_000)
    try check("--refit-every", refitEvery ?? 1, in: 1...1_000_000)
    try check("--threads", threads ?? 1, in: 1...1024)
    try checkOutputs([("--output", output), ("--plot", plotting.plot)], apartFrom: [model, table])
  }

  func run() throws {
    // What would stop it at the end is found out at once.
    for path in [output, plotting.plot ?? "-"] where path != "-" {
      try AtomicFile.checkWritable(path)
    }
    let (forecaster, description) = try ForecastDescription.read(model)
    let data = try description.layout.read(table, forecaster.preparation.columns) {
      try chosenSplit(of: $0, description)
    }
    try plotting.checkSeries(of: data, path: table)
    let levels = try quantiles.levels(of: forecaster)
    let split = try chosenSplit(of: data, description)
    let ranges = try data.series.map { try split.parts(of: $0).test }
    guard ranges.contains(where: { !$0.isEmpty }) else {
      throw ProgramError(
        description: "\(table): there are no rows to predict; give the first one with --from")
    }
    var scoring = try ForecastScoring(
      forecaster, description, data, historyEnds: ranges.map(\.lowerBound),
      intervals: intervals.probabilities())
    let all = (levels + scoring.levels).rising
    let forecasts = try readingTable(table) {
      try self.forecasts(by: forecaster, description, of: data, in: ranges, quantiles: all)
    }
    try ForecastOutput(forecaster, data, levels, among: all).write(forecasts, to: output)
    if let plot = plotting.plot {
      let drawn = plotting.chosen(forecasts, of: data)
      let chart = ForecastPlot(forecaster, description, data, levels: levels, among: all)
      try AtomicFile.write(Data(chart.svg(of: drawn).utf8), to: plot)
    }
    if output != "-" {
      for forecast in forecasts { scoring.add(forecast, levels: all) }
      scoring.report.printTable()
    }
    try finishOutput()
  }

  private func forecasts(
    by forecaster: any ForecastModel, _ description: ForecastDescription, of data: SeriesTable,
    in ranges: [Range<Int>], quantiles: [Double]
  ) throws -> [UnrollModels.Forecast] {
    let every = every ?? forecaster.preparation.window.horizon
    let prepared = try forecaster.preparation.prepare(data)
    let places = try forecaster.preparation.windows(
      of: prepared, in: ranges, batchSize: 1, stride: every, seed: nil
    ).places
    let threads = threads ?? Threads.default
    guard let refitEvery else {
      return try forecaster.forecasts(
        of: prepared, after: places, quantiles: quantiles, threads: threads)
    }
    var options = try description.options(of: forecaster, path: model)
    options.threads = threads
    Interrupt.watch()
    let isPiped = output == "-"
    return try ForecastRefit(
      options: options, table: data, validation: description.split.validationRows,
      every: refitEvery, starts: ranges.map(\.lowerBound), threads: threads,
      isQuiet: isPiped || isatty(STDOUT_FILENO) == 0,
      tell: { line in
        // Where forecasts go to standard output, this does not.
        FileHandle(fileDescriptor: isPiped ? STDERR_FILENO : STDOUT_FILENO)
          .write(Data((line + "\n").utf8))
      }
    ).forecasts(after: places, of: prepared, quantiles: quantiles)
  }

  /// The rows to predict, as those to test on: from a time on, or those that the model has not learned from.
  private func chosenSplit(
    of data: SeriesTable, _ description: ForecastDescription
  ) throws -> SeriesSplit {
    guard let from else { return description.split }
    guard let pattern = data.timePattern,
      let time = pattern.time(from) ?? TimePattern.iso8601.time(from)
    else { throw ProgramError(description: "--from '\(from)' is no time of the table") }
    return .after(TimeStamp(max(time.value, .min + 1) - 1), validation: 0)
  }
}
