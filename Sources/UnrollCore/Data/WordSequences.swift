import UnrollFiles

/// Sentences as a tagger sees them: the words, how each is spelled, and what else is known of it.
///
/// Words that are spelled alike share one spelling, so that it is read once for a batch.
///
/// # Shapes
/// B sentences of T words, S spellings of at most C characters, K features of each word.
public struct WordSequences: Signal, Equatable {
  public typealias Gradient = NoGradient

  /// The ids of the words, `[T, B]`; 0 is the unknown word.
  public var words: Tokens
  /// The spelling of each word, `[T, B]`, in `0..<S`.
  public var spellings: Tokens
  /// The ids of the characters of each spelling, `[C, S]`; 0 is the unknown character.
  public var characters: Tokens
  /// The number of characters of each spelling, S of them.
  public var characterCounts: [Int]
  /// The ids of each feature, `[T, B]`, K of them.
  public var features: [Tokens]

  /// - Precondition: shapes that fit each other, and spellings that are there.
  public init(
    words: Tokens, spellings: Tokens, characters: Tokens, characterCounts: [Int],
    features: [Tokens] = []
  ) {
    require(
      ([spellings] + features).allSatisfy { $0.time == words.time && $0.batch == words.batch },
      "WordSequences: spellings and features need the shape of the words, [\(words.time), "
        + "\(words.batch)]")
    require(
      characterCounts.count == characters.batch
        && characterCounts.allSatisfy { (0...characters.time).contains($0) },
      "WordSequences: \(characterCounts.count) numbers of characters for \(characters.batch) "
        + "spellings of at most \(characters.time)")
    require(
      spellings.ids.allSatisfy { $0 >= 0 && $0 < characters.batch },
      "WordSequences: a spelling outside of the \(characters.batch)")
    self.words = words
    self.spellings = spellings
    self.characters = characters
    self.characterCounts = characterCounts
    self.features = features
  }

  /// T.
  public var time: Int { words.time }
  /// B.
  public var batch: Int { words.batch }
}
