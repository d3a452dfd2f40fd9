import UnrollFiles

extension Vocabulary {
  /// The words that are most frequent in a text, and `<unk>` for all others.
  ///
  /// What a word is, ``WordTokenizer`` says: punctuation marks and line ends are words too. Id 0 is
  /// `<unk>`; the others follow by how often they occur, most often first, and those that occur
  /// equally often by their UTF-8. So ids depend neither on the order of the text nor on the platform.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - maximumSize: The most ids that there may be, `<unk>` among them, at least 2.
  ///   - minimumCount: How often a word has to occur. From 2 on, a model sees `<unk>` in its own text
  ///     and learns what to make of it.
  /// - Throws: ``VocabularyError/noEntries`` if no word occurs often enough.
  public init(words text: String, maximumSize: Int, minimumCount: Int = 1) throws {
    require(
      maximumSize >= 2, "Vocabulary: a maximum size of at least 2, not \(maximumSize)")
    self = try text.withBytes {
      try UnitCounts(of: .word, in: $0)
        .vocabulary(.token(minimumCount: minimumCount), maximumSize: maximumSize)
    }
  }

  /// A vocabulary of these words, each of them one token.
  ///
  /// - Throws: ``VocabularyError/invalid(reason:)`` for what is none.
  init(checking list: [String], hasUnknown: Bool) throws {
    guard !list.isEmpty else { throw VocabularyError.invalid(reason: "it has no words") }
    var words = WordTable()
    for (index, word) in list.enumerated() {
      var word = word
      // Counted, and not made: a text of a file may be a million words.
      let (tokens, isWhole) = word.withUTF8 { bytes in
        var (count, isWhole) = (0, false)
        WordTokenizer.forEachToken(in: bytes) { token in
          count += 1
          if token.count == bytes.count { isWhole = token.elementsEqual(bytes) }
        }
        return (count, isWhole)
      }
      guard tokens == 1 && isWhole else {
        throw VocabularyError.invalid(reason: "\(quoted(word)) is not one word")
      }
      guard word.withUTF8({ words.insert($0) }) == index else {
        throw VocabularyError.invalid(reason: "the word \(quoted(word)) is there twice")
      }
    }
    self.init(words: words, hasUnknown: hasUnknown)
  }

  /// The words, by id: that of id 0, or of id 1 where id 0 is `<unk>`. Empty for characters and
  /// bytes.
  public var words: [String] { (0..<wordTable.count).map { wordTable.text($0) } }

  /// The word of an id; `nil` for `<unk>`.
  ///
  /// - Precondition: the id is in `0..<count`.
  func word(of id: Int32) -> String? {
    require(
      id >= 0 && Int(id) < count, "Vocabulary: id \(id) is not one of the \(count) ids from 0 on")
    let index = Int(id) - (hasUnknown ? 1 : 0)
    return index < 0 ? nil : wordTable.text(index)
  }

  func unknownWord(
    at offset: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> VocabularyError {
    var range = 0..<0
    var passed = 0
    WordTokenizer.forEachRange(in: bytes) {
      if passed == offset { range = $0 }
      passed += 1
    }
    let line = UTF8Text.line(of: range.lowerBound, in: bytes)
    let before = UnsafeBufferPointer(rebasing: bytes[line.start..<range.lowerBound])
    return .unknownWord(
      String(decoding: bytes[range], as: UTF8.self), offset: offset, line: line.number,
      column: UTF8Text.characterCount(before) + 1)
  }
}
