import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// What is predicted from what, and by which network.
struct ForecastModelOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Rows ahead.")
  var horizon = 1

  @Option(
    parsing: .unconditional,
    help: "Rows that are seen. (default: twice the horizon, at least two seasons)")
  var window: Int?

  @Option(
    parsing: .unconditional,
    help:
      "How far it is from one row that is seen or predicted to the next: 2 for every second one.")
  var spacing = 1

  @Option(
    parsing: .unconditional,
    help: "Rows to a season. (default: by the step: 24 of hours, 7 of days, 12 of months, else 1)")
  var season: Int?

  @Option(help: "How much work goes into it: of the network, and of training.")
  var size = ForecastSize.medium

  @Option(
    help: """
      segment reads a window by segments and predicts all rows ahead at once, direct row by row; recursive reads a series number by number \
      and predicts the next, again and again.
      """)
  var model = ForecastKind.segment

  @Option(help: "The cell of the recurrent layer.")
  var cell = NamedCell.gru

  @Option(parsing: .unconditional, help: "Hidden units. (default: by --size)")
  var hidden: Int?

  @Option(
    parsing: .unconditional, help: "Dropout, 0 to below 1. (default: 0.5, 0.1 for many series)")
  var dropout: Double?

  @Option(help: "To what windows are relative. (default: last; deviation for many series)")
  var relative: RelativeChoice?

  @Option(
    help:
      "How columns are scaled: standard, min-max, robust, mean or none. (default: standard; mean for counts, none with --relative deviation)"
  )
  var scale: ColumnScale.Kind?

  @Flag(help: "Scale each series by itself, so that large ones do not outweigh small ones.")
  var perSeries = false

  @Option(
    help: ArgumentHelp(
      "Learn these quantiles, by the pinball loss; without it intervals are made of errors alone.",
      valueName: "P,P"))
  var quantiles: String?

  @Option(
    help: """
      Of --model recursive, what a number is drawn from: gaussian, student-t, or negative-binomial for counts. (default: student-t)
      """)
  var likelihood: Likelihood?

  @Flag(help: "Learn the logarithm of the targets, for what grows by shares.")
  var log = false

  @Option(
    parsing: .unconditional,
    help: "Learn how far each number is from the one so many rows before, such as a season.")
  var difference: Int?

  func validate() throws {
    try check("--horizon", horizon, in: 1...100_000)
    try check("--window", window ?? 1, in: 1...1_000_000)
    try check("--season", season ?? 1, in: 1...1_000_000)
    try check("--spacing", spacing, in: 1...1_000_000)
    try check(
      model != .recursive || spacing == 1,
      "--spacing is for other models: a recursive model reads every row")
    try check(
      (difference ?? 0) % spacing == 0,
      "--difference \(difference ?? 0) is no multiple of --spacing \(spacing)")
    try check("--hidden", hidden ?? 1, in: 1...16_384)
    try check("--difference", difference ?? 1, in: 1...1_000_000)
    try check(
      model != .recursive || relative == nil || relative == RelativeChoice.none,
      "--relative is for other models: a recursive model carries its state over all windows")
    try check(
      model != .recursive || quantiles == nil,
      "--quantiles is for other models: a recursive model draws paths, of which all quantiles can be asked"
    )
    try check(
      model == .recursive || likelihood == nil, "--likelihood is for --model recursive")
    try check(
      likelihood != .negativeBinomial
        || (!log && difference == nil && [nil, .mean, ColumnScale.Kind.none].contains(scale)),
      "--likelihood negative-binomial needs counts: --scale mean or none, no --log, no --difference"
    )
    _ = try levels()
    try check(0..<1 ~= dropout ?? 0, "--dropout is \(dropout ?? 0); it must be in 0..<1")
  }

  /// The quantiles to learn; none for points.
  func levels() throws -> [Double] {
    guard let quantiles else { return [] }
    let levels = try QuantileOptions.levels(quantiles)
    guard levels.count > 1, let first = levels.first, let last = levels.last,
      first <= 0.5, last >= 0.5
    else {
      throw ValidationError(
        "--quantiles '\(quantiles)' has to have 0.5 between its first and its last, such as 0.1,0.5,0.9"
      )
    }
    return levels
  }

  /// How the columns of a table are scaled.
  func scale(of window: WindowShape) -> ColumnScale.Kind {
    // Windows that have a scale of their own need none of the column, which would be that of the largest series.
    scale
      ?? (likelihood == .negativeBinomial
        ? .mean : window.scale == .meanAndDeviation ? .none : .standard)
  }

  /// The rows of a season of a table.
  func season(of table: SeriesTable) -> Int {
    season ?? table.series.first?.times?.step.season ?? 1
  }

  /// What a model sees and predicts.
  ///
  /// - Parameter rows: those to learn from, of the longest series.
  func window(of table: SeriesTable, rows: Int, path: String) throws -> WindowShape {
    let wanted = window ?? max(2 * horizon, 2 * season(of: table), 8)
    let most = (rows - (difference ?? 0)) / spacing - horizon
    guard most >= 1 else {
      throw ProgramError(
        description:
          "\(path): \(rows) rows to learn from are too few to predict \(horizon) rows ahead; use "
          + "more rows, or a shorter --horizon")
    }
    let length = window == nil ? min(wanted, max(1, most / 2)) : wanted
    let relative =
      relative ?? (model == .recursive ? .none : table.series.count > 1 ? .deviation : .last)
    return WindowShape(
      length: length, horizon: horizon, spacing: spacing,
      leastRows: min(length, max(1, length / 2)), scale: relative.scale)
  }

  /// All of it, for a run that goes on.
  var described: String {
    "\(model) \(horizon) \(window ?? 0) \(spacing) \(size) \(cell) \(hidden ?? 0) \(dropout ?? -1) "
      + "\(relative.map { "\($0)" } ?? "") \(log) \(difference ?? 0) \(scale?.rawValue ?? "") "
      + "\(perSeries) \(quantiles ?? "") \(likelihood?.rawValue ?? "")"
  }

  func configuration(of table: SeriesTable) -> Forecaster.Configuration {
    Forecaster.Configuration(
      kind: model == .direct ? .direct : .segment, cell: cell, hidden: hidden ?? size.hidden,
      dropout: dropout ?? (table.series.count > 20 ? 0.1 : 0.5))
  }
}

/// The kinds of forecasters.
enum ForecastKind: String, ExpressibleByArgument, CaseIterable {
  case segment
  case direct
  case recursive
}

/// How much work goes into a forecaster.
extension ColumnScale.Kind: @retroactive ExpressibleByArgument {}
extension Likelihood: @retroactive ExpressibleByArgument {}

enum ForecastSize: String, ExpressibleByArgument, CaseIterable {
  case small
  case medium
  case large

  var hidden: Int {
    switch self {
    case .small: 64
    case .medium: 256
    case .large: 512
    }
  }

  /// The steps of training.
  func steps(batchesPerEpoch: Int) -> Int {
    let epochs =
      switch self {
      case .small: 3.0
      case .medium: 5.0
      case .large: 8.0
      }
    let (least, most) = (Int(epochs * 120), Int(epochs * 400))
    return min(most, max(least, Int(epochs * Double(batchesPerEpoch))))
  }
}

enum RelativeChoice: String, ExpressibleByArgument, CaseIterable {
  case none
  case last
  case deviation

  var scale: WindowScale {
    switch self {
    case .none: .none
    case .last: .last
    case .deviation: .meanAndDeviation
    }
  }
}

extension TimeStep {
  /// How many of them are what people call a season: a day, a week or a year.
  var season: Int {
    switch self {
    case .count: return 1
    case .months(let months): return months < 12 && 12 % months == 0 ? 12 / months : 1
    case .microseconds(let time):
      let (hour, day) = (3_600_000_000 as Int64, 86_400_000_000 as Int64)
      if time <= hour { return day % time == 0 ? Int(day / time) : 1 }
      return time < 7 * day && 7 * day % time == 0 ? Int(7 * day / time) : 1
    }
  }
}
