/// A JSON text as a tree.
///
/// An object keeps the order of its members, and a number keeps its text, so that an integer is
/// never rounded on its way through a `Double`.
package enum JSONValue: Equatable, Sendable {
  package struct Member: Equatable, Sendable {
    package var key: String
    package var value: JSONValue

    package init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  package static func integer(_ value: Int) -> JSONValue { .number(String(value)) }
}

// MARK: - Reading

extension JSONValue {
  /// The members of an object, in the order of the text.
  ///
  /// - Throws: ``StrictJSONError`` naming `path`, where this is not an object.
  package func members(at path: @autoclosure () -> String) throws(StrictJSONError) -> [Member] {
    guard case .object(let members) = self else { throw mismatch("an object", path()) }
    return members
  }

  /// - Throws: ``StrictJSONError`` naming `path`, where this is not an array.
  package func elements(at path: @autoclosure () -> String) throws(StrictJSONError) -> [JSONValue] {
    guard case .array(let elements) = self else { throw mismatch("an array", path()) }
    return elements
  }

  /// - Throws: ``StrictJSONError`` naming `path`, where this is not a string.
  package func text(at path: @autoclosure () -> String) throws(StrictJSONError) -> String {
    guard case .string(let text) = self else { throw mismatch("a string", path()) }
    return text
  }

  /// An integer that is zero or more. `2.0`, `2e3` and `-0` are not integers.
  ///
  /// - Throws: ``StrictJSONError`` naming `path`, where this is not one or does not fit `Int`.
  package func count(at path: @autoclosure () -> String) throws(StrictJSONError) -> Int {
    guard case .number(let text) = self, text.utf8.first != UInt8(ascii: "-"),
      let value = Int(text)
    else { throw mismatch("an integer from 0 to \(Int.max)", path()) }
    return value
  }

  func mismatch(_ expected: String, _ path: String) -> StrictJSONError {
    StrictJSONError(.wrongType(expected: expected, found: kind), at: .path(path))
  }

  /// What it is, for an error: short values themselves, of the others only their kind.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text): text
    case .string(let text): quoted(text)
    case .array: "an array"
    case .object: "an object"
    }
  }
}

// MARK: - Writing

extension JSONValue {
  /// The text of the tree, as UTF-8: no spaces, keys sorted by their bytes, nothing escaped that
  /// need not be. One tree has one text, on every platform.
  package var serialized: [UInt8] {
    var text: [UInt8] = []
    append(to: &text)
    return text
  }

  private func append(to text: inout [UInt8]) {
    switch self {
    case .null: text += "null".utf8
    case .bool(let value): text += value ? "true".utf8 : "false".utf8
    case .number(let number): text += number.utf8
    case .string(let string): Self.appendEscaped(string, to: &text)
    case .array(let elements):
      text.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        element.append(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted(by: { precedes($0.key, $1.key) }).enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        Self.appendEscaped(member.key, to: &text)
        text.append(UInt8(ascii: ":"))
        member.value.append(to: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  private static func appendEscaped(_ string: String, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): text += "\\n".utf8
      case UInt8(ascii: "\r"): text += "\\r".utf8
      case UInt8(ascii: "\t"): text += "\\t".utf8
      case 0..<0x10: text += "\\u000\(String(byte, radix: 16))".utf8
      case 0x10..<0x20: text += "\\u00\(String(byte, radix: 16))".utf8
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}

/// Whether `first` comes before `second` by UTF-8 bytes. `String`'s own order normalizes first,
/// which depends on the version of Unicode.
func precedes(_ first: String, _ second: String) -> Bool {
  first.utf8.lexicographicallyPrecedes(second.utf8)
}
