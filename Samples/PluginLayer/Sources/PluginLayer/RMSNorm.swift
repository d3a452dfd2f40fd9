import Unroll

/// Features divided by their root mean square, then scaled (Zhang and Sennrich 2019, equation 4).
///
///     s = 1 / sqrt(mean(x^2) + epsilon)      n = s x                       y = w n
///
///     g = w dy                               dx = s (g - n mean(g n))      dw = sum dy n
///
/// # Shapes
/// Input and output `[..., F]`, the means over F, the sum over the rest; `weight [F]` begins at one.
public struct RMSNorm<Element: Scalar>: StatelessLayer {
  public var weight: Parameter<Element>
  /// What keeps the division from zero where all features are zero.
  public let epsilon: Double

  /// - Precondition: `size`, F, and `epsilon` are above zero.
  public init(_ size: Int, epsilon: Double = 1e-5) {
    Self.require(size > 0 && epsilon > 0, "RMSNorm: size \(size), epsilon \(epsilon)")
    weight = Parameter([size], .ones)
    self.epsilon = epsilon
  }

  public typealias Cache = (n: Tensor<Element>, s: Tensor<Element>)?
  public func makeCache() -> Cache { nil }

  public func forward(
    _ x: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    let x = x.zeroingPadding(in: context)
    let s = mean(x * x).map { 1 / ($0 + Element(epsilon)).squareRoot() }
    let n = x.scalingRows(by: s)
    if context.mode == .training { cache = (n, s) }
    return n.scalingColumns(by: weight.value)
  }

  public mutating func backward(
    _ dy: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard let (n, s) = cache.take() else { fatalError("RMSNorm: backward before forward") }
    let dy = dy.zeroingPadding(in: context)
    weight.gradient.addRowSums(of: dy * n)
    let g = dy.scalingColumns(by: weight.value)
    return (g - n.scalingRows(by: mean(g * n))).scalingRows(by: s)
  }

  private func mean(_ x: Tensor<Element>) -> Tensor<Element> {
    x.sum(overAxis: x.rank - 1) / Element(x.columns)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try visit("weight", &weight)
  }

  public var inputFeatures: Int? { weight.count }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.suffix(1) == weight.shape[...] else {
      throw ShapeError(Self.kind, expected: "[..., \(weight.count)]", got: input)
    }
    return input
  }
}
