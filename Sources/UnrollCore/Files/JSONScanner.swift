/// Reads one JSON text from left to right, by recursive descent of bounded depth.
struct JSONScanner {
  let bytes: [UInt8]
  let limits: StrictJSON.Limits
  var position = 0
  private var values = 0

  init(_ bytes: [UInt8], limits: StrictJSON.Limits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func document() throws(StrictJSONError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure(.byteOrderMark) }
    skipSpaces()
    let value = try value(depth: 0)
    skipSpaces()
    guard position == bytes.count else { throw failure(.trailingText) }
    return value
  }

  private mutating func value(depth: Int) throws(StrictJSONError) -> JSONValue {
    values += 1
    guard values <= limits.values else { throw failure(.tooManyValues(limit: limits.values)) }
    guard let byte = peek() else { throw failure(.unexpectedEnd) }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw failure(.expected("a value"))
    }
  }

  private mutating func object(depth: Int) throws(StrictJSONError) -> JSONValue {
    try open(depth: depth)
    var members: [JSONValue.Member] = []
    var keys = KeySet()
    if skip(UInt8(ascii: "}")) { return .object([]) }
    while true {
      guard let byte = peek() else { throw failure(.unexpectedEnd) }
      guard byte == UInt8(ascii: "\"") else { throw failure(.expected("a key")) }
      let start = position
      let key = try string()
      guard keys.insert(key, after: members) else {
        throw StrictJSONError(.duplicateKey(key), at: .byte(start))
      }
      skipSpaces()
      try require(UInt8(ascii: ":"), "a colon")
      skipSpaces()
      members.append(JSONValue.Member(key: key, value: try value(depth: depth)))
      skipSpaces()
      if skip(UInt8(ascii: "}")) { return .object(members) }
      try require(UInt8(ascii: ","), "a comma or the end of the object")
      skipSpaces()
    }
  }

  private mutating func array(depth: Int) throws(StrictJSONError) -> JSONValue {
    try open(depth: depth)
    var elements: [JSONValue] = []
    if skip(UInt8(ascii: "]")) { return .array([]) }
    while true {
      elements.append(try value(depth: depth))
      skipSpaces()
      if skip(UInt8(ascii: "]")) { return .array(elements) }
      try require(UInt8(ascii: ","), "a comma or the end of the array")
      skipSpaces()
    }
  }

  /// Steps over an opening bracket and the spaces after it.
  private mutating func open(depth: Int) throws(StrictJSONError) {
    guard depth <= limits.depth else { throw failure(.tooDeep(limit: limits.depth)) }
    position += 1
    skipSpaces()
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONValue
  ) throws(StrictJSONError) -> JSONValue {
    for index in 0..<word.utf8CodeUnitCount {
      try require(word.withUTF8Buffer { $0[index] }, "a value")
    }
    return value
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

/// The keys of one object. Most objects are small, and comparing is then cheaper than hashing.
private struct KeySet {
  private var hashed: Set<String> = []

  mutating func insert(_ key: String, after members: [JSONValue.Member]) -> Bool {
    if members.count < 8 { return !members.contains { $0.key == key } }
    if hashed.isEmpty { hashed = Set(members.map(\.key)) }
    return hashed.insert(key).inserted
  }
}
