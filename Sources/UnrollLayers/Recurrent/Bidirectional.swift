import UnrollCore

/// Layers run over a sequence in both directions, their outputs side by side (Schuster and Paliwal
/// 1997).
///
///     y_t = [ forward(x)_t | reversed(backward(reversed(x)))_t ]
///
/// Each direction has layers and parameters of its own. With lengths, each sequence is reversed
/// within its length.
///
/// # Shapes
/// Input `[T, B, F]`; output `[T, B, 2 G]`, where the layers inside give `[T, B, G]`.
public struct Bidirectional<Element: Scalar>: Layer {
  /// The layers of one direction.
  public typealias Inner = Sequential<Tensor<Element>, Tensor<Element>, Element>

  /// The layers that read the sequence from its first step.
  public var forward: Inner
  /// The layers that read the sequence from its last step.
  public var backward: Inner

  /// The states of both directions.
  public struct State: Sendable {
    var forward: Inner.State
    var backward: Inner.State
  }

  /// The caches of both directions.
  public struct Cache: Sendable {
    var forward: Inner.Cache
    var backward: Inner.Cache
  }

  /// ```
  /// Bidirectional { LSTM(inputSize: 64, hiddenSize: 128) }
  /// ```
  public init(
    @LayerBuilder<Element> _ build: () -> Stack<Tensor<Element>, Tensor<Element>, Element>
  ) {
    forward = Inner(build)
    backward = Inner(build)
  }

  public var isCausal: Bool { false }

  public func makeState(batch: Int) -> State {
    State(forward: forward.makeState(batch: batch), backward: backward.makeState(batch: batch))
  }

  public func makeCache() -> Cache {
    Cache(forward: forward.makeCache(), backward: backward.makeCache())
  }

  public func forward(
    _ input: Tensor<Element>, state: inout State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    let lengths = context.lengths
    let ahead = forward.forward(
      input, state: &state.forward, cache: &cache.forward, in: context.child(0))
    let back = backward.forward(
      input.reversingSteps(lengths: lengths), state: &state.backward, cache: &cache.backward,
      in: context.child(1))
    return .concatenatingColumns(ahead, back.reversingSteps(lengths: lengths))
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    let lengths = context.lengths
    let half = gradient.columns / 2
    let ahead = forward.backward(
      gradient.columns(0..<half), state: &state.forward, cache: &cache.forward,
      in: context.child(0))
    let back = backward.backward(
      gradient.columns(half..<(2 * half)).reversingSteps(lengths: lengths),
      state: &state.backward, cache: &cache.backward, in: context.child(1))
    return ahead + back.reversingSteps(lengths: lengths)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try forward.visitParameters { try visit("forward.\($0)", &$1) }
    try backward.visitParameters { try visit("backward.\($0)", &$1) }
  }

  public func visitState(
    _ state: inout State, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    try forward.visitState(&state.forward) { try visit("forward.\($0)", &$1) }
    try backward.visitState(&state.backward) { try visit("backward.\($0)", &$1) }
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    let output = try forward.outputShape(of: input)
    guard try backward.outputShape(of: input) == output else {
      throw ShapeError(Self.kind, expected: "directions that give the same shape", got: output)
    }
    return output.dropLast() + [2 * (output.last ?? 0)]
  }
}
