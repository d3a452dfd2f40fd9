// Whole values: into a tree, or over them.

extension JSONScanner {
  /// Steps over the value that comes next and gives it as a tree.
  mutating func value() throws(StrictJSONError) -> JSONValue {
    switch try nextKind() {
    case .object: return try object()
    case .array:
      try open()
      var elements: [JSONValue] = []
      while try nextElement() { elements.append(try value()) }
      return .array(elements)
    case .string:
      try count()
      return .string(text(of: try string()))
    case .number:
      try count()
      return .number(String(decoding: bytes[try number()], as: UTF8.self))
    case .bool: return .bool(try bool())
    case .null:
      try null()
      return .null
    }
  }

  private mutating func object() throws(StrictJSONError) -> JSONValue {
    try open()
    var members: [JSONValue.Member] = []
    var keys = KeySet()
    while let token = try nextKey() {
      let key = text(of: token)
      guard keys.insert(key, after: members) else {
        throw StrictJSONError(.duplicateKey(key), at: .byte(token.start))
      }
      members.append(JSONValue.Member(key: key, value: try value()))
    }
    return .object(members)
  }

  /// Steps over the value that comes next. Duplicate keys in it are not looked for.
  mutating func skipValue() throws(StrictJSONError) {
    switch try nextKind() {
    case .object:
      try open()
      while try nextKey() != nil { try skipValue() }
    case .array:
      try open()
      while try nextElement() { try skipValue() }
    case .string:
      try count()
      _ = try string()
    case .number:
      try count()
      _ = try number()
    case .bool: _ = try bool()
    case .null: try null()
    }
  }

  mutating func null() throws(StrictJSONError) {
    try count()
    try word("null")
  }

  private mutating func bool() throws(StrictJSONError) -> Bool {
    try count()
    let value = peek() == UInt8(ascii: "t")
    try word(value ? "true" : "false")
    return value
  }

  private mutating func word(_ word: StaticString) throws(StrictJSONError) {
    for index in 0..<word.utf8CodeUnitCount {
      try require(word.withUTF8Buffer { $0[index] }, "a value")
    }
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
