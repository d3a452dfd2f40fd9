import UnrollFiles

extension Vocabulary {
  /// Which vocabulary a text gets.
  public enum Choice: Equatable, Sendable {
    /// All characters, no `<unk>`.
    case characters
    /// Characters, and `<unk>` for those that occur fewer than `minimumCount` times in the part that is
    /// trained on. With 1 these are characters that occur in the rest only.
    case frequentCharacters(minimumCount: Int)
    /// All 256 bytes, so that any text can be read, and anything else.
    case bytes
    /// Words, and `<unk>` for those that occur fewer than `minimumCount` times in the part that is
    /// trained on, or are not among the most frequent: see ``Vocabulary/init(words:maximumSize:minimumCount:)``.
    case words(maximumSize: Int = 10_000, minimumCount: Int = 2)
    /// One that there is, such as that of a trained model.
    case existing(Vocabulary)

    /// What one id stands for.
    public var unit: Unit {
      switch self {
      case .characters, .frequentCharacters: .character
      case .bytes: .byte
      case .words: .word
      case .existing(let vocabulary): vocabulary.unit
      }
    }
  }
}

/// A text that is ready to be trained on: its vocabulary, its ids, what is trained on and what is
/// validated on.
///
/// What ``TextSplit`` makes knows nothing of the validation part: `<unk>` and what is too rare follow
/// from the training part alone, so that a word which occurs in validation only is unknown there. Where
/// there is no `<unk>`, a character of the validation part has nothing to fall back on: it gets an
/// id as well, and ``untrained`` names it.
public struct SplitText: Sendable {
  public let vocabulary: Vocabulary
  /// All of the text.
  public let tokens: TokenSequence
  public let training: TextStreams
  /// `nil` where nothing was kept.
  public let validation: TextStreams?
  /// The targets of the part that was kept for validation: more than those of ``validation`` where
  /// that has a limit.
  public let heldTargets: Int
  /// The ids that occur outside the training part alone, which a model therefore never learns.
  public let untrained: [Int32]

  /// - Parameter bytes: UTF-8, unless the vocabulary is one of bytes.
  fileprivate init(
    _ bytes: UnsafeBufferPointer<UInt8>, _ choice: Vocabulary.Choice,
    parts partsOf: (_ count: Int) throws -> TextSplit.Parts
  ) throws {
    let count = UnitCounts.count(choice.unit, in: bytes)
    let parts = try partsOf(count)
    func counts(countsRest: Bool = false) -> UnitCounts {
      UnitCounts(
        of: choice.unit, in: bytes, training: parts.trainingRanges, countsRest: countsRest)
    }
    switch choice {
    case .characters:
      let counts = counts(countsRest: true)
      vocabulary = try counts.vocabulary(.error)
      untrained = counts.untrained(in: vocabulary)
    case .frequentCharacters(let minimumCount):
      vocabulary = try counts().vocabulary(.token(minimumCount: minimumCount))
      untrained = []
    case .words(let maximumSize, let minimumCount):
      require(maximumSize >= 2, "Vocabulary: a maximum size of at least 2, not \(maximumSize)")
      vocabulary = try counts()
        .vocabulary(.token(minimumCount: minimumCount), maximumSize: maximumSize)
      untrained = []
    case .bytes: (vocabulary, untrained) = (.allBytes, [])
    case .existing(let existing): (vocabulary, untrained) = (existing, [])
    }
    tokens = try vocabulary.tokens(ofValid: bytes, count: count).tokens
    (training, validation) = parts.streams(over: tokens)
    heldTargets = parts.held
  }
}

extension TextSplit {
  /// Makes a text ready to be trained on, with a vocabulary that knows the training part alone.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - choice: Which vocabulary it gets.
  ///   - fraction: The part of it to validate on, in `0..<1`; 0 for none.
  ///   - batchSize: Streams in training, B.
  ///   - chunkLength: Steps in a chunk in training, T.
  ///   - validationChunkLength: Steps in a chunk of validation, for `.end`.
  ///   - validationLimit: The most targets to validate on, the first ones of the part, or of the part
  ///     of each stream; `nil` for all. What is left out is not trained on either.
  /// - Throws: ``TextStreamsError`` if either part is too short; ``VocabularyError`` where the text has
  ///   nothing that occurs often enough, or what an existing vocabulary does not know.
  public func split(
    _ text: String, into choice: Vocabulary.Choice, fraction: Double, batchSize: Int,
    chunkLength: Int, validationChunkLength: Int = 512, validationLimit: Int? = nil
  ) throws -> SplitText {
    try text.withBytes { bytes in
      try SplitText(bytes, choice) { count in
        try Parts(
          self, of: count, fraction: fraction, batchSize: batchSize, chunkLength: chunkLength,
          validationChunkLength: validationChunkLength, validationLimit: validationLimit)
      }
    }
  }

  /// Makes a text ready to be trained on that is given as its bytes.
  ///
  /// - Parameter bytes: UTF-8; for a vocabulary of bytes any bytes.
  /// - Throws: what the other method throws for a text, and ``VocabularyError/notUTF8(offset:line:)``.
  public func split(
    _ bytes: some Collection<UInt8>, into choice: Vocabulary.Choice, fraction: Double,
    batchSize: Int, chunkLength: Int, validationChunkLength: Int = 512,
    validationLimit: Int? = nil
  ) throws -> SplitText {
    try bytes.withBytes { bytes in
      try Vocabulary.check(bytes, for: choice.unit)
      return try SplitText(bytes, choice) { count in
        try Parts(
          self, of: count, fraction: fraction, batchSize: batchSize, chunkLength: chunkLength,
          validationChunkLength: validationChunkLength, validationLimit: validationLimit)
      }
    }
  }
}
