import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct TrainForecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn to predict a table's series.",
    discussion: """
      What is learned from the data, scales and categories among it, comes from the rows to learn from \
      alone. The model that predicts the rows to choose by best is saved, and its errors on them make the \
      intervals of its forecasts. Ctrl-C saves too.

      EXAMPLES:
        forecast train temperatures.csv --time Date --target Temp --horizon 7 --test-after 1988-12-31 \
      --output t.safetensors
        forecast train load.csv --time date --target OT,HUFL --split 8640,2880,2880 --horizon 96 \
      --window 96 --output load.safetensors
        forecast train sales.csv --series shop --time month --target units --future price --horizon 12 \
      --test-last 12 --output sales.safetensors
      """)

  @Argument(help: "The table, a .csv or .tsv file.")
  var table: String

  @OptionGroup(title: "Table") var columns: TableOptions
  @OptionGroup(title: "Rows") var split: SplitOptions
  @OptionGroup(title: "Model") var model: ForecastModelOptions

  @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions

  @Option(help: ArgumentHelp("The model file to write.", valueName: "M.safetensors"))
  var output: String

  @Option(parsing: .unconditional, help: "Training steps. (default: by --size)")
  var steps: Int?

  @Option(
    parsing: .unconditional,
    help:
      "The most minutes to train. A run by --steps can be repeated to the byte, one by the clock cannot."
  )
  var minutes: Double?

  @Option(parsing: .unconditional, help: "Windows to a step. (default: 256, fewer of short series)")
  var batch: Int?

  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var learningRate = 0.001

  @Option(
    parsing: .unconditional,
    help:
      "Average the weights, with this decay, 0 to below 1: averages are what is chosen and saved; 0 for none."
  )
  var average = 0.0

  @Option(
    help: """
      What is made small: the absolute error, the squared one, Huber's, or the absolute one in units of what a seasonal naive forecast of the \
      same series was wrong by. (default: absolute; that of --quantiles and of --model recursive is their own)
      """)
  var loss: LossChoice?

  @Option(
    help: ArgumentHelp(
      "What the time tells: none, or some of \(CalendarFeature.allCases.map(\.rawValue).joined(separator: ", ")). (default: by the step)",
      valueName: "NAME[,NAME]"))
  var calendar: String?

  @Flag(
    help: "In the end learn anew from the rows to choose by too, for as many steps as were best.")
  var refit = false

  @Option(help: "The random seed of the first weights, of the order of windows and of dropout.")
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  func validate() throws {
    try check("--steps", steps ?? 1, in: 1...1_000_000_000)
    try check("--batch", batch ?? 1, in: 1...1_000_000)
    try check("--threads", threads ?? 1, in: 1...1024)
    try check(
      minutes ?? 1 > 0 && minutes ?? 1 < 1e6, "--minutes is \(minutes ?? 0); it must be above 0")
    try check(
      learningRate > 0 && learningRate.isFinite,
      "--learning-rate is \(learningRate); it must be a finite number above 0")
    _ = try chosenCalendar()
    try check(0..<1 ~= average, "--average is \(average); it must be in 0..<1")
    try check(
      loss == nil || (model.quantiles == nil && model.model != .recursive),
      "--loss is for points: --quantiles are learned by the pinball loss, --model recursive by its likelihood"
    )
    try check(
      minutes == nil || !checkpoints.resume, "--resume is for a run by --steps, not by --minutes")
    try check(
      model.model != .recursive || columns.past == nil,
      "--past is for other models: a recursive model predicts its next input")
    try check(output != table, "the table and --output must be different files")
  }

  func run() throws {
    let destination = try ModelOutput(output, apartFrom: [table])
    let data = try columns.layout().read(table, columns.columns) {
      try self.split.split(of: $0, horizon: model.horizon, path: table)
    }
    let split = try split.split(of: data, horizon: model.horizon, path: table)
    let parts = try data.series.map { try split.parts(of: $0) }
    let preparation = try readingTable(table) { try self.preparation(of: data, parts) }
    print(Self.summary(of: data, parts))
    let description = ForecastDescription(
      layout: try columns.layout(), split: split, season: model.season(of: data),
      step: data.series.first?.times?.step,
      timePattern: data.timePattern,
      deviations: try Self.deviations(of: data, preparation.columns, parts),
      training: remembered(window: preparation.window.length, season: model.season(of: data)))
    Interrupt.watch()
    let job = ForecastTraining(
      options: self, table: data, parts: parts, preparation: preparation,
      checkpoints: RunCheckpoints(
        of: output, checkpoints, settings: try settings(), program: "forecast"))
    let result = try readingTable(table) {
      try model.model == .recursive ? job.recursive() : job.windowed()
    }
    try destination.save(result.network, after: result.failure) {
      try result.trained.save(to: $0, metadata: description.metadata())
    }
    print("wrote \(output), the model of step \(result.step)")
    if let signal = Interrupt.signal { throw ExitCode(128 + signal) }
    print("\nthe rows to choose by:")
    try ForecastReport(
      result.chosen, description, data, ranges: parts.map(\.validation),
      stride: job.validationStride, threads: threads ?? Threads.default
    ).printTable()
    try finishOutput()
  }

  /// What the run was told, by which it goes on or does not.
  private func settings() throws -> RunSettings {
    let mark = RunCheckpoints.mark(of: Array(try Data(contentsOf: URL(fileURLWithPath: table))))
    let data = [
      "the table": mark, "the columns": "\(columns.columns) \(try columns.layout())",
      "the rows":
        "\(split.split ?? "") \(split.testAfter ?? "") \(split.testLast ?? 0) \(split.testSeries ?? "") "
        + "\(split.validation ?? 0)",
      "the model": model.described + " \(calendar ?? "")", "--loss": loss?.rawValue ?? "",
      "--batch": "\(batch ?? 0)", "--seed": "\(seed)",
    ]
    return RunSettings(
      training: [
        "--steps": "\(steps ?? 0)", "--learning-rate": "\(learningRate)", "--average": "\(average)",
      ], fixed: data)
  }

  func preparation(
    of table: SeriesTable, _ parts: [SeriesSplit.Parts]
  ) throws -> SeriesPreparation {
    var columns = columns.columns
    let isTimed = table.series.contains { $0.times.map { !$0.step.isCount } ?? false }
    if let chosen = try chosenCalendar() {
      columns.calendar = chosen
    } else if isTimed, let step = table.series.first?.times?.step {
      columns.calendar = step.calendar
    }
    let window = try model.window(
      of: table, rows: parts.map(\.training.count).max() ?? 0, path: self.table)
    return try SeriesPreparation(
      table, ranges: parts.map(\.training), columns: columns, window: window,
      kind: model.scale(of: window), perSeries: model.perSeries, isLogarithmic: model.log,
      difference: model.difference)
  }

  private func chosenCalendar() throws -> [CalendarFeature]? {
    guard let calendar else { return nil }
    if calendar == "none" { return [] }
    return try calendar.split(separator: ",").map { name in
      guard let feature = CalendarFeature(rawValue: String(name)) else {
        throw ValidationError(
          "--calendar '\(name)' is not none, and not one of "
            + CalendarFeature.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return feature
    }
  }

  private static func summary(of table: SeriesTable, _ parts: [SeriesSplit.Parts]) -> String {
    let rows = table.series.reduce(0) { $0 + $1.count }
    func sum(_ part: KeyPath<SeriesSplit.Parts, Range<Int>>) -> Int {
      parts.reduce(0) { $0 + $1[keyPath: part].count }
    }
    let step = table.series.first?.times.map { ", a step of \($0.step)" } ?? ""
    return
      "\(table.series.count == 1 ? "1 series" : "\(table.series.count) series"), \(rows) rows\(step): "
      + "\(sum(\.training)) to learn from, \(sum(\.validation)) to choose by, \(sum(\.test)) to test on"
  }

  /// The standard deviation of each target over the rows to learn from, for errors in that unit.
  private static func deviations(
    of table: SeriesTable, _ columns: ForecastColumns, _ parts: [SeriesSplit.Parts]
  ) throws -> [Double] {
    try columns.targets.map { name in
      let column = try table.column(name)
      let values = zip(table.series, parts).flatMap { series, part in
        part.training.map { series.values[$0, column] }
      }
      return try ColumnScale(of: values, kind: .standard, column: name).width
    }
  }
}

enum LossChoice: String, ExpressibleByArgument, CaseIterable {
  case absolute
  case squared
  case huber
  case mase

  var loss: any Loss<Tensor<Float>, Tensor<Float>> {
    switch self {
    case .absolute: MeanAbsoluteError<Float>()
    case .squared: MeanSquaredError<Float>()
    case .huber: HuberLoss<Float>(threshold: 0.5)
    case .mase: MeanAbsoluteScaledError<Float>()
    }
  }
}

extension TimeStep {
  var isCount: Bool { if case .count = self { true } else { false } }

  /// What the time tells that changes from row to row.
  var calendar: [CalendarFeature] {
    switch self {
    case .count: []
    case .months: [.monthOfYear]
    case .microseconds(let time):
      time < 86_400_000_000
        ? [.hourOfDay, .dayOfWeek]
        : time < 7 * 86_400_000_000 ? [.dayOfWeek, .dayOfYear] : [.dayOfYear]
    }
  }
}
