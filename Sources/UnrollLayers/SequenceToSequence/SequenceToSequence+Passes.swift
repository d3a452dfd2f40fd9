import UnrollCore

extension SequenceToSequence {
  /// What forward keeps.
  public struct Cache: Sendable {
    var encoder: Network.Cache
    var bridge: Bridge.Cache
    var decoder: Network.Cache
    var attention = Attention<Element>.Cache()
    var combination = Dense<Element>.Cache()
    var output: DenseSoftmax<Element>.Cache
    var kept: Kept?
  }

  /// What backward needs beside what the parts keep.
  struct Kept: Sendable {
    /// The steps of the sources that count.
    var sourceLengths: [Int]
    /// The shape of what the encoder gave, `[S, B, M]`.
    var encoded: [Int]
    /// h, `[T, B, H]`, where there is attention.
    var hidden: Tensor<Element>?
    /// Zeros: the gradients with respect to the last states.
    var reading: Network.State
    var writing: Network.State
  }

  public func makeCache() -> Cache {
    Cache(
      encoder: encoder.makeCache(), bridge: bridge.makeCache(), decoder: decoder.makeCache(),
      output: output.makeCache())
  }

  public func forward(
    _ input: SequencePair, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    let hidden = hidden(input, &cache, context)
    return output.forward(
      hidden, state: &state, cache: &cache.output, in: Self.part(.output, of: context))
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout Void, cache: inout Cache, in context: Context
  ) -> NoGradient {
    hiddenBackward(
      output.backward(
        gradient, state: &state, cache: &cache.output, in: Self.part(.output, of: context)),
      &cache, context)
  }

  public func loss(
    _ input: SequencePair, of targets: Tokens, state: inout Void, cache: inout Cache,
    in context: Context
  ) -> LossSum {
    let hidden = hidden(input, &cache, context)
    return output.loss(
      hidden, of: targets, state: &state, cache: &cache.output, in: Self.part(.output, of: context))
  }

  public mutating func lossBackward(
    scale: Double, state: inout Void, cache: inout Cache, in context: Context
  ) -> NoGradient {
    hiddenBackward(
      output.lossBackward(
        scale: scale, state: &state, cache: &cache.output, in: Self.part(.output, of: context)),
      &cache, context)
  }

  /// The parts, each with random numbers of its own.
  enum Part: Int {
    case encoder, bridge, decoder, attention, combination, output, sampling
  }

  /// The context of a part. Every call is of whole sequences: none goes on from a call before.
  ///
  /// - Parameter lengths: those of the sources, for the parts that read them.
  static func part(_ part: Part, of context: Context, lengths: [Int]? = nil) -> Context {
    var own = context.child(part.rawValue)
    own.restarts = nil
    if let lengths { own.lengths = lengths }
    return own
  }

  /// What the softmax sees, `[T, B, H]`.
  private func hidden(
    _ input: SequencePair, _ cache: inout Cache, _ context: Context
  ) -> Tensor<Element> {
    let lengths = input.sourceLengths
    var reading = encoder.makeState(batch: input.batch)
    let memory = encoder.forward(
      input.source, state: &reading, cache: &cache.encoder,
      in: Self.part(.encoder, of: context, lengths: lengths))
    var writing = beginning(
      memory, &cache.bridge, Self.part(.bridge, of: context, lengths: lengths))
    let isTraining = context.mode == .training
    let read =
      isTraining && input.sampling > 0
      ? drawn(input, memory, from: writing, context) : input.decoderInput
    let decoded = decoder.forward(
      read, state: &writing, cache: &cache.decoder, in: Self.part(.decoder, of: context))
    var hidden = decoded
    if let attention, let combination {
      let seen = attention.forward(
        AttentionInput(queries: decoded, memory: memory, memoryLengths: lengths),
        cache: &cache.attention, in: Self.part(.attention, of: context))
      hidden = combination.forward(
        .concatenatingColumns(seen, decoded), cache: &cache.combination,
        in: Self.part(.combination, of: context)
      ).tanh()
    }
    if isTraining {
      cache.kept = Kept(
        sourceLengths: lengths, encoded: memory.shape, hidden: attention == nil ? nil : hidden,
        reading: encoder.zeros(like: reading), writing: decoder.zeros(like: writing))
    }
    return hidden
  }

  /// - Parameter gradient: dh, `[T, B, H]`.
  private mutating func hiddenBackward(
    _ gradient: Tensor<Element>, _ cache: inout Cache, _ context: Context
  ) -> NoGradient {
    guard var kept = cache.kept.take() else {
      fatalError("SequenceToSequence: backward without a forward in training before")
    }
    let (M, lengths) = (kept.encoded[2], kept.sourceLengths)
    var decoded = gradient
    var memory = Tensor<Element>(shape: kept.encoded)
    if let hidden = kept.hidden {
      // Through h = tanh(W_c [ c | d ] + b_c).
      let both =
        combination?.backward(
          gradient * (1 - hidden * hidden), cache: &cache.combination,
          in: Self.part(.combination, of: context)) ?? gradient
      decoded = both.columns(M..<both.columns)
      if let attended = attention?.backward(
        both.columns(0..<M), cache: &cache.attention, in: Self.part(.attention, of: context))
      {
        decoded += attended.queries
        memory = attended.memory
      }
    }
    _ = decoder.backward(
      decoded, state: &kept.writing, cache: &cache.decoder, in: Self.part(.decoder, of: context))
    memory += bridge.backward(
      beginningGradient(kept.writing), cache: &cache.bridge,
      in: Self.part(.bridge, of: context, lengths: lengths))
    return encoder.backward(
      memory, state: &kept.reading, cache: &cache.encoder,
      in: Self.part(.encoder, of: context, lengths: lengths))
  }

  /// The state in which the decoder begins, of what the encoder gave, `[S, B, M]`.
  func beginning(
    _ memory: Tensor<Element>, _ cache: inout Bridge.Cache, _ context: Context
  ) -> Network.State {
    let values = bridge.forward(memory, cache: &cache, in: context)
    var (state, start) = (decoder.makeState(batch: memory.shape[1]), 0)
    decoder.visitState(&state) { _, tensor in
      guard tensor.rank == 2, tensor.columns > 0 else { return }
      let width = tensor.columns
      tensor = values.columns(start..<(start + width))
      start += width
    }
    return state
  }

  /// The gradient with respect to what the bridge gave, `[B, Z]`.
  private func beginningGradient(_ state: Network.State) -> Tensor<Element> {
    .concatenatingColumns(
      decoder.tensors(of: state).map(\.value).filter { $0.rank == 2 && $0.columns > 0 })
  }
}

extension Sequential where Input == Tensor<Element>, Output == Tensor<Element> {
  /// Forward of layers from a fresh state, which is forgotten.
  fileprivate func forward(
    _ input: Input, cache: inout Cache, in context: Context
  ) -> Output {
    var state = makeState(batch: input.shape[1])
    return forward(input, state: &state, cache: &cache, in: context)
  }

  fileprivate mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    var state = makeState(batch: gradient.shape[0])
    return backward(gradient, state: &state, cache: &cache, in: context)
  }
}
