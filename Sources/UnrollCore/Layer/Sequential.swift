import UnrollFiles

/// Layers one after another, itself a layer.
///
/// ```
/// let model = Sequential(seed: 1) {
///   Embedding(vocabularySize: 65, dimension: 64)
///   for layer in 0..<2 { LSTM(inputSize: layer == 0 ? 64 : 128, hiddenSize: 128) }
///   DenseSoftmax(inputSize: 128, classes: 65)
/// }
/// ```
///
/// The wiring is checked when the program is compiled, and again when a model is loaded. Parameters
/// and state tensors are named by position: `1.weight_ih`.
public struct Sequential<Input: Signal, Output: Signal, Element: Scalar>: Layer {
  /// The states of the layers, in order.
  public struct State: Sendable {
    var states: [any Sendable]

    /// The number of layers.
    public var count: Int { states.count }

    /// The state of the layer at a position, or the gradient of it: to look into, or to hand over to
    /// another stack, such as from an encoder to a decoder.
    ///
    /// ```
    /// decoding[1, as: LSTM<Float>.self] = encoding[1, as: LSTM<Float>.self]
    /// ```
    ///
    /// - Precondition: the layer is of this type.
    public subscript<L: Layer>(index: Int, as layer: L.Type) -> L.State {
      get { Self.cast(states[index], index, L.self) }
      set {
        let _: L.State = Self.cast(states[index], index, L.self)
        states[index] = newValue
      }
    }

    private static func cast<L: Layer>(
      _ state: any Sendable, _ index: Int, _ layer: L.Type
    ) -> L.State {
      guard let state = state as? L.State else {
        fatalError(
          "layer \(index) has the state \(readableName(of: type(of: state))), not that of "
            + readableName(of: L.self))
      }
      return state
    }
  }

  /// The caches of the layers, in order.
  public struct Cache: Sendable {
    var caches: [any Sendable]

    /// The cache of the layer at a position, to be looked into by one who knows the layer.
    public subscript(index: Int) -> any Sendable { caches[index] }
  }

  /// The layers, first to last.
  public private(set) var layers: [any Layer<Element>]

  /// Stacks layers and draws their parameters.
  ///
  /// - Parameter seed: what they are drawn from; with `nil` they are all zero, and hold no memory.
  /// - Precondition: each layer takes as many features as the one before it gives, and none takes one
  ///   step for the summary of a sequence that it is not, see ``Layer/ends(after:)``.
  public init(
    seed: UInt64? = 0, @LayerBuilder<Element> _ build: () -> LayerStack<Input, Output, Element>
  ) {
    self.init(seed: seed, checking: build())
  }

  private init(seed: UInt64?, checking stack: LayerStack<Input, Output, Element>) {
    layers = stack.layers
    do {
      try checkSizes()
      _ = try ends(after: .given)
    } catch {
      fatalError("\(error)")
    }
    if let seed { initialize(seed: seed) }
  }

  /// Stacks layers that are known at run time only, and draws their parameters.
  ///
  /// ```
  /// let stack = try Sequential<Tensor<Float>, Tensor<Float>, Float>(layers: list, seed: 1)
  /// ```
  ///
  /// - Parameters:
  ///   - layers: first to last, at least one.
  ///   - seed: what they are drawn from; with `nil` they are all zero, and hold no memory.
  /// - Throws: ``StackError`` where a layer does not take what the one before it gives, or as many
  ///   features, or takes one step for the summary of a sequence that it is not.
  public init(layers: [any Layer<Element>], seed: UInt64? = 0) throws {
    guard !layers.isEmpty else { throw StackError("a stack needs at least one layer") }
    var signal: any Any.Type = Input.self
    for (i, layer) in layers.enumerated() {
      let type = type(of: layer)
      guard type.inputType == signal else {
        throw StackError(
          "layer \(i), \(type.kind), takes \(type.inputType), and gets \(signal)")
      }
      signal = type.outputType
    }
    guard signal == Output.self else {
      throw StackError("the last layer gives \(signal), not \(Output.self)")
    }
    self.layers = layers
    try checkSizes()
    _ = try ends(after: .given)
    if let seed { initialize(seed: seed) }
  }

  /// The number of layers.
  public var count: Int { layers.count }
  /// The layer at a position.
  public subscript(index: Int) -> any Layer<Element> { layers[index] }

  public var isCausal: Bool { layers.allSatisfy { $0.isCausal } }

  public func makeState(batch: Int) -> State {
    State(states: layers.map { $0.erasedState(batch: batch) })
  }

  public func makeCache() -> Cache {
    Cache(caches: layers.map { $0.erasedCache() })
  }

  public func forward(
    _ input: Input, state: inout State, cache: inout Cache, in context: Context
  ) -> Output {
    cast(forward(input, upTo: count, &state, &cache, context), "output")
  }

  public mutating func backward(
    _ gradient: Output.Gradient, state: inout State, cache: inout Cache, in context: Context
  ) -> Input.Gradient {
    backward(gradient, from: count, &state, &cache, context)
  }

  private func forward(
    _ input: Input, upTo end: Int, _ state: inout State, _ cache: inout Cache, _ context: Context
  ) -> any Sendable {
    checkParts(state, cache)
    var signal: any Sendable = input
    for i in 0..<end {
      signal = layers[i].erasedForward(
        signal, state: &state.states[i], cache: &cache.caches[i], in: context.child(i))
    }
    return signal
  }

  private mutating func backward(
    _ gradient: any Sendable, from end: Int, _ state: inout State, _ cache: inout Cache,
    _ context: Context
  ) -> Input.Gradient {
    checkParts(state, cache)
    var signal = gradient
    for i in (0..<end).reversed() {
      signal = layers[i].erasedBackward(
        signal, state: &state.states[i], cache: &cache.caches[i], in: context.child(i))
    }
    return cast(signal, "input gradient")
  }

  private func checkParts(_ state: State, _ cache: Cache) {
    Self.require(
      state.states.count == count && cache.caches.count == count,
      "Sequential of \(count) layers: got the states of \(state.states.count) and the caches of "
        + "\(cache.caches.count)")
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    for i in layers.indices {
      try layers[i].visitParameters { try visit("\(i).\($0)", &$1) }
    }
  }

  public func visitState(
    _ state: inout State, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    for i in layers.indices {
      try layers[i].erasedVisitState(&state.states[i]) { try visit("\(i).\($0)", &$1) }
    }
  }

  public func checkState(_ state: State) throws {
    for (layer, state) in zip(layers, state.states) { try layer.erasedCheckState(state) }
  }

  public var innerLayers: [[any Layer<Element>]] { [layers] }

  public func checkInput(_ input: Input) throws {
    try layers.first?.erasedCheckInput(input)
    try checkInputShape(input)
  }

  public var inputFeatures: Int? { StackShapes.features(of: layers) }

  public func outputShape(of input: [Int]) throws -> [Int] {
    if let problem = ShapeLimits.problem(of: input) { throw ShapeError(tooLarge: problem) }
    return try layers.reduce(input) { try $1.boundedOutputShape(of: $0) }
  }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    var ends = input
    for (i, layer) in layers.enumerated() {
      do {
        ends = try layer.ends(after: ends)
      } catch let error as StackError {
        throw StackError("layer \(i), \(error.description)")
      }
    }
    return ends
  }
}

extension Sequential where Element == Float {
  /// Stacks layers and draws their parameters, in single precision where nothing says otherwise: layers
  /// within the braces take the precision of the stack.
  ///
  /// - Parameter seed: what they are drawn from; with `nil` they are all zero, and hold no memory.
  /// - Precondition: as that of ``init(seed:_:)``.
  public init(
    seed: UInt64? = 0, @LayerBuilder<Float> _ build: () -> LayerStack<Input, Output, Float>
  ) {
    self.init(seed: seed, checking: build())
  }
}

extension Sequential: LossLayer {
  /// Whether the last layer is a ``LossLayer`` that has a loss, so that
  /// ``loss(_:of:state:cache:in:)`` can be used.
  public var endsInLoss: Bool { (layers.last as? any LossLayer<Element>)?.endsInLoss ?? false }

  /// The loss of targets, computed by the last layer.
  ///
  /// - Precondition: ``endsInLoss``.
  public func loss(
    _ input: Input, of targets: Tokens, state: inout State, cache: inout Cache, in context: Context
  ) -> LossSum {
    guard let last = layers.last as? any LossLayer<Element> else {
      fatalError("Sequential: the last layer is no LossLayer")
    }
    let end = count - 1
    let signal = forward(input, upTo: end, &state, &cache, context)
    return last.erasedLoss(
      signal, of: targets, state: &state.states[end], cache: &cache.caches[end],
      in: context.child(end))
  }

  /// The gradient of `scale` times the loss, back to the input.
  ///
  /// - Precondition: ``endsInLoss``.
  public mutating func lossBackward(
    scale: Double, state: inout State, cache: inout Cache, in context: Context
  ) -> Input.Gradient {
    // Taken out of the array: held twice, its parameters would be copied on the first write.
    guard var last = layers.removeLast() as? any LossLayer<Element> else {
      fatalError("Sequential: the last layer is no LossLayer")
    }
    let end = layers.count
    let gradient = last.erasedLossBackward(
      scale: scale, state: &state.states[end], cache: &cache.caches[end], in: context.child(end))
    layers.append(last)
    return backward(gradient, from: end, &state, &cache, context)
  }
}

/// A stack whose layers can be told from each other, to name the one that is to blame.
package protocol NamedLayers {
  /// The kinds of the layers, first to last.
  var kinds: [String] { get }

  /// The position of the first layer of which an output is not finite; `nil` where all are.
  ///
  /// - Parameters:
  ///   - input: one that the stack takes.
  ///   - state: one of the stack.
  func firstNotFinite(_ input: any Sendable, from state: any Sendable, in context: Context) -> Int?
}

extension Sequential: NamedLayers {
  package var kinds: [String] { layers.map { type(of: $0).kind } }

  package func firstNotFinite(
    _ input: any Sendable, from state: any Sendable, in context: Context
  ) -> Int? {
    guard var state = state as? State else { return nil }
    var (signal, cache) = (input, makeCache())
    return layers.indices.first { i in
      signal = layers[i].erasedForward(
        signal, state: &state.states[i], cache: &cache.caches[i], in: context.child(i))
      return (signal as? Tensor<Element>)?.sumOfSquares().isFinite == false
    }
  }
}

extension Sequential: Codable {
  private enum Key: String, CodingKey {
    case kind
    case layer
  }

  public func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    let ledger = encoder.userInfo[.parameterLedger] as? ParameterLedger
    for (index, layer) in layers.enumerated() {
      let kind = type(of: layer).kind
      var entry = list.nestedContainer(keyedBy: Key.self)
      try entry.encode(kind, forKey: .kind)
      func encode() throws { try entry.encode(layer, forKey: .layer) }
      if let ledger { try ledger.encoding(kind, at: index, encode) } else { try encode() }
    }
  }

  public init(from decoder: any Decoder) throws {
    let registry = try LayerRegistry<Element>.of(decoder)
    var list = try decoder.unkeyedContainer()
    var signal: any Any.Type = Input.self
    layers = []
    while !list.isAtEnd {
      let entry = try list.nestedContainer(keyedBy: Key.self)
      let kind = try LayerRegistry<Element>.kind(in: entry, forKey: .kind)
      guard let type = registry.layers[kind] else {
        throw DecodingError.dataCorruptedError(
          forKey: .kind, in: entry, debugDescription: "no layer of kind '\(kind.cut)' is registered"
        )
      }
      guard type.inputType == signal else {
        throw DecodingError.dataCorruptedError(
          forKey: .kind, in: entry,
          debugDescription: "'\(kind)' takes \(type.inputType), and gets \(signal)")
      }
      signal = type.outputType
      layers.append(try entry.decode(type, forKey: .layer))
    }
    guard signal == Output.self else {
      throw DecodingError.dataCorruptedError(
        in: list, debugDescription: "the last layer gives \(signal), not \(Output.self)")
    }
  }
}
