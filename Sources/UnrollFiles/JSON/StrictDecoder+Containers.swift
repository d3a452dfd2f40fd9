/// The members of an object, as they are decoded.
struct StrictKeyedContainer<Name: CodingKey>: KeyedDecodingContainerProtocol {
  private let decoder: StrictDecoder
  private let members: [JSONValue.Member]
  private let indices: [String: Int]

  init(decoder: StrictDecoder, members: [JSONValue.Member]) {
    self.decoder = decoder
    self.members = members
    indices = Dictionary(
      members.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
  }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Name] { members.compactMap { Name(stringValue: $0.key) } }

  func contains(_ key: Name) -> Bool {
    guard let index = indices[key.stringValue] else { return false }
    decoder.node.ask(index)
    return true
  }

  func decodeNil(forKey key: Name) throws -> Bool { try value(key).decodeNil() }
  func decode(_ type: Bool.Type, forKey key: Name) throws -> Bool { try value(key).decode(type) }
  func decode(_ type: String.Type, forKey key: Name) throws -> String {
    try value(key).decode(type)
  }
  func decode(_ type: Double.Type, forKey key: Name) throws -> Double {
    try value(key).decode(type)
  }
  func decode(_ type: Float.Type, forKey key: Name) throws -> Float { try value(key).decode(type) }
  func decode(_ type: Int.Type, forKey key: Name) throws -> Int { try value(key).decode(type) }
  func decode(_ type: Int8.Type, forKey key: Name) throws -> Int8 { try value(key).decode(type) }
  func decode(_ type: Int16.Type, forKey key: Name) throws -> Int16 { try value(key).decode(type) }
  func decode(_ type: Int32.Type, forKey key: Name) throws -> Int32 { try value(key).decode(type) }
  func decode(_ type: Int64.Type, forKey key: Name) throws -> Int64 { try value(key).decode(type) }
  func decode(_ type: UInt.Type, forKey key: Name) throws -> UInt { try value(key).decode(type) }
  func decode(_ type: UInt8.Type, forKey key: Name) throws -> UInt8 { try value(key).decode(type) }
  func decode(_ type: UInt16.Type, forKey key: Name) throws -> UInt16 {
    try value(key).decode(type)
  }
  func decode(_ type: UInt32.Type, forKey key: Name) throws -> UInt32 {
    try value(key).decode(type)
  }
  func decode(_ type: UInt64.Type, forKey key: Name) throws -> UInt64 {
    try value(key).decode(type)
  }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Name) throws -> Value {
    try value(key).decode(type)
  }

  func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type, forKey key: Name
  ) throws -> KeyedDecodingContainer<Inner> {
    try value(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Name) throws -> any UnkeyedDecodingContainer {
    try value(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try value(StrictDecoder.Key(stringValue: "super")) }
  func superDecoder(forKey key: Name) throws -> any Decoder { try value(key) }

  private func value(_ key: some CodingKey) throws -> StrictDecoder {
    guard let index = indices[key.stringValue] else {
      throw DecodingError.keyNotFound(
        key, DecodingError.Context(codingPath: codingPath, debugDescription: "it is missing"))
    }
    return decoder.child(index, members[index].value, key)
  }
}

/// The elements of an array, as they are decoded.
struct StrictUnkeyedContainer: UnkeyedDecodingContainer {
  let decoder: StrictDecoder
  let elements: [JSONValue]
  private(set) var currentIndex = 0

  init(decoder: StrictDecoder, elements: [JSONValue]) {
    self.decoder = decoder
    self.elements = elements
  }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex == elements.count }

  mutating func decodeNil() throws -> Bool {
    let isNil = try peek(Any?.self).decodeNil()
    if isNil { currentIndex += 1 }
    return isNil
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool { try next { try $0.decode(type) } }
  mutating func decode(_ type: String.Type) throws -> String { try next { try $0.decode(type) } }
  mutating func decode(_ type: Double.Type) throws -> Double { try next { try $0.decode(type) } }
  mutating func decode(_ type: Float.Type) throws -> Float { try next { try $0.decode(type) } }
  mutating func decode(_ type: Int.Type) throws -> Int { try next { try $0.decode(type) } }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try next { try $0.decode(type) } }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try next { try $0.decode(type) } }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try next { try $0.decode(type) } }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try next { try $0.decode(type) } }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try next { try $0.decode(type) } }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next { try $0.decode(type) } }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next { try $0.decode(type) } }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next { try $0.decode(type) } }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next { try $0.decode(type) } }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next { try $0.decode(type) }
  }

  mutating func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type
  ) throws -> KeyedDecodingContainer<Inner> {
    try next { try $0.container(keyedBy: type) }
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next { try $0.unkeyedContainer() }
  }

  mutating func superDecoder() throws -> any Decoder { try next { $0 } }

  /// Decodes the next element, and stays at it where it is not what was asked for.
  private mutating func next<Value>(_ body: (StrictDecoder) throws -> Value) throws -> Value {
    let value = try body(peek(Value.self))
    currentIndex += 1
    return value
  }

  private func peek(_ type: Any.Type) throws -> StrictDecoder {
    let key = StrictDecoder.Key(intValue: currentIndex)
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        type,
        DecodingError.Context(codingPath: codingPath + [key], debugDescription: "it is missing"))
    }
    return decoder.child(currentIndex, elements[currentIndex], key)
  }
}
