import UnrollCore

/// Two stacks that see the same input, with their outputs side by side: a recurrent branch beside a
/// convolutional one (LSTM-FCN, Karim et al. 2018).
///
///     y = [ f(x) | g(x) ]        dx = f'(x)^T dy_f + g'(x)^T dy_g
///
/// ```
/// Parallel {
///   GRU(inputSize: 12, hiddenSize: 64)
///   LastStep()
/// } beside: {
///   Convolution(inputSize: 12, outputSize: 64, width: 7)
///   Activation(.relu)
///   MeanOverTime()
/// }
/// Dense(inputSize: 128, outputSize: 9)
/// ```
///
/// # Shapes
/// Input `[T, B, F]`; outputs `[T, B, G]` and `[T, B, H]` make `[T, B, G + H]`, pooled ones `[B, G]` and `[B, H]` make
/// `[B, G + H]`. Parameters are named `first.` and `second.`
public struct Parallel<Element: Scalar>: Layer {
  /// The layers of a branch.
  public typealias Inner = Sequential<Tensor<Element>, Tensor<Element>, Element>

  public var first: Inner
  public var second: Inner

  /// The states of both branches.
  public struct State: Sendable {
    var first, second: Inner.State
  }

  /// The caches of both branches.
  public struct Cache: Sendable {
    var first, second: Inner.Cache
    /// G, the features of the first branch.
    var features = 0
  }

  public init(
    @LayerBuilder<Element> _ first: () -> LayerStack<Tensor<Element>, Tensor<Element>, Element>,
    @LayerBuilder<Element> beside second: () -> LayerStack<
      Tensor<Element>, Tensor<Element>, Element
    >
  ) {
    self.first = Inner(seed: nil, first)
    self.second = Inner(seed: nil, second)
  }

  public var isCausal: Bool { first.isCausal && second.isCausal }

  public func makeState(batch: Int) -> State {
    State(first: first.makeState(batch: batch), second: second.makeState(batch: batch))
  }

  public func makeCache() -> Cache {
    Cache(first: first.makeCache(), second: second.makeCache())
  }

  public func forward(
    _ input: Tensor<Element>, state: inout State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    let f = first.forward(
      input, state: &state.first, cache: &cache.first, in: context.child(0))
    let g = second.forward(
      input, state: &state.second, cache: &cache.second, in: context.child(1))
    Self.require(
      f.shape.dropLast() == g.shape.dropLast(),
      "Parallel: outputs \(f.shape) and \(g.shape) do not lie side by side")
    cache.features = f.columns
    return Tensor.concatenatingColumns(f, g)
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    Self.require(
      gradient.rank > 0 && gradient.columns > cache.features,
      "Parallel output gradient: expected more than the \(cache.features) features of the first "
        + "branch, got \(gradient.shape)")
    let df = gradient.columns(0..<cache.features)
    let dg = gradient.columns(cache.features..<gradient.columns)
    return first.backward(df, state: &state.first, cache: &cache.first, in: context.child(0))
      + second.backward(dg, state: &state.second, cache: &cache.second, in: context.child(1))
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try first.visitParameters { try visit("first.\($0)", &$1) }
    try second.visitParameters { try visit("second.\($0)", &$1) }
  }

  public func visitState(
    _ state: inout State, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    try first.visitState(&state.first) { try visit("first.\($0)", &$1) }
    try second.visitState(&state.second) { try visit("second.\($0)", &$1) }
  }

  public func checkState(_ state: State) throws {
    try first.checkState(state.first)
    try second.checkState(state.second)
  }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    let (f, g) = (try first.ends(after: input), try second.ends(after: input))
    switch (f, g) {
    case (.pooled, .pooled): return .pooled
    case (.directions(let kind), _), (_, .directions(let kind)), (.mixedDirections(let kind), _),
      (_, .mixedDirections(let kind)):
      return .mixedDirections(kind: kind)
    case (.whole, .whole): return .whole
    default: return .given
    }
  }

  public var innerLayers: [[any Layer<Element>]] { [first.layers, second.layers] }

  public func checkInput(_ input: Tensor<Element>) throws {
    try first.checkInput(input)
    try second.checkInput(input)
  }

  public var inputFeatures: Int? { first.inputFeatures ?? second.inputFeatures }

  public func outputShape(of input: [Int]) throws -> [Int] {
    let f = try first.boundedOutputShape(of: input)
    let g = try second.boundedOutputShape(of: input)
    guard let a = f.last, let b = g.last, f.dropLast() == g.dropLast() else {
      throw ShapeError(
        Self.kind, expected: "branches whose outputs lie side by side", got: f + g)
    }
    return f.dropLast() + [a + b]
  }
}
