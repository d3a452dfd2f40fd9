import Foundation

/// A JSON value that is being decoded, and what of it was asked for.
///
/// A class, because a decoder's containers ask on behalf of the decoder that made them. It is used
/// during one call, by one thread.
final class DecodedValue {
  let value: JSONValue
  private var isAsked: [Bool]
  /// The objects and arrays among what was asked for.
  private var inner: [Int: DecodedValue] = [:]

  init(_ value: JSONValue) {
    self.value = value
    switch value {
    case .array(let elements): isAsked = Array(repeating: false, count: elements.count)
    case .object(let members): isAsked = Array(repeating: false, count: members.count)
    default: isAsked = []
    }
  }

  /// Notes that the member or element at `index` is known to who decodes.
  func ask(_ index: Int) { isAsked[index] = true }

  /// The member or element at `index`, to be decoded.
  func child(_ index: Int, _ value: JSONValue) -> DecodedValue {
    ask(index)
    if let child = inner[index] { return child }
    let child = DecodedValue(value)
    if !child.isAsked.isEmpty { inner[index] = child }
    return child
  }

  /// The path of the first value that nobody asked for.
  func unasked(at path: [any CodingKey] = []) -> [any CodingKey]? {
    for index in isAsked.indices {
      let key: StrictDecoder.Key
      if case .object(let members) = value {
        key = StrictDecoder.Key(stringValue: members[index].key)
      } else {
        key = StrictDecoder.Key(intValue: index)
      }
      guard isAsked[index] else { return path + [key] }
      if let found = inner[index]?.unasked(at: path + [key]) { return found }
    }
    return nil
  }
}

/// Decodes a tree that was read by ``StrictJSON``, and nothing else than it says: an integer is one
/// in the text too, so not `2.0` or `2e0`; a number fits its type and is finite; and what nobody
/// asked for is known in the end.
///
/// What a `JSONEncoder` of the usual settings writes is read.
struct StrictDecoder: Decoder {
  /// The name of a member or the index of an element.
  struct Key: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
      self.stringValue = stringValue
      intValue = nil
    }

    init(intValue: Int) {
      stringValue = "\(intValue)"
      self.intValue = intValue
    }
  }

  let node: DecodedValue
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any]

  func container<Name>(keyedBy type: Name.Type) throws -> KeyedDecodingContainer<Name> {
    guard case .object(let members) = node.value else {
      throw mismatch([String: Any].self, "an object")
    }
    return KeyedDecodingContainer(StrictKeyedContainer(decoder: self, members: members))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = node.value else { throw mismatch([Any].self, "an array") }
    return StrictUnkeyedContainer(decoder: self, elements: elements)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  /// The decoder of a member or an element.
  func child(_ index: Int, _ value: JSONValue, _ key: any CodingKey) -> StrictDecoder {
    StrictDecoder(
      node: node.child(index, value), codingPath: codingPath + [key], userInfo: userInfo)
  }

  private func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
    .typeMismatch(
      type,
      DecodingError.Context(
        codingPath: codingPath,
        debugDescription: "expected \(expected), found \(node.value.kind)"))
  }
}

// MARK: - Single values

extension StrictDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { node.value == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .bool(let value) = node.value else { throw mismatch(type, "true or false") }
    return value
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .string(let value) = node.value else { throw mismatch(type, "a string") }
    return value
  }

  func decode(_ type: Double.Type) throws -> Double { try number(type) }
  func decode(_ type: Float.Type) throws -> Float { try number(type) }
  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    // The types that a JSONEncoder does not write as they encode themselves.
    var special: Any?
    if type == Data.self { special = Data(base64Encoded: try decode(String.self)) }
    if type == URL.self { special = URL(string: try decode(String.self)) }
    if type == Data.self || type == URL.self {
      guard let value = special as? Value else { throw mismatch(type, "\(type)") }
      return value
    }
    // It would be compared with the names of cases, which may take long.
    if case .string(let text) = node.value, text.utf8.count > 1000,
      type is any RawRepresentable.Type
    {
      throw mismatch(type, "\(type)")
    }
    return try Value(from: self)
  }

  private func number<Number: BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Number.Type
  ) throws -> Number {
    guard case .number(let text) = node.value, let value = Number(text), value.isFinite else {
      throw mismatch(type, "a finite number")
    }
    return value
  }

  private func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
    guard case .number(let text) = node.value, text != "-0", let value = Integer(text) else {
      throw mismatch(type, "an integer from \(Integer.min) to \(Integer.max)")
    }
    return value
  }
}
