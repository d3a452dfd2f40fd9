import UnrollCore

/// Tagged sentences, those of a similar length together, in another order in every pass.
///
/// # Shapes
/// Inputs ``WordSequences`` of B sentences, padded to the longest; targets `[T, B]`, ``Tokens/ignored`` in padding.
public struct SentenceBatches: BatchSource {
  private let sentences: [TaggerVocabulary.Encoded]
  private let features: Int
  private var batches: ShuffledBatches

  /// - Parameter seed: what decides the orders; with `nil` the sentences come as they are given.
  /// - Throws: ``TaggerError`` where there are no sentences.
  init(
    _ sentences: [TaggerVocabulary.Encoded], features: Int, batchSize: Int, seed: UInt64?
  ) throws {
    guard !sentences.isEmpty else { throw TaggerError("there is no sentence to learn from") }
    self.sentences = sentences
    self.features = features
    var data = Fingerprint("SentenceBatches")
    for sentence in sentences {
      data.combine(sentence.words)
      data.combine(sentence.labels)
      for ids in sentence.spellings + sentence.features { data.combine(ids) }
    }
    batches = ShuffledBatches(
      examples: sentences.count, batchSize: batchSize, seed: seed,
      lengths: sentences.map(\.words.count), pool: seed == nil ? nil : 50, data: data)
  }

  public var batchSize: Int { batches.batchSize }
  public var batchesPerEpoch: Int { batches.batchesPerEpoch }

  public var position: SourcePosition {
    get { batches.position }
    set { batches.position = newValue }
  }

  public func canResume(at position: SourcePosition) -> Bool { batches.canResume(at: position) }

  public mutating func next() -> Batch<WordSequences, Tokens> {
    let chosen = batches.next().map { sentences[$0] }
    let input = WordSequences(chosen, features: features, batch: batchSize)
    let fill = Array(repeating: 0, count: batchSize - chosen.count)
    return Batch(
      input: input,
      target: Tokens(chosen.map(\.labels), input.time, batchSize, padding: Tokens.ignored),
      lengths: chosen.map(\.words.count) + fill)
  }
}

extension WordSequences {
  /// Sentences side by side, padded to the longest one, and empty ones up to so many.
  init(_ sentences: [TaggerVocabulary.Encoded], features: Int, batch: Int) {
    let time = max(1, sentences.map(\.words.count).max() ?? 1)
    // An empty spelling is that of the padding.
    var (spellings, ids): ([[Int32]], [[Int32]: Int32]) = ([[]], [[]: 0])
    let places = sentences.map { sentence in
      sentence.spellings.map { spelling in
        if let id = ids[spelling] { return id }
        let id = Int32(spellings.count)
        spellings.append(spelling)
        ids[spelling] = id
        return id
      }
    }
    self.init(
      words: Tokens(sentences.map(\.words), time, batch),
      spellings: Tokens(places, time, batch),
      characters: Tokens(
        spellings, max(1, spellings.map(\.count).max() ?? 1), spellings.count),
      characterCounts: spellings.map(\.count),
      features: (0..<features).map { k in Tokens(sentences.map { $0.features[k] }, time, batch) })
  }
}

extension Tokens {
  /// Streams side by side, padded to so many steps, and empty ones up to so many.
  fileprivate init(_ streams: [[Int32]], _ time: Int, _ batch: Int, padding: Int32 = 0) {
    var ids = [Int32](repeating: padding, count: time * batch)
    for (b, stream) in streams.enumerated() {
      for (t, id) in stream.enumerated() { ids[t * batch + b] = id }
    }
    self.init(time: time, batch: batch, ids: ids)
  }
}
