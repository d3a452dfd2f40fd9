import UnrollFiles

/// How the rows of a series do not follow one another. Times are given as they are written.
public enum RowOrder: Equatable, Sendable {
  /// A row is earlier than the one before it, on line `line`.
  case notLater(series: String, time: String, previous: String, line: Int)
  /// Two rows of a series have one time; the other one is on line `line`.
  case sameTime(series: String, time: String, line: Int)
  /// A row is no whole number of steps after the one before it, on line `line`.
  case offStep(series: String, time: String, previous: String, line: Int, step: String)
  /// Rows are missing between the one on line `line` and this one.
  case gap(series: String, time: String, previous: String, line: Int, missing: Int, step: String)
  /// No step can be told from the times of the table: no series has two rows.
  case noStep
  /// A value is missing at the beginning of a series, where nothing can be carried on.
  case nothingToCarry(series: String)
  /// A value is missing at the beginning or the end of a series or of a part of it, where there are no two
  /// to draw a line between.
  case nothingToInterpolate(series: String)

  var explanation: String {
    switch self {
    case .notLater(let series, let time, let previous, let line):
      "\(quoted(time)) comes after \(quoted(previous)) of line \(line)\(Self.name(series)); sort the "
        + "rows by time, or ask for them to be sorted"
    case .sameTime(let series, let time, let line):
      "\(quoted(time)) is the time of line \(line) too\(Self.name(series)); leave one of the two out, "
        + "or name the column that tells their series apart"
    case .offStep(let series, let time, let previous, let line, let step):
      "\(quoted(time)) is no whole number of steps of \(step) after \(quoted(previous)) of line "
        + "\(line)\(Self.name(series)); correct it, or give the step"
    case .gap(let series, let time, let previous, let line, let missing, let step):
      "\(missing) \(missing == 1 ? "row is" : "rows are") missing between \(quoted(previous)) of line "
        + "\(line) and \(quoted(time)), by a step of \(step)\(Self.name(series)); fill them in, or "
        + "choose to have gaps filled with missing values or to split the series there"
    case .noStep: "the step cannot be told, since no series has two rows; give the step"
    case .nothingToCarry(let series):
      "the value is missing, and there is none before it\(Self.name(series)); fill it in, or choose to "
        + "leave the row out or to keep it missing"
    case .nothingToInterpolate(let series):
      "the value is missing, and there are no two to draw a line between\(Self.name(series)); fill it "
        + "in, or choose to leave the row out or to keep it missing"
    }
  }

  /// Nothing where there is one series only.
  private static func name(_ series: String) -> String {
    series.isEmpty ? "" : ", in the series \(quoted(series))"
  }
}
