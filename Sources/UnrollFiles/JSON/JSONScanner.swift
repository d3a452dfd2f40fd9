/// Reads one JSON text from left to right, a token at a time, without keeping what it has read:
/// who reads decides what memory is spent.
///
/// ```
/// try scanner.openObject()
/// while let key = try scanner.nextKey() {
///   try scanner.skipValue()
/// }
/// ```
struct JSONScanner {
  /// What a value is, by its first byte.
  enum Kind {
    case null
    case bool
    case number
    case string
    case array
    case object
  }

  let bytes: [UInt8]
  let limits: StrictJSON.Limits
  var position: Int
  private var depth = 0
  private var values = 0
  /// Whether nothing was read since an object or an array was opened.
  private var isAtOpening = false

  init(_ bytes: [UInt8], limits: StrictJSON.Limits, at position: Int = 0) {
    self.bytes = bytes
    self.limits = limits
    self.position = position
  }
}

// MARK: - Structure

extension JSONScanner {
  /// Steps to the text's only value.
  mutating func begin() throws(StrictJSONError) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure(.byteOrderMark) }
    skipSpaces()
  }

  /// Makes sure that nothing comes after the value.
  mutating func end() throws(StrictJSONError) {
    skipSpaces()
    guard position == bytes.count else { throw failure(.trailingText) }
  }

  /// What the value is that comes next.
  func nextKind() throws(StrictJSONError) -> Kind {
    guard let byte = peek() else { throw failure(.unexpectedEnd) }
    switch byte {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw failure(.expected("a value"))
    }
  }

  /// Steps into the object or the array that comes next.
  mutating func open() throws(StrictJSONError) {
    try count()
    guard depth < limits.depth else { throw failure(.tooDeep(limit: limits.depth)) }
    depth += 1
    position += 1
    isAtOpening = true
  }

  /// Steps over the next key of the object that is open, and the colon after it; or out of the
  /// object, where it has no more.
  mutating func nextKey() throws(StrictJSONError) -> JSONString? {
    guard try hasNext(before: UInt8(ascii: "}"), "a comma or the end of the object") else {
      return nil
    }
    return try key()
  }

  /// Steps over a key and the colon after it.
  mutating func key() throws(StrictJSONError) -> JSONString {
    guard let byte = peek() else { throw failure(.unexpectedEnd) }
    guard byte == UInt8(ascii: "\"") else { throw failure(.expected("a key")) }
    let key = try string()
    if hasTooManyMarks(key) {
      throw StrictJSONError(.tooManyMarks(limit: String.maximumMarks), at: .byte(key.start))
    }
    skipSpaces()
    try require(UInt8(ascii: ":"), "a colon")
    skipSpaces()
    return key
  }

  /// Steps to the next element of the array that is open; or out of the array, where it has no
  /// more.
  mutating func nextElement() throws(StrictJSONError) -> Bool {
    try hasNext(before: UInt8(ascii: "]"), "a comma or the end of the array")
  }

  private mutating func hasNext(
    before end: UInt8, _ expected: String
  ) throws(StrictJSONError) -> Bool {
    skipSpaces()
    defer { isAtOpening = false }
    if skip(end) {
      depth -= 1
      return false
    }
    if !isAtOpening {
      try require(UInt8(ascii: ","), expected)
      skipSpaces()
    }
    return true
  }

  /// Counts a value.
  mutating func count() throws(StrictJSONError) {
    values += 1
    guard values <= limits.values else { throw failure(.tooManyValues(limit: limits.values)) }
  }
}

// MARK: - Steps

extension JSONScanner {
  func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ problem: StrictJSONError.Problem) -> StrictJSONError {
    StrictJSONError(problem, at: .byte(position))
  }

  mutating func skipSpaces() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  /// Steps over `byte` where it comes next.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  mutating func require(_ byte: UInt8, _ what: String) throws(StrictJSONError) {
    guard position < bytes.count else { throw failure(.unexpectedEnd) }
    guard skip(byte) else { throw failure(.expected(what)) }
  }
}
