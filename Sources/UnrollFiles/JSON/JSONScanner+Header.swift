// What the header of a tensor file is made of.

extension JSONScanner {
  /// Refuses the value that comes next, unless it is of the kind that is expected.
  mutating func expect(
    _ kind: Kind, _ expected: String, at path: @autoclosure () -> String
  ) throws {
    let found = try nextKind()
    guard found != kind else { return }
    // Text that is not even JSON is refused as such.
    var rest = self
    try rest.skipValue()
    let value: JSONValue
    switch found {
    case .array: value = .array([])
    case .object: value = .object([])
    case .string: value = .string(excerpt(of: try string()))
    default: value = try self.value()
    }
    throw value.mismatch(expected, path())
  }

  /// Integers that are zero or more: at most `limit` of them, else `problem`.
  mutating func integers(
    at path: @autoclosure () -> String, limit: Int,
    else problem: @autoclosure () -> TensorFileError.Problem
  ) throws -> [Int] {
    var integers: [Int] = []
    try expect(.array, "an array", at: path())
    try open()
    while try nextElement() {
      guard integers.count < limit else { throw problem() }
      if let integer = shortInteger() {
        try count()
        integers.append(integer)
        continue
      }
      let index = integers.count
      try expect(.number, "an integer from 0 to \(Int.max)", at: "\(path())[\(index)]")
      integers.append(try value().count(at: "\(path())[\(index)]"))
    }
    return integers
  }

  /// Steps over an integer of at most 18 digits, where one comes next: most are.
  private mutating func shortInteger() -> Int? {
    var (value, end) = (0, position)
    while end < bytes.count, 0x30...0x39 ~= bytes[end], end - position < 18 {
      value = value * 10 + Int(bytes[end] & 0xF)
      end += 1
    }
    let count = end - position
    guard count == 1 || count > 1 && bytes[position] != 0x30, end < bytes.count,
      bytes[end] == UInt8(ascii: ",") || bytes[end] == UInt8(ascii: "]")
    else { return nil }
    position = end
    return value
  }

  mutating func elementType(
    at path: @autoclosure () -> String, tensor: String
  ) throws -> TensorFile.ElementType {
    try expect(.string, "a string", at: path())
    try count()
    let text = excerpt(of: try string())
    guard let type = TensorFile.ElementType(rawValue: text) else {
      throw TensorFileError.Problem.unknownType(tensor: tensor, type: text)
    }
    return type
  }

  // MARK: Keys

  /// Whether comparing a string with others would take too long, see ``Swift/String/maximumMarks``.
  func hasTooManyMarks(_ string: JSONString) -> Bool {
    guard string.content.count > String.maximumMarks else { return false }
    let isPlain = !string.hasEscapes && bytes[string.content].allSatisfy { $0 < 0x80 }
    return !isPlain && text(of: string).hasTooManyMarks
  }

  /// Whether a string stands for `name`, without making a `String` of one that cannot.
  func isName(_ name: String, _ string: JSONString) -> Bool {
    string.byteCount == name.utf8.count && text(of: string) == name
  }

  /// The string that begins at `position`, which was read before.
  func keyAt(_ position: Int) -> String {
    var scanner = JSONScanner(bytes, limits: limits, at: position)
    guard let token = try? scanner.string() else { return "" }
    return text(of: token)
  }

  /// Whether one string comes before another by their UTF-8 bytes; both were read before.
  func keyAt(_ first: Int, precedesThatAt second: Int) -> Bool {
    var (one, other) = (first + 1, second + 1)
    while true {
      let (a, b) = (bytes[one], bytes[other])
      if a == UInt8(ascii: "\\") || b == UInt8(ascii: "\\") {
        return precedes(keyAt(first), keyAt(second))
      }
      if b == UInt8(ascii: "\"") { return false }
      if a == UInt8(ascii: "\"") || a < b { return true }
      if a > b { return false }
      (one, other) = (one + 1, other + 1)
    }
  }
}

extension String {
  /// The most combining marks that a name may have in a row. Strings are compared and hashed in a
  /// normal form, for which marks are sorted, in a time that grows with the square of their number;
  /// Unicode's own form for streams allows 30 (UAX #15, section 13).
  static let maximumMarks = 256

  /// Whether there are more marks in a row than a name may have.
  var hasTooManyMarks: Bool {
    var marks = 0
    for scalar in unicodeScalars {
      let isMark = scalar.properties.canonicalCombiningClass != .notReordered
      marks = isMark ? marks + 1 : 0
      if marks > Self.maximumMarks { return true }
    }
    return false
  }

  /// What an error's path shows of a text.
  package var cut: String {
    utf8.count <= 100 ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(100)))
  }
}
