import UnrollFiles

extension PaddedSequences where Input == Tokens {
  /// Sequences of tokens with a label each. A sequence may be empty: it has a label all the same.
  ///
  /// - Parameters:
  ///   - sequences: The ids of each, at least 0.
  ///   - labels: The label of each, at least 0.
  ///   - batching: Which sequences go into a batch together.
  ///   - batchSize: Sequences in a batch, B, at least 1.
  ///   - seed: What decides the orders; with `nil` they come as they are given.
  /// - Throws: ``SequencesError/none`` if there are no sequences.
  public init(
    _ sequences: [[Int32]], labels: [Int32], batching: Batching = .mixed, batchSize: Int,
    seed: UInt64? = 1
  ) throws {
    try self.init(tokens: sequences, .labels(labels), batching, batchSize, seed)
  }

  /// Sequences of tokens with a tag for each step, ``Tokens/ignored`` for none.
  ///
  /// - Parameters:
  ///   - sequences: The ids of each, at least 0.
  ///   - tags: As many for each.
  ///   - batching: Which sequences go into a batch together.
  ///   - batchSize: Sequences in a batch, B, at least 1.
  ///   - seed: What decides the orders; with `nil` they come as they are given.
  /// - Throws: ``SequencesError`` if there are no sequences, or one has no step with a tag.
  public init(
    _ sequences: [[Int32]], tags: [[Int32]], batching: Batching = .mixed, batchSize: Int,
    seed: UInt64? = 1
  ) throws {
    try self.init(tokens: sequences, .tags(tags), batching, batchSize, seed)
  }

  private init(
    tokens sequences: [[Int32]], _ targets: Targets, _ batching: Batching, _ batchSize: Int,
    _ seed: UInt64?
  ) throws {
    var data = Fingerprint("tokens")
    for (index, ids) in sequences.enumerated() {
      require(
        ids.allSatisfy { $0 >= 0 }, "PaddedSequences: sequence \(index) has an id below 0")
      data.combine(ids)
    }
    try self.init(
      lengths: sequences.map(\.count), targets: targets, batching: batching, batchSize: batchSize,
      seed: seed, data: data
    ) { indices, time, batch in
      Tokens(padding: indices.map { sequences[$0] }, with: 0, time: time, batch: batch)
    }
  }
}

extension PaddedSequences where Input == Tensor<Float> {
  /// Sequences of features with a label each. A sequence may be empty: it has a label all the same.
  ///
  /// - Parameters:
  ///   - sequences: The features of each, `[n, F]`, of one F.
  ///   - labels: The label of each, at least 0.
  ///   - batching: Which sequences go into a batch together.
  ///   - batchSize: Sequences in a batch, B, at least 1.
  ///   - seed: What decides the orders; with `nil` they come as they are given.
  /// - Throws: ``SequencesError`` if there are no sequences, or a number is not finite.
  public init(
    _ sequences: [Tensor<Float>], labels: [Int32], batching: Batching = .mixed, batchSize: Int,
    seed: UInt64? = 1
  ) throws {
    try self.init(features: sequences, .labels(labels), batching, batchSize, seed)
  }

  /// Sequences of features with a tag for each step, ``Tokens/ignored`` for none.
  ///
  /// - Parameters:
  ///   - sequences: The features of each, `[n, F]`, of one F.
  ///   - tags: As many for each.
  ///   - batching: Which sequences go into a batch together.
  ///   - batchSize: Sequences in a batch, B, at least 1.
  ///   - seed: What decides the orders; with `nil` they come as they are given.
  /// - Throws: ``SequencesError`` if there are no sequences, one has no step with a tag, or a number
  ///   is not finite.
  public init(
    _ sequences: [Tensor<Float>], tags: [[Int32]], batching: Batching = .mixed, batchSize: Int,
    seed: UInt64? = 1
  ) throws {
    try self.init(features: sequences, .tags(tags), batching, batchSize, seed)
  }

  private init(
    features sequences: [Tensor<Float>], _ targets: Targets, _ batching: Batching,
    _ batchSize: Int, _ seed: UInt64?
  ) throws {
    let width = sequences.first?.columns ?? 0
    var data = Fingerprint("features")
    for (index, features) in sequences.enumerated() {
      features.expectShape([nil, width], axes: "TF", of: "PaddedSequences sequence \(index)")
      if let wrong = features.withUnsafeBufferPointer({ $0.firstIndex { !$0.isFinite } }) {
        throw SequencesError.notFinite(
          sequence: index, step: wrong / width, feature: wrong % width)
      }
      data.combine(features)
    }
    try self.init(
      lengths: sequences.map { $0.shape[0] }, targets: targets, batching: batching,
      batchSize: batchSize, seed: seed, data: data
    ) { indices, time, batch in
      var input = Tensor<Float>(shape: [time, batch, width])
      input.withUnsafeMutableBufferPointer { y in
        for (b, index) in indices.enumerated() {
          sequences[index].withUnsafeBufferPointer { x in
            for t in 0..<sequences[index].shape[0] {
              let to = (t * batch + b) * width
              _ = y[to..<(to + width)].update(fromContentsOf: x[(t * width)..<((t + 1) * width)])
            }
          }
        }
      }
      return input
    }
  }
}

extension Tokens {
  /// Some streams, padded with an id to so many steps, and empty streams up to so many.
  init(padding streams: [[Int32]], with id: Int32, time: Int, batch: Int) {
    var ids = [Int32](repeating: id, count: time * batch)
    for (b, stream) in streams.enumerated() {
      for (t, token) in stream.enumerated() { ids[t * batch + b] = token }
    }
    self.init(time: time, batch: batch, ids: ids)
  }
}
