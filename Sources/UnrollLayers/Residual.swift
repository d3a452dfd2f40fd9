import UnrollCore

/// Layers whose output is added to their input (He et al. 2016).
///
///     y = x + f(x)        dx = dy + f'(x)^T dy
///
/// # Shapes
/// Input and output `[T, B, F]`: the layers inside keep the shape.
public struct Residual<Element: Scalar>: Layer {
  /// The layers inside.
  public typealias Inner = Sequential<Tensor<Element>, Tensor<Element>, Element>

  /// The layers inside.
  public var inner: Inner

  /// ```
  /// Residual { LSTM(inputSize: 128, hiddenSize: 128) }
  /// ```
  public init(
    @LayerBuilder<Element> _ build: () -> LayerStack<Tensor<Element>, Tensor<Element>, Element>
  ) {
    inner = Inner(seed: nil, build)
  }

  public var isCausal: Bool { inner.isCausal }
  public func makeState(batch: Int) -> Inner.State { inner.makeState(batch: batch) }
  public func makeCache() -> Inner.Cache { inner.makeCache() }

  public func forward(
    _ input: Tensor<Element>, state: inout Inner.State, cache: inout Inner.Cache,
    in context: Context
  ) -> Tensor<Element> {
    let output = inner.forward(input, state: &state, cache: &cache, in: context.child(0))
    Self.require(
      output.shape == input.shape,
      "Residual: the layers inside make \(output.shape) of \(input.shape); they must keep the shape"
    )
    return output + input
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout Inner.State, cache: inout Inner.Cache,
    in context: Context
  ) -> Tensor<Element> {
    inner.backward(gradient, state: &state, cache: &cache, in: context.child(0)) + gradient
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try inner.visitParameters(visit)
  }

  public func visitState(
    _ state: inout Inner.State, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    try inner.visitState(&state, visit)
  }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    try inner.ends(after: input)
  }

  public func checkState(_ state: Inner.State) throws { try inner.checkState(state) }

  public var innerLayers: [[any Layer<Element>]] { [inner.layers] }
  public func checkInput(_ input: Tensor<Element>) throws { try inner.checkInput(input) }

  public var inputFeatures: Int? { inner.inputFeatures }

  public func outputShape(of input: [Int]) throws -> [Int] {
    let output = try inner.boundedOutputShape(of: input)
    guard output == input else {
      throw ShapeError(Self.kind, expected: "layers that keep the shape \(input)", got: output)
    }
    return output
  }
}
