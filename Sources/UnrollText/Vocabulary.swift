import UnrollFiles

/// The characters, bytes or words that a model knows, and the ids by which it knows them.
///
/// An id is the place of a character among all of them in order of their values, so it depends
/// neither on the order of the text nor on the platform; for words, which may be too many to keep all
/// of them, see ``init(words:maximumSize:minimumCount:)``. Where the vocabulary has `<unk>`, that is
/// id 0 and stands for everything that is not in it.
///
///     let vocabulary = try Vocabulary(text)
///     let ids = try vocabulary.encode("to be")
///     vocabulary.decode(ids)                       // "to be"
public struct Vocabulary: Equatable, Sendable {
  /// What one id stands for.
  public enum Unit: String, Codable, Sendable, CaseIterable {
    /// A Unicode scalar: "é" is one id or, decomposed, two.
    case character
    /// A byte of the text's UTF-8: "é" is two ids.
    case byte
    /// A word, a punctuation mark or a line end, as ``WordTokenizer`` divides a text.
    case word
  }

  /// What becomes of characters, bytes or words that the vocabulary does not have.
  public enum Unknown: Equatable, Sendable {
    /// They are an error, and everything in the text is in the vocabulary.
    case error
    /// They become `<unk>`, and so do those that occur fewer than `minimumCount` times in the text.
    case token(minimumCount: Int)
  }

  /// What `<unk>` is decoded to: U+FFFD, the replacement character.
  public static let unknownText = "\u{FFFD}"

  /// All 256 bytes: any text at all can be encoded, and anything else that is made of bytes.
  public static let allBytes = Vocabulary(
    unit: .byte, hasUnknown: false, values: Array(0...255))

  public let unit: Unit
  /// Whether id 0 is `<unk>`.
  public internal(set) var hasUnknown: Bool
  /// The scalar or byte values, ascending: that of id 0, or of id 1 where id 0 is `<unk>`. Empty for
  /// words.
  public let values: [UInt32]
  let table: ScalarTable
  /// Empty for characters and bytes.
  let wordTable: WordTable

  /// The vocabulary of a text.
  ///
  /// Count it over what a model is trained on, and not over what it will be validated on too, or words
  /// that it has never seen are not `<unk>` to it: ``TextSplit`` makes a vocabulary and both parts at once.
  ///
  /// - Throws: ``VocabularyError/noEntries`` if the text is empty, or if nothing in it
  ///   occurs often enough.
  public init(
    _ text: String, unit: Unit = .character, unknown: Unknown = .error
  ) throws {
    self = try text.withBytes { try UnitCounts(of: unit, in: $0).vocabulary(unknown) }
  }

  /// The vocabulary of a text that is given as its bytes.
  ///
  /// - Parameter bytes: UTF-8; for `.byte` any bytes.
  /// - Throws: ``VocabularyError/noEntries`` as for a text, ``VocabularyError/notUTF8(offset:line:)``.
  public init(
    _ bytes: some Collection<UInt8>, unit: Unit, unknown: Unknown = .error
  ) throws {
    self = try bytes.withBytes {
      try Vocabulary.check($0, for: unit)
      return try UnitCounts(of: unit, in: $0).vocabulary(unknown)
    }
  }

  /// The values are ascending and within the unit's range.
  init(unit: Unit, hasUnknown: Bool, values: [UInt32]) {
    self.unit = unit
    self.hasUnknown = hasUnknown
    self.values = values
    table = ScalarTable(values, firstID: hasUnknown ? 1 : 0, absent: hasUnknown ? 0 : -1)
    wordTable = WordTable()
  }

  init(words: WordTable, hasUnknown: Bool) {
    unit = .word
    self.hasUnknown = hasUnknown
    values = []
    table = ScalarTable([], firstID: 0, absent: -1)
    wordTable = words
  }

  /// The number of ids, `<unk>` among them: V.
  public var count: Int { values.count + wordTable.count + (hasUnknown ? 1 : 0) }

  public static func == (a: Vocabulary, b: Vocabulary) -> Bool {
    a.unit == b.unit && a.hasUnknown == b.hasUnknown && a.values == b.values
      && a.wordTable == b.wordTable
  }

  /// The scalar or byte value of an id; `nil` for `<unk>`.
  ///
  /// - Precondition: the id is in `0..<count`.
  func value(of id: Int32) -> UInt32? {
    require(
      id >= 0 && Int(id) < count, "Vocabulary: id \(id) is not one of the \(count) ids from 0 on")
    let index = Int(id) - (hasUnknown ? 1 : 0)
    return index < 0 ? nil : values[index]
  }
}
