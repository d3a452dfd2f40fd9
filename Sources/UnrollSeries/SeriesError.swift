import UnrollFiles

/// Why a series has nothing to train on.
@nonexhaustive
public enum SeriesError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A series has fewer rows than one window.
  case tooShort(rows: Int, needed: Int)
  /// A number that is not finite. Rows and columns count from 0.
  case notFinite(row: Int, column: Int)
  /// Every window of the series has a number that is not finite.
  case noWholeWindow
  /// A column without a number, by its name.
  case noValues(column: String)
  /// A number that has no logarithm in a column of which it is taken.
  case noLogarithm(column: String, value: Double)
  /// A split or a calendar where rows have no time.
  case noTimes
  /// No column has the name.
  case noColumn(String, available: [String])

  /// One line: what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .tooShort(let rows, let needed):
      "a series of \(rows) rows is too short for a window, which takes \(needed); use more rows or "
        + "shorter windows"
    case .notFinite(let row, let column):
      "row \(row), column \(column) of the series is not a finite number; fill it in, or choose to "
        + "leave out the windows that have it"
    case .noWholeWindow:
      "no window of the series is without a number that is missing or not finite; fill them in, or use shorter "
        + "windows"
    case .noValues(let column):
      "column '\(oneLine(column))' has no number in the rows to learn from"
    case .noLogarithm(let column, let value):
      "column '\(oneLine(column))' has \(value), which has no logarithm; numbers are to be above 0"
    case .noTimes: "the rows have no time; name the column that has it"
    case .noColumn(let name, let available):
      "no column '\(oneLine(name))'; there are \(available.map(oneLine).joined(separator: ", "))"
    }
  }
}
