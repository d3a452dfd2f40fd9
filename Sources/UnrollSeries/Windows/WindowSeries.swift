import UnrollCore
import UnrollFiles

/// A series made ready for a model: one column that is predicted, with those beside it.
///
/// # Shapes
/// N rows, of which the values are there; F columns of the past, K known ahead, S categories.
public struct WindowSeries: Sendable {
  /// `[N, F]`, scaled. Column 0 is what is predicted; NaN where it is missing.
  public var past: Tensor<Float>
  /// `[N', K]`: what is known, also of rows that are ahead, N' being N or more; scaled.
  public var known: Tensor<Float>
  /// S ids of what the series is.
  public var categories: [Int32]
  /// The first row that there is to be seen: before it a difference has nothing that it is from.
  public var start: Int

  /// - Precondition: `known` has a row for every row of `past`.
  public init(
    past: Tensor<Float>, known: Tensor<Float>? = nil, categories: [Int32] = [], start: Int = 0
  ) {
    past.expectShape([nil, nil], axes: "NF", of: "WindowSeries past")
    let known = known ?? Tensor(shape: [past.shape[0], 0])
    known.expectShape([nil, nil], axes: "NK", of: "WindowSeries known")
    require(
      known.shape[0] >= past.shape[0],
      "WindowSeries: \(known.shape[0]) rows are known of \(past.shape[0])")
    require(
      (0...past.shape[0]).contains(start),
      "WindowSeries: the first row to be seen is \(start) of \(past.shape[0])")
    self.past = past
    self.known = known
    self.categories = categories
    self.start = start
  }

  /// N.
  public var count: Int { past.shape[0] }

  /// For each row whether all its numbers are there.
  var isWhole: [Bool] { (0..<count).map { isWhole($0) } }

  /// Whether all numbers of a row are there; of one that is ahead, those that are known.
  public func isWhole(_ row: Int, ahead: Bool = false) -> Bool {
    func isWhole(_ tensor: Tensor<Float>) -> Bool {
      guard row < tensor.shape[0] else { return tensor.columns == 0 }
      return tensor.withUnsafeBufferPointer { x in
        (0..<tensor.columns).allSatisfy { x[row * tensor.columns + $0].isFinite }
      }
    }
    return (ahead || isWhole(past)) && isWhole(known)
  }
}
