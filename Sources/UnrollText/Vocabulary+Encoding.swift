extension Vocabulary {
  /// The ids of a text, one for each character, byte or word.
  ///
  /// - Throws: ``VocabularyError`` naming the first of them that is not in the vocabulary and its
  ///   position, unless the vocabulary has `<unk>`.
  public func encode(_ text: String) throws -> [Int32] {
    try text.withBytes { try ids(of: $0) }.ids
  }

  /// The ids of a text that is given as its bytes.
  ///
  /// - Parameter bytes: UTF-8; for a vocabulary of bytes any bytes.
  /// - Throws: ``VocabularyError``, also for bytes that are not UTF-8 where they have to be.
  public func encode(_ bytes: some Collection<UInt8>) throws -> [Int32] {
    try bytes.withBytes {
      try Vocabulary.check($0, for: unit)
      return try ids(of: $0).ids
    }
  }

  /// What ``encode(_:)-(String)`` gives, in less memory.
  public func tokens(of text: String) throws -> TokenSequence {
    try text.withBytes { try tokens(ofValid: $0) }.tokens
  }

  /// What ``encode(_:)-(Collection<UInt8>)`` gives, in less memory.
  public func tokens(of bytes: some Collection<UInt8>) throws -> TokenSequence {
    try bytes.withBytes {
      try Vocabulary.check($0, for: unit)
      return try tokens(ofValid: $0).tokens
    }
  }

  /// The ids of what of a text is in the vocabulary: characters, bytes and words that are not are left
  /// out, also where there is `<unk>` for them.
  ///
  /// - Parameter bytes: UTF-8; for a vocabulary of bytes any bytes.
  /// - Returns: The ids, and how many were left out.
  /// - Throws: ``VocabularyError/notUTF8(offset:line:)``.
  public func tokensSkippingUnknown(
    of bytes: some Collection<UInt8>
  ) throws -> (tokens: TokenSequence, skipped: Int) {
    try bytes.withBytes {
      try Vocabulary.check($0, for: unit)
      return try tokens(ofValid: $0, unknowns: .skipped)
    }
  }

  /// The first character, byte or word of a text that is not in the vocabulary, with its place; `nil`
  /// where all are.
  ///
  /// Where the vocabulary has `<unk>`, ``encode(_:)-(String)`` reads such ones as that without telling.
  public func firstUnknown(in text: String) -> VocabularyError? {
    do {
      _ = try text.withBytes { try ids(of: $0, unknowns: .error) }
      return nil
    } catch {
      return error as? VocabularyError
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

  /// The bytes of a list of ids: of a vocabulary of bytes those that were encoded, whether they are
  /// UTF-8 or not; of others the UTF-8 of ``decode(_:)``.
  ///
  /// - Precondition: every id is in `0..<count`.
  public func decodeBytes(_ ids: [Int32]) -> [UInt8] {
    var decoder = StreamingDecoder(self)
    return ids.flatMap { decoder.appendBytes($0) }
  }

  /// - Throws: where the bytes have to be UTF-8, and are not.
  static func check(_ bytes: UnsafeBufferPointer<UInt8>, for unit: Unit) throws {
    guard unit != .byte, let offset = UTF8Text.firstInvalid(in: bytes) else { return }
    throw VocabularyError.notUTF8(
      offset: offset, line: UTF8Text.line(of: offset, in: bytes).number)
  }

  /// What becomes of what is not in the vocabulary.
  enum Unknowns {
    /// It is `<unk>`, or rejected where there is none.
    case read
    case skipped
    case error
  }

  /// The ids in as few bytes as their number allows.
  ///
  /// - Parameters:
  ///   - bytes: Valid UTF-8, unless the vocabulary is one of bytes.
  ///   - count: How many ids there will be, where that is known.
  func tokens(
    ofValid bytes: UnsafeBufferPointer<UInt8>, count units: Int? = nil, unknowns: Unknowns = .read
  ) throws -> (tokens: TokenSequence, skipped: Int) {
    switch count {
    case ...0x100:
      let (ids, skipped) = try ids(
        of: bytes, as: UInt8.self, count: units, unknowns: unknowns)
      return (TokenSequence(.narrow(ids)), skipped)
    case ...0x1_0000:
      let (ids, skipped) = try ids(
        of: bytes, as: UInt16.self, count: units, unknowns: unknowns)
      return (TokenSequence(.medium(ids)), skipped)
    default:
      let (ids, skipped) = try ids(of: bytes, count: units, unknowns: unknowns)
      return (TokenSequence(.wide(ids)), skipped)
    }
  }

  @specialized(where ID == UInt8)
  @specialized(where ID == UInt16)
  @specialized(where ID == Int32)
  private func ids<ID: FixedWidthInteger>(
    of bytes: UnsafeBufferPointer<UInt8>, as type: ID.Type = Int32.self, count units: Int? = nil,
    unknowns: Unknowns = .read
  ) throws -> (ids: [ID], skipped: Int) {
    var ids: [ID] = []
    var skipped = 0
    switch unit {
    case .character:
      ids.reserveCapacity(units ?? UTF8Text.characterCount(bytes))
      var i = 0
      while i < bytes.count {
        let (scalar, next) = bytes.scalar(at: i)
        let id = table[scalar.value]
        if id >= firstKnown {
          ids.append(ID(truncatingIfNeeded: id))
        } else if try reads(unknowns, orThrow: unknownCharacter(at: i, in: bytes)) {
          ids.append(0)
        } else {
          skipped += 1
        }
        i = next
      }
    case .byte:
      ids.reserveCapacity(bytes.count)
      for (i, byte) in bytes.enumerated() {
        let id = table[UInt32(byte)]
        if id >= firstKnown {
          ids.append(ID(truncatingIfNeeded: id))
        } else if try reads(unknowns, orThrow: unknownByte(at: i, in: bytes)) {
          ids.append(0)
        } else {
          skipped += 1
        }
      }
    case .word:
      ids.reserveCapacity(units ?? bytes.count / 4)
      try WordTokenizer.forEachToken(in: bytes) { word in
        if let index = wordTable.find(word) {
          ids.append(ID(truncatingIfNeeded: Int32(index) + firstKnown))
        } else if try reads(unknowns, orThrow: unknownWord(at: ids.count, in: bytes)) {
          ids.append(0)
        } else {
          skipped += 1
        }
      }
    }
    return (ids, skipped)
  }

  /// Whether what is not known is `<unk>`; else it is skipped.
  private func reads(
    _ unknowns: Unknowns, orThrow error: @autoclosure () -> VocabularyError
  ) throws -> Bool {
    if unknowns == .skipped { return false }
    guard hasUnknown && unknowns == .read else { throw error() }
    return true
  }

  /// The least id that is not `<unk>`.
  private var firstKnown: Int32 { hasUnknown ? 1 : 0 }

  private func unknownCharacter(
    at offset: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> VocabularyError {
    let line = UTF8Text.line(of: offset, in: bytes)
    func characters(_ range: Range<Int>) -> Int {
      UTF8Text.characterCount(UnsafeBufferPointer(rebasing: bytes[range]))
    }
    return .unknownCharacter(
      bytes.scalar(at: offset).0, offset: characters(0..<offset), line: line.number,
      column: characters(line.start..<offset) + 1)
  }

  private func unknownByte(
    at offset: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> VocabularyError {
    let line = UTF8Text.line(of: offset, in: bytes)
    // The character around it, if it is of one.
    let start = (max(0, offset - 3)...offset).last { !UTF8Text.isContinuation(bytes[$0]) }
    let scalar = start.flatMap { start -> Unicode.Scalar? in
      let sequence = bytes[start..<min(bytes.count, start + UTF8Text.length(bytes[start]))]
      return offset < sequence.endIndex
        ? String(validating: sequence, as: UTF8.self)?.unicodeScalars.first : nil
    }
    return .unknownByte(
      bytes[offset], of: scalar, offset: offset, line: line.number,
      column: offset - line.start + 1)
  }
}
