/// What a recurrent cell does to its inputs, for all steps at once: `W_ih x + b`, or `W_ih x`.
public struct InputProjection<Element: Scalar>: Codable, Sendable {
  /// `[P, I]`.
  public var weight: Parameter<Element>
  /// `[P]`, unless there is none.
  public var bias: Parameter<Element>?

  /// - Parameters:
  ///   - inputSize: I, the number of input features.
  ///   - outputSize: P, the number of projected features: a multiple of the hidden size, mostly.
  ///   - weight: how the weight is drawn.
  ///   - bias: how the bias is drawn; `nil` for none.
  public init(
    inputSize: Int, outputSize: Int, weight: Initializer = .glorot, bias: Initializer? = .zeros
  ) {
    self.weight = Parameter([outputSize, inputSize], weight)
    self.bias = bias.map { Parameter([outputSize], $0) }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    weight = try container.decode(Parameter<Element>.self, forKey: .weight)
    bias = try container.decodeIfPresent(Parameter<Element>.self, forKey: .bias)
    try decoder.expect(
      weight.shape.count == 2 && (bias.map { $0.shape == [weight.shape[0]] } ?? true),
      "a weight \(weight.shape) and a bias \(bias?.shape ?? []) make no projection")
  }

  /// I, the number of input features.
  public var inputSize: Int { weight.shape[1] }
  /// P, the number of projected features.
  public var outputSize: Int { weight.shape[0] }

  /// `run.projected`, from `run.input` and the packed transpose of the weight.
  @specialized(where Element == Float)
  public func project(
    _ run: inout CellRun<Element>, packed: PackedMatrix<Element>, threads: Int = 1
  ) {
    // In the place of what a step before projected, if there was one.
    if run.projected.rows != run.steps * run.rows || run.projected.columns != outputSize {
      run.projected = Tensor(uninitialized: [run.steps, run.rows, outputSize]) { _ in }
    }
    run.projected.setProduct(run.input.matrix, packed, bias: bias?.value, threads: threads)
  }

  /// Adds the gradients of the weight and the bias, once `run.projected` holds its gradient.
  @specialized(where Element == Float)
  public mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    weight.gradient.addProduct(run.projected.transposed, run.input.matrix, threads: threads)
    bias?.gradient.addRowSums(of: run.projected, threads: threads)
  }

  /// Calls `visit` with `weight_ih` and, where there is one, `bias`.
  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try visit("weight_ih", &weight)
    try bias.visit("bias", visit)
  }
}
