/// Goes through the coded form of a value and keeps nothing of it.
///
/// A layer's coded form names all that it stores, so that its parameters are found without a look at
/// the types they are of: each notes itself in the ledger of ``userInfo``.
struct DiscardingEncoder: Encoder {
  var codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any]

  func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Keyed(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer { Unkeyed(encoder: self) }
  func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

  fileprivate func at(_ key: any CodingKey) -> DiscardingEncoder {
    DiscardingEncoder(codingPath: codingPath + [key], userInfo: userInfo)
  }

  /// Goes into a value. Numbers, texts and truth values have nothing inside, and would encode
  /// themselves for ever.
  fileprivate func visit(_ value: some Encodable) throws {
    if value is any Numeric || value is String || value is Bool { return }
    try value.encode(to: self)
  }
}

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: DiscardingEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try encoder.at(key).visit(value)
  }
  func encodeNil(forKey key: Key) {}
  func nestedContainer<Nested>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    encoder.at(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder.at(key).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { encoder }
  func superEncoder(forKey key: Key) -> any Encoder { encoder.at(key) }
}

private struct Unkeyed: UnkeyedEncodingContainer {
  private struct Index: CodingKey {
    var intValue: Int?
    var stringValue: String { "\(intValue ?? 0)" }
    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { nil }
  }

  let encoder: DiscardingEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }
  private(set) var count = 0

  init(encoder: DiscardingEncoder) { self.encoder = encoder }

  private mutating func next() -> DiscardingEncoder {
    defer { count += 1 }
    return encoder.at(Index(intValue: count))
  }

  mutating func encode<T: Encodable>(_ value: T) throws { try next().visit(value) }
  mutating func encodeNil() { _ = next() }
  mutating func nestedContainer<Nested>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    next().container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    next().unkeyedContainer()
  }
  mutating func superEncoder() -> any Encoder { next() }
}

private struct Single: SingleValueEncodingContainer {
  let encoder: DiscardingEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encode<T: Encodable>(_ value: T) throws { try encoder.visit(value) }
  func encodeNil() {}
}
