import UnrollCore

/// A linear map of the features at every position.
///
///     y = W x + b        dx = W^T dy        dW = sum dy x^T        db = sum dy
///
/// # Shapes
/// Input `[..., I]`, output `[..., O]`; `weight [O, I]` begins by Glorot's rule, `bias [O]` at zero.
public struct Dense<Element: Scalar>: StatelessLayer {
  /// `[O, I]`.
  public var weight: Parameter<Element>
  /// `[O]`.
  public var bias: Parameter<Element>

  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, outputSize: Int) {
    self.init(inputSize, outputSize)
  }

  private init(_ inputSize: Int, _ outputSize: Int) {
    Self.require(
      inputSize > 0 && outputSize > 0, "Dense: inputSize \(inputSize), outputSize \(outputSize)")
    weight = Parameter([outputSize, inputSize], .glorot)
    bias = Parameter([outputSize], .zeros)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    weight = try container.decode(Parameter<Element>.self, forKey: .weight)
    bias = try container.decode(Parameter<Element>.self, forKey: .bias)
    try decoder.expect(
      weight.shape.count == 2 && bias.shape == [weight.shape[0]],
      "a weight \(weight.shape) and a bias \(bias.shape) make no Dense")
  }

  /// I, the number of input features.
  public var inputSize: Int { weight.shape[1] }
  /// O, the number of output features.
  public var outputSize: Int { weight.shape[0] }

  /// The input, kept for backward; and the packed weight.
  public struct Cache: Sendable {
    var input: Tensor<Element>?
    var weight = PackedMatrix<Element>()
  }

  public func makeCache() -> Cache { Cache() }

  @specialized(where Element == Float)
  public func forward(
    _ input: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    expectInput(input)
    let input = input.zeroingPadding(in: context)
    if context.mode == .training { cache.input = input }
    cache.weight.pack(weight.value.transposed, for: context)
    return Tensor.product(input.matrix, cache.weight, bias: bias.value, threads: context.threads)
      .reshaped(input.shape.dropLast() + [outputSize])
      .zeroingPadding(in: context)
  }

  @specialized(where Element == Float)
  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard let input = cache.input.take() else {
      fatalError("Dense: backward without a forward in training before")
    }
    Self.require(
      gradient.shape == input.shape.dropLast() + [outputSize],
      "Dense output gradient: expected \(input.shape.dropLast() + [outputSize]), got \(gradient.shape)"
    )
    let gradient = gradient.zeroingPadding(in: context)
    weight.gradient.addProduct(gradient.transposed, input.matrix, threads: context.threads)
    bias.gradient.addRowSums(of: gradient, threads: context.threads)
    return Tensor.product(gradient.matrix, weight.value.matrix, threads: context.threads)
      .reshaped(input.shape)
  }

  func expectInput(_ input: Tensor<Element>) {
    Self.require(
      input.rank > 0 && input.columns == inputSize,
      "Dense input: expected [..., I \(inputSize)], got \(input.shape)")
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try visit("weight", &weight)
    try visit("bias", &bias)
  }

  public var inputFeatures: Int? { inputSize }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.last == inputSize else {
      throw ShapeError(Self.kind, expected: "[..., \(inputSize)]", got: input)
    }
    return input.dropLast() + [outputSize]
  }
}

extension Dense where Element == Float {
  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, outputSize: Int) {
    self.init(inputSize, outputSize)
  }
}
