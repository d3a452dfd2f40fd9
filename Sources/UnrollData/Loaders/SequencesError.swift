/// Why data are no sequences to train on.
public enum SequencesError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is not a single sequence.
  case none
  /// Every step is to have a target, and a sequence has no step that has one. Sequences count from
  /// 0.
  case noTargets(sequence: Int)
  /// A number that is not finite, in a sequence.
  case notFinite(sequence: Int, step: Int, feature: Int)
  /// A series has fewer rows than one window.
  case seriesTooShort(rows: Int, needed: Int)
  /// A number that is not finite, in a series. Rows and columns count from 0.
  case seriesNotFinite(row: Int, column: Int)
  /// Every window of the series has a number that is not finite.
  case noWholeWindow
  /// A column of the series has no number at all.
  case noNumbers(column: Int)

  /// One line: what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .none: "there are no sequences; give at least one"
    case .noTargets(let sequence):
      "sequence \(sequence) has no step with a target; leave it out"
    case .notFinite(let sequence, let step, let feature):
      "feature \(feature) of step \(step) of sequence \(sequence) is not a finite number; fill it in, "
        + "or leave the sequence out"
    case .seriesTooShort(let rows, let needed):
      "a series of \(rows) rows is too short for a window, which takes \(needed); use more rows or "
        + "shorter windows"
    case .seriesNotFinite(let row, let column):
      "row \(row), column \(column) of the series is not a finite number; fill it in, or choose to "
        + "leave out the windows that have it"
    case .noWholeWindow:
      "no window of the series is without a number that is not finite; fill them in, or use shorter "
        + "windows"
    case .noNumbers(let column): "column \(column) of the series has no number in it"
    }
  }
}
