import UnrollCore

extension SequenceToSequence {
  /// Where the writing for some sources stands: a value, which can be kept, copied, and put in
  /// another order.
  public struct Decoding: Sendable {
    var state: Network.State
    var memory: KeyedMemory<Element>?
    var decoder: Network.Cache
    var combination = Dense<Element>.Cache()
    var output: DenseSoftmax<Element>.Cache
  }

  /// Reads sources, before anything is written for them.
  ///
  /// - Parameters:
  ///   - source: `[S, B]`.
  ///   - lengths: the steps of each that count; all unless given.
  ///   - context: one for inference.
  public func decoding(
    of source: Tokens, lengths: [Int]? = nil, in context: Context = Context(.inference)
  ) -> Decoding {
    let lengths = lengths ?? Array(repeating: source.time, count: source.batch)
    var (state, cache) = (encoder.makeState(batch: source.batch), makeCache())
    let memory = encoder.forward(
      source, state: &state, cache: &cache.encoder,
      in: Self.part(.encoder, of: context, lengths: lengths))
    let beginning = beginning(
      memory, &cache.bridge, Self.part(.bridge, of: context, lengths: lengths))
    return decoding(of: memory, lengths, from: beginning, context)
  }

  private func decoding(
    of memory: Tensor<Element>, _ lengths: [Int], from state: Network.State, _ context: Context
  ) -> Decoding {
    Decoding(
      state: state,
      memory: attention?.keyed(memory, lengths: lengths, threads: context.threads),
      decoder: decoder.makeCache(), output: output.makeCache())
  }

  /// Takes note of a symbol that was written in each stream, the first time of the one that stands
  /// for a beginning.
  ///
  /// - Parameter context: one for inference.
  /// - Returns: the log-probabilities of what comes next, `[B, V]`.
  public func next(
    after symbols: [Int32], _ decoding: inout Decoding, in context: Context = Context(.inference)
  ) -> Tensor<Element> {
    var context = context
    context.lengths = nil
    let batch = symbols.count
    var hidden = decoder.forward(
      Tokens(time: 1, batch: batch, ids: symbols), state: &decoding.state,
      cache: &decoding.decoder, in: Self.part(.decoder, of: context))
    if let attention, let combination, let memory = decoding.memory {
      let own = Self.part(.attention, of: context)
      let seen = attention.joined(
        attention.runs(hidden, memory, own).map(\.context), steps: 1)
      hidden = combination.forward(
        .concatenatingColumns(seen, hidden), cache: &decoding.combination,
        in: Self.part(.combination, of: context)
      ).tanh()
    }
    var none: Void = ()
    return output.forward(
      hidden, state: &none, cache: &decoding.output, in: Self.part(.output, of: context)
    ).reshaped([batch, classes])
  }

  /// The decoding of some streams, each as often as it is named: what goes on from the better
  /// hypotheses.
  public func gathering(_ streams: [Int], of decoding: Decoding) -> Decoding {
    var picked = decoding
    picked.state = decoder.gathering(streams, of: decoding.state)
    picked.memory = decoding.memory?.gathering(streams)
    return picked
  }

  /// What a decoder attends to while it writes.
  ///
  /// - Returns: the weights of the steps of the sources, `[T, B, S]`; `nil` where there is no
  ///   attention.
  public func attentionWeights(
    _ input: SequencePair, in context: Context = Context(.inference)
  ) -> Tensor<Element>? {
    guard let attention else { return nil }
    var context = context
    context.mode = .inference
    var (state, cache) = (encoder.makeState(batch: input.batch), makeCache())
    let lengths = input.sourceLengths
    let memory = encoder.forward(
      input.source, state: &state, cache: &cache.encoder,
      in: Self.part(.encoder, of: context, lengths: lengths))
    var writing = beginning(
      memory, &cache.bridge, Self.part(.bridge, of: context, lengths: lengths))
    let decoded = decoder.forward(
      input.decoderInput, state: &writing, cache: &cache.decoder,
      in: Self.part(.decoder, of: context))
    return attention.weights(
      AttentionInput(queries: decoded, memory: memory, memoryLengths: lengths),
      in: Self.part(.attention, of: context))
  }

  /// The symbols that a step of training reads: those of the target, or with the probability of the
  /// input what the network draws after what was read before.
  ///
  /// - Parameters:
  ///   - memory: what the encoder gave, `[S, B, M]`.
  ///   - state: that in which the decoder begins.
  func drawn(
    _ input: SequencePair, _ memory: Tensor<Element>, from state: Network.State, _ context: Context
  ) -> Tokens {
    var inference = context
    inference.mode = .inference
    let batch = input.batch
    var read = input.decoderInput
    var decoding = decoding(of: memory, input.sourceLengths, from: state, inference)
    let random = Self.part(.sampling, of: context).random
    let (coins, draws) = (random.child(0), random.child(1))
    for t in 1..<max(1, read.time) {
      let before = Array(read.ids[((t - 1) * batch)..<(t * batch)])
      let next = next(after: before, &decoding, in: inference)
      for b in 0..<batch where coins.uniform(t * batch + b) < input.sampling {
        read.ids[t * batch + b] = next.choice(inRow: b, uniform: draws.uniform(t * batch + b))
      }
    }
    return read
  }
}

extension Tensor {
  /// The column that a number, uniform in `[0, 1)`, chooses from the log-probabilities of a row.
  fileprivate func choice(inRow row: Int, uniform: Double) -> Int32 {
    let probabilities = step(row).exp().scalars
    var rest = Element(uniform)
    for (column, probability) in probabilities.enumerated() {
      rest -= probability
      if rest < 0 { return Int32(column) }
    }
    // Of probabilities that are rounded to less than 1 the last that is possible.
    return Int32(probabilities.lastIndex { $0 > 0 } ?? 0)
  }
}
