import UnrollCore
import UnrollFiles
import UnrollText

/// How a text becomes the words or the characters that a classifier's network sees.
///
/// Of words, letters are made small and every digit is a 0: what matters of a number is its form. What is rare
/// in the texts to learn from is `<unk>`.
public struct TextPreparation: SequencePreparation {
  public static var kind: String { "texts" }

  public let vocabulary: Vocabulary
  /// The most words or characters that are seen of a text.
  public let maximumLength: Int

  /// Learns the vocabulary.
  ///
  /// - Parameters:
  ///   - texts: those to learn from.
  ///   - unit: words or characters; bytes are those of the UTF-8.
  ///   - maximumSize: the most words that are told apart.
  ///   - minimumCount: how often a word or a character occurs at least that is told apart.
  ///   - maximumLength: the most words or characters that are seen of a text, at least 1.
  /// - Throws: ``VocabularyError`` where nothing occurs often enough.
  public init(
    _ texts: some Collection<String>, unit: Vocabulary.Unit = .word, maximumSize: Int = 20_000,
    minimumCount: Int = 2, maximumLength: Int = 2000
  ) throws {
    require(maximumLength >= 1, "TextPreparation: \(maximumLength) words or characters of a text")
    self.maximumLength = maximumLength
    let text = texts.lazy.map { Self.normalized($0, unit) }.joined(separator: "\n")
    vocabulary =
      switch unit {
      case .byte: .allBytes
      case .word:
        try Vocabulary(words: text, maximumSize: maximumSize, minimumCount: minimumCount)
      case .character: try Vocabulary(text, unknown: .token(minimumCount: minimumCount))
      }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    vocabulary = try container.decode(Vocabulary.self, forKey: .vocabulary)
    maximumLength = try container.decode(Int.self, forKey: .maximumLength)
    guard (1..<(1 << 32)).contains(maximumLength), vocabulary.hasUnknown || vocabulary.unit == .byte
    else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "\(maximumLength) units of a text, or a vocabulary without <unk>"))
    }
  }

  public var inputShape: [Int] { [1, 1] }
  public var emptyInput: Tokens { Tokens(time: 1, batch: 1, ids: [Int32(vocabulary.count - 1)]) }

  private static func normalized(_ text: String, _ unit: Vocabulary.Unit) -> String {
    guard unit == .word else { return text }
    return String(text.lowercased().map { $0.isNumber ? "0" : $0 })
  }

  /// The ids of a text.
  public func encoded(_ text: String) throws -> [Int32] {
    try Array(
      vocabulary.encode(Self.normalized(text, vocabulary.unit)).prefix(maximumLength))
  }

  public func batches(
    _ examples: [String], labels: [Int32], batchSize: Int, seed: UInt64?
  ) throws -> PaddedSequences<Tokens> {
    try PaddedSequences(
      examples.map(encoded), labels: labels, batching: seed == nil ? .mixed : .similarLengths(),
      batchSize: batchSize, seed: seed)
  }
}
