import UnrollCore

/// Layers that forget what they computed and compute it again on the way back, piece after piece, so that
/// memory does not grow with the length of a sequence (Chen et al. 2016).
///
/// Forward, the state before each piece of `every` steps is kept, and the input; nothing else. Backward
/// goes from the last piece to the first: forward again from its state, then back.
///
/// Outputs and gradients are the same bytes as without it, for built-in layers and others that add up
/// their gradients by ``Tensor/addProduct(_:_:rows:threads:)`` and ``Tensor/addRowSums(of:threads:)``.
/// Dropout inside drops the same, both times. It costs one more forward.
///
/// ```
/// Recompute(every: 64) {
///   LSTM(inputSize: 128, hiddenSize: 512)
///   LSTM(inputSize: 512, hiddenSize: 512)
/// }
/// ```
///
/// # Shapes
/// Input `[T, B, F]`, output `[T, B, F']`: layers that go through time step by step. A `Bidirectional`,
/// which reads the end of a sequence first, and pooling have no place inside.
public struct Recompute<Element: Scalar>: Layer {
  /// The layers inside.
  public typealias Inner = Sequential<Tensor<Element>, Tensor<Element>, Element>

  /// The layers inside.
  public var inner: Inner
  /// How many steps a piece has.
  public let every: Int

  /// What forward keeps: the input, and the states before the pieces.
  public struct Cache: Sendable {
    var input: Tensor<Element>?
    var states: [Inner.State] = []
    var inner: Inner.Cache
  }

  /// - Parameter every: how many steps a piece has. The square root of a sequence's length keeps about
  ///   the least memory.
  /// - Precondition: it is positive, and the layers inside are causal.
  public init(
    every: Int,
    @LayerBuilder<Element> _ build: () -> LayerStack<Tensor<Element>, Tensor<Element>, Element>
  ) {
    self.init(every, Inner(seed: nil, build))
  }

  private init(_ every: Int, _ inner: Inner) {
    (self.every, self.inner) = (every, inner)
    if let problem { Self.require(false, "Recompute: \(problem)") }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    inner = try container.decode(Inner.self, forKey: .inner)
    every = try container.decode(Int.self, forKey: .every)
    try decoder.expect(problem == nil, "Recompute: \(problem ?? "")")
  }

  private var problem: String? {
    if every < 1 { return "pieces of \(every) steps" }
    return inner.isCausal
      ? nil : "the layers inside look at later steps, of which a piece knows nothing"
  }

  public func makeState(batch: Int) -> Inner.State { inner.makeState(batch: batch) }
  public func makeCache() -> Cache { Cache(inner: inner.makeCache()) }

  public func forward(
    _ input: Tensor<Element>, state: inout Inner.State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, inner.inputFeatures], axes: "TBF", of: "Recompute input")
    guard context.mode == .training else {
      return inner.forward(input, state: &state, cache: &cache.inner, in: context.child(0))
    }
    cache.input = input
    cache.states = []
    var output: Tensor<Element>?
    for piece in pieces(of: input) {
      cache.states.append(state)
      // What this forward keeps is not needed: nothing goes back through it.
      var forgotten = inner.makeCache()
      let part = inner.forward(
        input.steps(piece), state: &state, cache: &forgotten, in: context.child(0).of(piece))
      Self.require(
        part.rank == 3 && part.shape[0] == piece.count,
        "Recompute: the layers inside make \(part.shape) of \(piece.count) steps")
      // Taken out: held twice, it would be copied.
      var all =
        output.take() ?? Tensor(uninitialized: [input.shape[0]] + part.shape.dropFirst()) { _ in }
      all.setSteps(piece, to: part)
      output = all
    }
    return output ?? inner.forward(input, state: &state, cache: &cache.inner, in: context.child(0))
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout Inner.State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard let input = cache.input.take() else {
      fatalError("Recompute: backward without a forward in training before")
    }
    Self.require(
      gradient.rank == 3 && gradient.shape[0] == input.shape[0],
      "Recompute output gradient: got \(gradient.shape) for \(input.shape[0]) steps")
    var inputGradient = Tensor<Element>(uninitialized: input.shape) { _ in }
    for piece in pieces(of: input).reversed() {
      let context = context.child(0).of(piece)
      var before = cache.states.removeLast()
      var kept = inner.makeCache()
      _ = inner.forward(input.steps(piece), state: &before, cache: &kept, in: context)
      inputGradient.setSteps(
        piece,
        to: inner.backward(
          gradient.steps(piece), state: &state, cache: &kept, in: context))
    }
    return inputGradient
  }

  private func pieces(of input: Tensor<Element>) -> [Range<Int>] {
    let time = input.shape[0]
    return stride(from: 0, to: time, by: every).map { $0..<min($0 + every, time) }
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
    guard input.count == 3, output.count == 3, output[0] == input[0] else {
      throw ShapeError(Self.kind, expected: "layers that keep the steps of \(input)", got: output)
    }
    return output
  }
}

extension Context {
  /// The context of some of the steps.
  fileprivate func of(_ piece: Range<Int>) -> Context {
    var context = self
    context.firstStep += piece.lowerBound
    context.lengths = lengths?.map { max(0, min($0 - piece.lowerBound, piece.count)) }
    // Streams begin anew at the first piece only.
    if piece.lowerBound > 0 { context.restarts = nil }
    return context
  }
}
