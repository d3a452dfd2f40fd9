import UnrollCore

/// The features of every position brought to mean 0 and variance 1, then scaled and shifted (Ba,
/// Kiros and Hinton 2016, equation 4 with the features in the place of the hidden units).
///
///     n = (x - mean(x)) / s        s = sqrt(variance(x) + epsilon)        y = w n + b
///
///     g = w dy        dx = (g - mean(g) - n mean(g n)) / s        dw = sum dy n        db = sum dy
///
/// Means are over the last axis, sums over all positions.
///
/// # Shapes
/// Input and output `[..., F]`; `weight [F]` begins at one, `bias [F]` at zero.
public struct LayerNorm<Element: Scalar>: StatelessLayer {
  /// The scale of each feature, `[F]`.
  public var weight: Parameter<Element>
  /// The shift of each feature, `[F]`.
  public var bias: Parameter<Element>
  /// What keeps the division from zero where all features are equal.
  public let epsilon: Double

  /// - Parameters:
  ///   - inputSize: F, the number of features.
  ///   - epsilon: added to the variance; above zero.
  public init(inputSize: Int, epsilon: Double = 1e-5) {
    self.init(checking: inputSize, epsilon)
  }

  private init(checking size: Int, _ epsilon: Double) {
    Self.require(
      size > 0 && epsilon > 0 && epsilon.isFinite, "LayerNorm: size \(size), epsilon \(epsilon)")
    weight = Parameter([size], .ones)
    bias = Parameter([size], .zeros)
    self.epsilon = epsilon
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    weight = try container.decode(Parameter<Element>.self, forKey: .weight)
    bias = try container.decode(Parameter<Element>.self, forKey: .bias)
    epsilon = try container.decode(Double.self, forKey: .epsilon)
    try decoder.expect(
      weight.shape.count == 1 && bias.shape == weight.shape && epsilon > 0,
      "a weight \(weight.shape), a bias \(bias.shape) and the epsilon \(epsilon) make no LayerNorm")
  }

  /// F, the number of features.
  public var size: Int { weight.shape[0] }

  /// n and the deviations, kept for backward.
  public func makeCache() -> NormalizedRows<Element>? { nil }

  public func forward(
    _ input: Tensor<Element>, cache: inout NormalizedRows<Element>?, in context: Context
  ) -> Tensor<Element> {
    Self.require(
      input.rank > 0 && input.columns == size,
      "LayerNorm input: expected [..., F \(size)], got \(input.shape)")
    let rows = NormalizedRows(
      input.zeroingPadding(in: context), epsilon: epsilon, threads: context.threads)
    if context.mode == .training { cache = rows }
    var output = rows.values.scalingColumns(by: weight.value)
    output.addToRows(bias.value)
    return output.zeroingPadding(in: context)
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout NormalizedRows<Element>?, in context: Context
  ) -> Tensor<Element> {
    guard let rows = cache.take() else {
      fatalError("LayerNorm: backward without a forward in training before")
    }
    Self.require(
      gradient.shape == rows.values.shape,
      "LayerNorm output gradient: expected \(rows.values.shape), got \(gradient.shape)")
    let gradient = gradient.zeroingPadding(in: context)
    weight.gradient.addRowSums(of: gradient * rows.values, threads: context.threads)
    bias.gradient.addRowSums(of: gradient, threads: context.threads)
    return rows.backward(gradient.scalingColumns(by: weight.value), threads: context.threads)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try visit("weight", &weight)
    try visit("bias", &bias)
  }

  public var inputFeatures: Int? { size }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.last == size else {
      throw ShapeError(Self.kind, expected: "[..., \(size)]", got: input)
    }
    return input
  }
}

extension LayerNorm where Element == Float {
  /// - Parameters:
  ///   - inputSize: F, the number of features.
  ///   - epsilon: added to the variance; above zero.
  public init(inputSize: Int, epsilon: Double = 1e-5) {
    self.init(checking: inputSize, epsilon)
  }
}
