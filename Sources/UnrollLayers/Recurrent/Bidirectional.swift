import UnrollCore

/// How the outputs of two directions become one.
public enum DirectionMerging: String, Codable, Sendable {
  /// Side by side: `[T, B, G]` twice gives `[T, B, 2 G]`.
  case concatenation
  /// Added up.
  case sum
  /// Added up and halved.
  case average
}

/// Layers run over a sequence in both directions (Schuster and Paliwal 1997).
///
///     a = forward(x)        b = reversed(backward(reversed(x)))
///     y_t = [ a_t | b_t ],  or a_t + b_t,  or (a_t + b_t) / 2
///
/// Each direction has layers and parameters of its own. With lengths, each sequence is reversed
/// within its length.
///
/// It is not causal: the backward direction begins at the chunk's last step and has seen all later
/// steps of the chunk, and none of the next. So sequences cut into chunks give something else than
/// sequences whole. A carried state is well defined, but the backward direction takes to the end of
/// a chunk what it had at the beginning of the chunk before; begin each sequence from a fresh
/// state.
///
/// No one step is a summary of the sequence: the forward half has read all of it at the last step,
/// the backward half at the first. ``BothEnds`` behind it takes each where it is whole;
/// ``MeanOverTime`` and ``MaxOverTime`` take all steps; ``LastStep`` behind it is refused. To add up or
/// to average both ends, put ``LastStep`` inside, where it is the last step of each direction:
///
/// ```
/// Bidirectional(merging: .sum) {
///   LSTM(inputSize: 64, hiddenSize: 128)
///   LastStep()
/// }
/// ```
///
/// # Shapes
/// Input `[T, B, F]`; output `[T, B, 2 G]`, or `[T, B, G]` where outputs are summed or averaged; the
/// layers inside give `[T, B, G]`. Where they pool the steps to `[B, G]`, output `[B, 2 G]` or `[B, G]`.
public struct Bidirectional<Element: Scalar>: Layer {
  /// The layers of one direction.
  public typealias Inner = Sequential<Tensor<Element>, Tensor<Element>, Element>

  /// The layers that read the sequence from its first step.
  public var forward: Inner
  /// The layers that read the sequence from its last step.
  public var backward: Inner
  /// How their outputs become one.
  public let merging: DirectionMerging

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
  /// Bidirectional(merging: .sum) { LSTM(inputSize: 64, hiddenSize: 128) }
  /// ```
  public init(
    merging: DirectionMerging = .concatenation,
    @LayerBuilder<Element> _ build: () -> LayerStack<Tensor<Element>, Tensor<Element>, Element>
  ) {
    forward = Inner(seed: nil, build)
    backward = Inner(seed: nil, build)
    self.merging = merging
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    forward = try container.decode(Inner.self, forKey: .forward)
    backward = try container.decode(Inner.self, forKey: .backward)
    merging =
      try container.decodeIfPresent(DirectionMerging.self, forKey: .merging) ?? .concatenation
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
    let (ahead, back) = Self.together(&state, &cache, context) { direction, state, cache, context in
      direction == .ahead
        ? forward.forward(input, state: &state, cache: &cache, in: context)
        : backward.forward(
          input.reversingSteps(lengths: lengths), state: &state, cache: &cache, in: context)
    }
    return merged(ahead, reversed(back, lengths))
  }

  private enum Direction { case ahead, back }

  /// Calls `body` for both directions, at once where there are threads, of which each has half.
  private static func together(
    _ state: inout State, _ cache: inout Cache, _ context: Context,
    _ body: @Sendable (Direction, inout Inner.State, inout Inner.Cache, Context) -> Tensor<Element>
  ) -> (ahead: Tensor<Element>, back: Tensor<Element>) {
    // States and caches in their places: held twice, they would be copied.
    var outputs = [Tensor<Element>](repeating: Tensor(shape: [0]), count: 2)
    withUnsafeMutablePointer(to: &state) { state in
      withUnsafeMutablePointer(to: &cache) { cache in
        nonisolated(unsafe) let (state, cache) = (state, cache)
        Threads.forEach(&outputs, threads: context.threads) { i, output in
          var own = context.child(i)
          own.threads = max(1, context.threads / 2)
          output =
            i == 0
            ? body(.ahead, &state.pointee.forward, &cache.pointee.forward, own)
            : body(.back, &state.pointee.backward, &cache.pointee.backward, own)
        }
      }
    }
    return (outputs[0], outputs[1])
  }

  /// What the backward direction gave, in the order of the sequence. What was pooled has none.
  private func reversed(_ back: Tensor<Element>, _ lengths: [Int]?) -> Tensor<Element> {
    back.rank > 2 ? back.reversingSteps(lengths: lengths) : back
  }

  private func merged(_ ahead: Tensor<Element>, _ back: Tensor<Element>) -> Tensor<Element> {
    Self.require(
      ahead.shape == back.shape,
      "Bidirectional: the directions give \(ahead.shape) and \(back.shape)")
    if merging == .concatenation { return .concatenatingColumns(ahead, back) }
    var sum = ahead + back
    if merging == .average { sum *= 0.5 }
    return sum
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    let lengths = context.lengths
    let (aheadGradient, backGradient) = parted(gradient)
    let backOutput = reversed(backGradient, lengths)
    let (ahead, back) = withUnsafeMutablePointer(to: &forward) { forward in
      withUnsafeMutablePointer(to: &backward) { backward in
        nonisolated(unsafe) let (forward, backward) = (forward, backward)
        return Self.together(&state, &cache, context) { direction, state, cache, context in
          direction == .ahead
            ? forward.pointee.backward(aheadGradient, state: &state, cache: &cache, in: context)
            : backward.pointee.backward(backOutput, state: &state, cache: &cache, in: context)
        }
      }
    }
    return ahead + back.reversingSteps(lengths: lengths)
  }

  /// The gradients with respect to the output of each direction.
  private func parted(_ gradient: Tensor<Element>) -> (Tensor<Element>, Tensor<Element>) {
    switch merging {
    case .concatenation:
      let half = gradient.columns / 2
      return (gradient.columns(0..<half), gradient.columns(half..<gradient.columns))
    case .sum:
      return (gradient, gradient)
    case .average:
      var half = gradient
      half *= 0.5
      return (half, half)
    }
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

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    let ahead = try forward.ends(after: input)
    // Read backward, the end of what was whole is the step that has seen nothing else.
    let back = try backward.ends(
      after: input == .whole ? .mixedDirections(kind: Self.kind) : input)
    if ahead == .pooled, back == .pooled { return .pooled }
    return merging == .concatenation
      ? .directions(kind: Self.kind) : .mixedDirections(kind: Self.kind)
  }

  public func checkState(_ state: State) throws {
    try forward.checkState(state.forward)
    try backward.checkState(state.backward)
  }

  public var innerLayers: [[any Layer<Element>]] { [forward.layers, backward.layers] }
  public func checkInput(_ input: Tensor<Element>) throws { try forward.checkInput(input) }

  public var inputFeatures: Int? { forward.inputFeatures ?? backward.inputFeatures }

  public func outputShape(of input: [Int]) throws -> [Int] {
    let output = try forward.boundedOutputShape(of: input)
    guard try backward.boundedOutputShape(of: input) == output else {
      throw ShapeError(Self.kind, expected: "directions that give the same shape", got: output)
    }
    return merging == .concatenation ? output.dropLast() + [2 * (output.last ?? 0)] : output
  }
}
