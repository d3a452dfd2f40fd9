import UnrollCore

/// Writes a sequence for a sequence: an encoder reads one, a decoder writes the other, one symbol
/// after another (Cho et al. 2014; Sutskever et al. 2014), with attention to what was read or by
/// its state alone.
///
///     m   = encoder(x)                      s_0 = tanh(W_s p(m) + b_s)
///     d_t = decoder(w_{t-1}), from s_0      c_t = attention of d_t to m
///     h_t = tanh(W_c [ c_t | d_t ] + b_c)   y_t = log softmax(W h_t + b)
///
/// w is what was written, p the summary of what was read: ``LastStep``, ``BothEnds`` behind a
/// ``Bidirectional`` layer, ``MeanOverTime`` where no step has read all. s_0 is the whole of the
/// state in which the decoder begins. Attention follows the decoder's step, as in Luong et al.
/// (2015, equation 5); without it, `h_t = d_t`.
///
/// ```
/// SequenceToSequence(classes: 28, attention: .general) {
///   Embedding(vocabularySize: 30, dimension: 32)
///   Bidirectional { GRU(inputSize: 32, hiddenSize: 64) }
/// } decoder: {
///   Embedding(vocabularySize: 28, dimension: 32)
///   GRU(inputSize: 32, hiddenSize: 96)
/// }
/// ```
///
/// In training each step reads the symbol before it of the target, or, with the probability
/// ``SequencePair/sampling``, one that the network itself draws. Those are drawn first, step after
/// step and without dropout, from the random numbers of the context; no gradient goes through the
/// choice.
///
/// # Shapes
/// Input: ``SequencePair``; the lengths of the context are those of the targets. Output:
/// log-probabilities `[T, B, V]`. The encoder gives `[S, B, M]`, the decoder `[T, B, H]`;
/// `bridge.1.weight [Z, M]`, Z being the numbers of the decoder's state, `output.weight [V, H]`,
/// and with attention `combination.weight [H, M + H]`.
public struct SequenceToSequence<Element: Scalar>: LossLayer {
  /// What reads symbols.
  public typealias Network = Sequential<Tokens, Tensor<Element>, Element>
  /// What makes the decoder's first state of what the encoder gave.
  public typealias Bridge = Sequential<Tensor<Element>, Tensor<Element>, Element>

  public var encoder: Network
  public var bridge: Bridge
  public var decoder: Network
  /// `nil` where the decoder has its state alone.
  public var attention: Attention<Element>?
  /// W_c, where there is attention.
  public var combination: Dense<Element>?
  public var output: DenseSoftmax<Element>

  /// - Parameters:
  ///   - classes: V, the symbols that can be written.
  ///   - attention: how well a step of the decoder and one of the encoder match; `nil` for a
  ///     decoder by its state alone.
  ///   - encoder: what reads, from an embedding on.
  ///   - decoder: what writes, from an embedding on, without the softmax.
  /// - Precondition: both give features for each step, `[T, B, F]`; the decoder is causal and
  ///   carries a state.
  public init(
    classes: Int, attention: AttentionScore? = .general,
    @LayerBuilder<Element> encoder: () -> LayerStack<Tokens, Tensor<Element>, Element>,
    @LayerBuilder<Element> decoder: () -> LayerStack<Tokens, Tensor<Element>, Element>
  ) {
    let (encoder, decoder) = (Network(seed: nil, encoder), Network(seed: nil, decoder))
    do {
      self.encoder = encoder
      self.decoder = decoder
      let (M, H) = (try Self.features(of: encoder), try Self.features(of: decoder))
      let Z = Self.initialTensors(of: decoder).reduce(0) { $0 + $1.size }
      Self.require(Z > 0, "SequenceToSequence: the decoder carries no state")
      Self.require(
        decoder.isCausal, "SequenceToSequence: the decoder is not causal; it sees what it writes")
      bridge = Self.bridge(from: encoder, size: M, to: Z)
      self.attention = attention.map { Attention(querySize: H, memorySize: M, score: $0) }
      combination = attention.map { _ in Dense(inputSize: M + H, outputSize: H) }
      output = DenseSoftmax(inputSize: H, classes: classes)
    } catch {
      fatalError("SequenceToSequence: \(error)")
    }
  }

  private static func bridge(from encoder: Network, size M: Int, to Z: Int) -> Bridge {
    let ends = (try? encoder.ends(after: .given)) ?? .given
    return Bridge(seed: nil) {
      summary(of: ends)
      Dense<Element>(inputSize: M, outputSize: Z)
      Activation<Element>(.tanh)
    }
  }

  /// What makes one step of all of them.
  @LayerBuilder<Element>
  private static func summary(
    of ends: SequenceEnds
  ) -> LayerStack<Tensor<Element>, Tensor<Element>, Element> {
    switch ends {
    case .whole: LastStep<Element>()
    case .directions: BothEnds<Element>()
    case .given, .mixedDirections, .pooled: MeanOverTime<Element>()
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    encoder = try container.decode(Network.self, forKey: .encoder)
    bridge = try container.decode(Bridge.self, forKey: .bridge)
    self.decoder = try container.decode(Network.self, forKey: .decoder)
    attention = try container.decodeIfPresent(Attention<Element>.self, forKey: .attention)
    combination = try container.decodeIfPresent(Dense<Element>.self, forKey: .combination)
    output = try container.decode(DenseSoftmax<Element>.self, forKey: .output)
    do {
      let problem = try problem()
      try decoder.expect(problem == nil, problem ?? "")
    } catch let error as ShapeError {
      try decoder.expect(false, error.description)
    }
  }

  /// What does not fit each other, if anything.
  private func problem() throws -> String? {
    let (M, H) = (try Self.features(of: encoder), try Self.features(of: decoder))
    let bridged = try bridge.boundedOutputShape(of: [2, 3, M])
    let Z = Self.initialTensors(of: decoder).reduce(0) { $0 + $1.size }
    guard Z > 0, bridged == [3, Z], decoder.isCausal else {
      return "a bridge to \(bridged) and a decoder with a state of \(Z) do not fit each other"
    }
    let attends = attention.map { $0.querySize == H && $0.memorySize == M } ?? true
    let combined = attention.map { _ in [H, M + H] }
    guard attends, combination?.weight.shape == combined, output.inputSize == H else {
      return "an encoder of \(M) features, a decoder of \(H), and what is behind them do not fit "
        + "each other"
    }
    return nil
  }

  /// The features that a network gives for each step.
  private static func features(of network: Network) throws -> Int {
    let output = try network.boundedOutputShape(of: [2, 3])
    guard output.count == 3, output.starts(with: [2, 3]) else {
      throw ShapeError(kind, expected: "layers that give features for each step", got: output)
    }
    return output[2]
  }

  /// The tensors of a state in which the decoder begins, `[B, n]` each: all but those that grow.
  static func initialTensors(of decoder: Network) -> [(name: String, size: Int)] {
    decoder.tensors(of: decoder.makeState(batch: 1)).compactMap { name, value in
      value.rank == 2 && value.columns > 0 ? (name, value.columns) : nil
    }
  }

  /// V, the symbols that can be written.
  public var classes: Int { output.classes }

  public var isCausal: Bool { false }

  public var innerLayers: [[any Layer<Element>]] {
    let attending: [any Layer<Element>] = [attention as (any Layer<Element>)?, combination]
      .compactMap { $0 }
    return [encoder.layers, bridge.layers, decoder.layers, attending, [output]]
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try encoder.visitParameters { try visit("encoder.\($0)", &$1) }
    try bridge.visitParameters { try visit("bridge.\($0)", &$1) }
    try decoder.visitParameters { try visit("decoder.\($0)", &$1) }
    try attention?.visitParameters { try visit("attention.\($0)", &$1) }
    try combination?.visitParameters { try visit("combination.\($0)", &$1) }
    try output.visitParameters { try visit("output.\($0)", &$1) }
  }

  public func checkInput(_ input: SequencePair) throws {
    try encoder.checkInput(input.source)
    try decoder.checkInput(input.decoderInput)
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 2 else {
      throw ShapeError(Self.kind, expected: "what was written [T, B]", got: input)
    }
    return input + [classes]
  }
}
