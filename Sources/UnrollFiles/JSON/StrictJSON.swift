import Foundation

/// A reader of JSON (RFC 8259) that trusts nothing: the text may come from a hostile file.
///
/// Beyond the grammar it refuses what readers disagree about, so that one text means one thing
/// everywhere: duplicate keys, a byte-order mark, text that is not UTF-8, halves of surrogate
/// pairs. Size, depth and the number of values are bounded before memory is spent on them.
public enum StrictJSON {
  /// How much a text may ask for.
  public struct Limits: Sendable {
    /// Bytes of text.
    public var bytes: Int
    /// Objects and arrays within one another.
    public var depth: Int
    /// Values of every kind, the members of objects and elements of arrays included.
    public var values: Int

    public init(bytes: Int = 1 << 20, depth: Int = 64, values: Int = 50_000) {
      self.bytes = bytes
      self.depth = depth
      self.values = values
    }
  }

  /// Checks a text before it is handed to a decoder that is less strict, such as `JSONDecoder`.
  ///
  /// - Parameters:
  ///   - bytes: The whole text, as UTF-8.
  ///   - limits: How much it may ask for.
  /// - Throws: ``StrictJSONError``, naming the first byte that is wrong.
  public static func validate(
    _ bytes: some Sequence<UInt8>, limits: Limits = Limits()
  ) throws(StrictJSONError) {
    _ = try parse(Array(bytes), limits: limits)
  }

  /// Reads a value from a text that has nothing else in it: what the value does not ask for is
  /// refused, and so is a number that is not quite of the type that it asks for, such as `2.0` for
  /// an integer.
  ///
  /// It reads what a `JSONEncoder` of the usual settings writes.
  ///
  /// - Parameters:
  ///   - bytes: The whole text, as UTF-8.
  ///   - limits: How much it may ask for.
  /// - Throws: ``StrictJSONError``, `DecodingError`, and what the type itself throws.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: some Sequence<UInt8>, limits: Limits = Limits()
  ) throws -> Value {
    try decode(type, from: Array(bytes), limits: limits, userInfo: [:], isWhole: true)
  }

  /// - Parameter isWhole: whether the value must ask for all that is there.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], limits: Limits, userInfo: [CodingUserInfoKey: Any],
    isWhole: Bool
  ) throws -> Value {
    let root = DecodedValue(try parse(bytes, limits: limits))
    let value = try StrictDecoder(node: root, codingPath: [], userInfo: userInfo).decode(type)
    if isWhole, let path = root.unasked(), let last = path.last {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: path.dropLast(),
          debugDescription: last.intValue.map { "element \($0) is unknown" }
            ?? "the field \(quoted(last.stringValue)) is unknown"))
    }
    return value
  }

  /// Reads a text into a tree. Spaces around it are allowed.
  ///
  /// - Throws: ``StrictJSONError``, naming the first byte that is wrong.
  package static func parse(
    _ bytes: [UInt8], limits: Limits = Limits()
  ) throws(StrictJSONError) -> JSONValue {
    guard bytes.count <= limits.bytes else {
      throw StrictJSONError(.tooLarge(limit: limits.bytes), at: .byte(limits.bytes))
    }
    var scanner = JSONScanner(bytes, limits: limits)
    try scanner.begin()
    let value = try scanner.value()
    try scanner.end()
    return value
  }
}
