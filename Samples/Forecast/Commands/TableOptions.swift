import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// How the table is written, and what its columns are.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("What is predicted: columns, with commas between.", valueName: "COL[,COL]"))
  var target: String

  @Option(
    help: ArgumentHelp(
      "The column of times; the rows are taken as they come without.", valueName: "COL"))
  var time: String?

  @Option(
    help: ArgumentHelp(
      "How times are written: iso8601, number, or a pattern such as %d.%m.%Y. (default: iso8601, or number where the first one is)",
      valueName: "PATTERN"))
  var timeFormat: String?

  @Option(
    help: ArgumentHelp(
      "How far it is from row to row: 15min, 1h, 1d, 1mo, 1y, or a number. (default: as most rows have it)",
      valueName: "STEP"))
  var step: String?

  @Option(help: ArgumentHelp("The columns that tell series apart.", valueName: "COL[,COL]"))
  var series: String?

  @Option(help: ArgumentHelp("Numbers that are known up to now.", valueName: "COL[,COL]"))
  var past: String?

  @Option(help: ArgumentHelp("Numbers that are known ahead.", valueName: "COL[,COL]"))
  var future: String?

  @Option(help: ArgumentHelp("Categories of whole series.", valueName: "COL[,COL]"))
  var `static`: String?

  @Option(
    help: ArgumentHelp(
      "What separates fields; tab for a tab. (default: a comma, a tab in .tsv)",
      valueName: "CHARACTER"))
  var delimiter: String?

  @Flag(help: "Numbers have a decimal comma.")
  var decimalComma = false

  @Option(
    help: ArgumentHelp(
      "What stands between groups of three digits, such as . in 1.204,5. (default: nothing)",
      valueName: "CHARACTER"))
  var digitGrouping: String?

  @Option(
    help:
      "What becomes of missing numbers; interpolate looks at the next one, among the rows to learn from, and carries on after them."
  )
  var missing = MissingChoice.error

  @Option(help: "What becomes of points of time that have no row.")
  var gaps = GapChoice.refuse

  @Flag(help: "Sort the rows of each series by time.")
  var sort = false

  func validate() throws {
    let all = [target, past, future, `static`, series, time].flatMap { names($0) }
    try check(!names(target).isEmpty, "--target names no column")
    if let twice = all.indices.first(where: { all[..<$0].contains(all[$0]) }) {
      throw ValidationError("the column '\(all[twice])' is named twice; a column is one thing")
    }
    if let timeFormat { _ = try pattern(timeFormat) }
    if let step, TimeStep(step) == nil {
      throw ValidationError("--step '\(step)' is no step; \(TimeStep.spellings)")
    }
    if let delimiter { _ = try scalar(delimiter) }
    if let digitGrouping {
      try check(
        TableLayout.canGroupDigits(digitGrouping, beside: decimalComma ? .comma : .point),
        "--digit-grouping '\(digitGrouping)' is no character that can group digits beside the decimal sign"
      )
    }
    try check(
      time != nil || (step == nil && timeFormat == nil && !sort),
      "--step, --time-format and --sort are for a table with --time")
  }

  /// What the columns are to a forecaster.
  var columns: ForecastColumns {
    ForecastColumns(
      targets: names(target), past: names(past), future: names(future), categories: names(`static`))
  }

  private func names(_ list: String?) -> [String] {
    (list ?? "").split(separator: ",").map(String.init)
  }

  private func pattern(_ text: String) throws -> TimePattern {
    do {
      return try TimePattern(text)
    } catch {
      throw ValidationError("--time-format '\(text)': \(error)")
    }
  }

  private func scalar(_ text: String) throws -> Unicode.Scalar {
    let text = ["tab", "\\t"].contains(text) ? "\t" : text
    guard TableLayout.canSeparate(text), let scalar = text.unicodeScalars.first else {
      throw ValidationError("--delimiter '\(text)' is no ASCII character that can separate fields")
    }
    return scalar
  }

  /// What a model is to remember of the table.
  func layout() throws -> TableLayout {
    TableLayout(
      time: time, timeFormat: try timeFormat.map { try pattern($0) } ?? nil,
      step: step.flatMap { TimeStep($0) }, keys: names(series),
      delimiter: delimiter.map { ["tab", "\\t"].contains($0) ? "\t" : $0 },
      decimalSign: decimalComma ? .comma : .point, digitGrouping: digitGrouping,
      missing: missing.policy, gaps: gaps.policy,
      isSorted: sort)
  }
}

enum MissingChoice: String, ExpressibleByArgument, CaseIterable {
  case error
  case drop
  case carry
  case interpolate
  case keep

  var policy: MissingNumbers {
    switch self {
    case .error: .error
    case .drop: .drop
    case .carry: .carryForward
    case .interpolate: .interpolate
    case .keep: .keep
    }
  }
}

enum GapChoice: String, ExpressibleByArgument, CaseIterable {
  case refuse
  case fill
  case split

  var policy: SeriesReading.Gaps {
    switch self {
    case .refuse: .refuse
    case .fill: .fillMissing
    case .split: .split
    }
  }
}
