import UnrollFiles

/// What a forecaster sees: windows of series up to a point of time, and what is known beyond it.
///
/// # Shapes
/// B windows of T rows, H rows ahead. F columns of the past, of which column 0 is what is predicted; K
/// columns that are known ahead; S categories of the whole window.
public struct WindowInput<Element: Scalar>: Signal {
  public typealias Gradient = NoGradient

  /// `[T, B, F]`.
  public var past: Tensor<Element>
  /// `[H, B, K]`.
  public var future: Tensor<Element>
  /// `[S, B]`: the ids of the first category of every window, then of the second.
  public var categories: Tokens

  /// - Precondition: the three have the same B.
  public init(past: Tensor<Element>, future: Tensor<Element>, categories: Tokens) {
    past.expectShape([nil, nil, nil], axes: "TBF", of: "WindowInput past")
    future.expectShape([nil, past.shape[1], nil], axes: "HBK", of: "WindowInput future")
    require(
      categories.batch == past.shape[1],
      "WindowInput: categories of \(categories.batch) windows, and \(past.shape[1]) windows")
    self.past = past
    self.future = future
    self.categories = categories
  }

  /// B.
  public var batch: Int { past.shape[1] }
}
