import UnrollCore
import UnrollFiles

/// A series in parts by time: what to train on, then what to validate on, then what to test on.
///
/// No row is in two parts. So no window crosses a border, and nothing of a later part is seen in an
/// earlier one. Of N rows the last two parts have `fraction * N`, rounded.
public struct ChronologicalSplit: Sendable, Equatable {
  /// The fraction to validate on.
  public let validation: Double
  /// The fraction to test on.
  public let test: Double

  /// - Precondition: the fractions are at least 0 and together below 1.
  public init(validation: Double, test: Double = 0) {
    require(
      validation >= 0 && test >= 0 && validation + test < 1,
      "ChronologicalSplit: fractions of at least 0 that are together below 1, not \(validation) and "
        + "\(test)")
    self.validation = validation
    self.test = test
  }

  /// The rows of each part, of as many in all. A part may have none.
  public func ranges(
    rows: Int
  ) -> (training: Range<Int>, validation: Range<Int>, test: Range<Int>) {
    let testStart = rows - Int((Double(rows) * test).rounded())
    let validationStart = max(0, testStart - Int((Double(rows) * validation).rounded()))
    return (0..<validationStart, validationStart..<testStart, testStart..<rows)
  }

  /// The parts of a series `[N, ...]`.
  public func split(
    _ series: Tensor<Float>
  ) -> (training: Tensor<Float>, validation: Tensor<Float>, test: Tensor<Float>) {
    require(series.rank >= 1, "ChronologicalSplit: a series without an axis of time")
    let ranges = ranges(rows: series.shape[0])
    return (
      series.steps(ranges.training), series.steps(ranges.validation), series.steps(ranges.test)
    )
  }
}
