import UnrollCore

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
    case rejected
    /// They become `<unk>`, and so do those that occur fewer than `minimumCount` times in the text.
    case token(minimumCount: Int)
  }

  /// What `<unk>` is decoded to: U+FFFD, the replacement character.
  public static let unknownText = "\u{FFFD}"

  /// All 256 bytes: any text at all can be encoded.
  public static let allBytes = Vocabulary(
    unit: .byte, hasUnknown: false, values: Array(0...255))

  public let unit: Unit
  /// Whether id 0 is `<unk>`.
  public internal(set) var hasUnknown: Bool
  /// The scalar or byte values, ascending: that of id 0, or of id 1 where id 0 is `<unk>`. Empty for
  /// words.
  public let values: [UInt32]
  private let table: ScalarTable
  /// Empty for characters and bytes.
  let wordTable: WordTable

  /// The vocabulary of a text.
  ///
  /// - Throws: ``VocabularyError/noEntries`` if the text is empty, or if nothing in it
  ///   occurs often enough.
  public init(
    _ text: String, unit: Unit = .character, unknown: Unknown = .rejected
  ) throws {
    var hasUnknown = false
    var minimumCount = 1
    if case .token(let minimum) = unknown {
      hasUnknown = true
      minimumCount = max(1, minimum)
    }
    var counts: [Int]
    switch unit {
    case .word:
      try self.init(wordsOf: text, hasUnknown: hasUnknown, minimumCount: minimumCount)
      return
    case .character:
      counts = [Int](repeating: 0, count: 0x11_0000)
      for scalar in text.unicodeScalars { counts[Int(scalar.value)] += 1 }
    case .byte:
      counts = [Int](repeating: 0, count: 256)
      for byte in text.utf8 { counts[Int(byte)] += 1 }
    }
    let values = counts.indices.filter { counts[$0] >= minimumCount }.map(UInt32.init)
    guard !values.isEmpty else { throw VocabularyError.noEntries }
    self.init(unit: unit, hasUnknown: hasUnknown, values: values)
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

  /// The ids of a text, one for each character, byte or word.
  ///
  /// - Throws: ``VocabularyError`` naming the first of them that is not in the vocabulary and its
  ///   position, unless the vocabulary has `<unk>`.
  public func encode(_ text: String) throws -> [Int32] {
    switch unit {
    case .character:
      var ids: [Int32] = []
      ids.reserveCapacity(text.unicodeScalars.count)
      for scalar in text.unicodeScalars {
        let id = table[scalar.value]
        guard id >= 0 else { throw unknownCharacter(at: ids.count, in: text) }
        ids.append(id)
      }
      return ids
    case .byte:
      var ids: [Int32] = []
      ids.reserveCapacity(text.utf8.count)
      for byte in text.utf8 {
        let id = table[UInt32(byte)]
        guard id >= 0 else { throw unknownByte(at: ids.count, in: text) }
        ids.append(id)
      }
      return ids
    case .word: return try encodeWords(text)
    }
  }

  /// The text of a list of ids; bytes that are not UTF-8 together become U+FFFD. Of words the text
  /// has the spaces that belong between them, which need not be those that were there: encoded
  /// again it gives the same ids.
  ///
  /// - Precondition: every id is in `0..<count`.
  public func decode(_ ids: [Int32]) -> String {
    var decoder = StreamingDecoder(self)
    var text = ""
    for id in ids { text.append(decoder.append(id)) }
    text.append(decoder.finish())
    return text
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

  private func unknownCharacter(at offset: Int, in text: String) -> VocabularyError {
    let scalars = text.unicodeScalars
    let index = scalars.index(scalars.startIndex, offsetBy: offset)
    let before = scalars[..<index]
    let lineStart = before.lastIndex(of: "\n").map(before.index(after:)) ?? before.startIndex
    return .unknownCharacter(
      scalars[index], offset: offset,
      line: before.count { $0 == "\n" } + 1,
      column: before[lineStart...].count + 1)
  }

  private func unknownByte(at offset: Int, in text: String) -> VocabularyError {
    let bytes = text.utf8
    let index = bytes.index(bytes.startIndex, offsetBy: offset)
    let before = bytes[..<index]
    let newline = UInt8(ascii: "\n")
    let lineStart = before.lastIndex(of: newline).map(before.index(after:)) ?? before.startIndex
    return .unknownByte(
      bytes[index], of: text.unicodeScalars[index], offset: offset,
      line: before.count { $0 == newline } + 1,
      column: before[lineStart...].count + 1)
  }
}

extension Vocabulary: Codable {
  private enum CodingKeys: String, CodingKey {
    case unit, hasUnknown, values, words
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(unit, forKey: .unit)
    try container.encode(hasUnknown, forKey: .hasUnknown)
    switch unit {
    case .character, .byte: try container.encode(values, forKey: .values)
    case .word: try container.encode(words, forKey: .words)
    }
  }

  /// - Throws: ``VocabularyError/invalid(reason:)`` if the values are none, not ascending, or not
  ///   those of characters or bytes, or if the words are none, not words, or there twice;
  ///   `DecodingError` if something is not there or not of its type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let unit = try container.decode(Unit.self, forKey: .unit)
    let hasUnknown = try container.decode(Bool.self, forKey: .hasUnknown)
    guard unit != .word else {
      try self.init(
        checking: try container.decode([String].self, forKey: .words), hasUnknown: hasUnknown)
      return
    }
    let values = try container.decode([UInt32].self, forKey: .values)
    guard !values.isEmpty else { throw VocabularyError.invalid(reason: "it has no values") }
    for (value, next) in zip(values, values.dropFirst()) where value >= next {
      throw VocabularyError.invalid(reason: "value \(next) comes after \(value)")
    }
    for value in values {
      switch unit {
      case .character where Unicode.Scalar(value) == nil:
        throw VocabularyError.invalid(reason: "\(value) is not a Unicode scalar")
      case .byte where value > 255:
        throw VocabularyError.invalid(reason: "\(value) is not a byte")
      default: break
      }
    }
    self.init(unit: unit, hasUnknown: hasUnknown, values: values)
  }
}
