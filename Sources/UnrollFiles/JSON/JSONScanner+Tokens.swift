// The two kinds of token that have an inside: strings and numbers.

/// A string within a text that was found to be well-formed, and is not decoded yet.
struct JSONString {
  /// Where its opening quotation mark is.
  let start: Int
  /// What is between the quotation marks.
  let content: Range<Int>
  /// The bytes of UTF-8 that it stands for: fewer than those of its content where it has escapes.
  let byteCount: Int

  var hasEscapes: Bool { byteCount != content.count }
}

extension JSONScanner {
  /// The longest number there is: a `Double` needs 17 digits, a sign, a point and an exponent.
  private static let longestNumber = 128

  /// Steps over a number and gives its place.
  mutating func number() throws(StrictJSONError) -> Range<Int> {
    let start = position
    _ = skip(UInt8(ascii: "-"))
    if !skip(UInt8(ascii: "0")) { try digits() }
    if skip(UInt8(ascii: ".")) { try digits() }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
      try digits()
    }
    // Catches 01, 1.2.3, 0x10 and 1a, which would otherwise be reported as a missing comma.
    if let byte = peek(), isWordByte(byte) { throw failure(.invalidNumber) }
    guard position - start <= Self.longestNumber else {
      throw StrictJSONError(.invalidNumber, at: .byte(start))
    }
    return start..<position
  }

  private mutating func digits() throws(StrictJSONError) {
    let start = position
    while let byte = peek(), isDigit(byte) { position += 1 }
    if position == start {
      throw failure(position == bytes.count ? .unexpectedEnd : .invalidNumber)
    }
  }

  /// Steps over a string, its quotation marks included.
  mutating func string() throws(StrictJSONError) -> JSONString {
    let start = position
    position += 1
    var byteCount = 0
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return JSONString(
          start: start, content: (start + 1)..<(position - 1), byteCount: byteCount)
      case UInt8(ascii: "\\"): byteCount += UTF8.width(try escape())
      case 0x20..<0x80:
        position += 1
        byteCount += 1
      case 0..<0x20: throw failure(.controlCharacter)
      default:
        let count = multibyteCount()
        guard count > 0 else { throw StrictJSONError(.invalidUTF8, at: .byte(start)) }
        position += count
        byteCount += count
      }
    }
    throw failure(.unexpectedEnd)
  }

  /// What a string stands for, in memory of its size.
  func text(of string: JSONString) -> String {
    guard string.hasEscapes else { return String(decoding: bytes[string.content], as: UTF8.self) }
    return text(of: string, upTo: string.byteCount)
  }

  /// What a string stands for, or enough of it for an error where it is long.
  func excerpt(of string: JSONString) -> String {
    string.byteCount <= 1000 ? text(of: string) : text(of: string, upTo: 1000)
  }

  private func text(of string: JSONString, upTo limit: Int) -> String {
    String(unsafeUninitializedCapacity: limit) { buffer in
      var scanner = JSONScanner(bytes, limits: limits, at: string.content.lowerBound)
      var count = 0
      while scanner.position < string.content.upperBound {
        let byte = bytes[scanner.position]
        if byte == UInt8(ascii: "\\") {
          guard let scalar = try? scanner.escape(), count + scalar.utf8.count <= limit else {
            break
          }
          for byte in scalar.utf8 {
            buffer[count] = byte
            count += 1
          }
        } else {
          let width = byte < 0x80 ? 1 : scanner.multibyteCount()
          guard count + width <= limit else { break }
          for _ in 0..<width {
            buffer[count] = bytes[scanner.position]
            scanner.position += 1
            count += 1
          }
        }
      }
      return count
    }
  }

  /// How many bytes the character of several bytes at `position` has; zero where it is none
  /// (The Unicode Standard, table 3-7).
  private func multibyteCount() -> Int {
    let lead = bytes[position]
    let second: ClosedRange<UInt8>
    let count: Int
    switch lead {
    case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
    case 0xE0: (count, second) = (3, 0xA0...0xBF)
    case 0xED: (count, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
    case 0xF0: (count, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
    case 0xF4: (count, second) = (4, 0x80...0x8F)
    default: return 0
    }
    guard bytes.count - position >= count, second ~= bytes[position + 1],
      bytes[(position + 2)..<(position + count)].allSatisfy({ 0x80...0xBF ~= $0 })
    else { return 0 }
    return count
  }

  private mutating func escape() throws(StrictJSONError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let byte = peek() else { throw failure(.unexpectedEnd) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try escapedScalar(from: start)
    default: throw StrictJSONError(.invalidEscape, at: .byte(start))
    }
  }

  /// Reads the four digits after `\u`, and the second half where the first is half of a pair.
  private mutating func escapedScalar(
    from start: Int
  ) throws(StrictJSONError) -> Unicode.Scalar {
    let first = try fourHexDigits()
    var code = first
    if (0xD800...0xDBFF).contains(first), skip(UInt8(ascii: "\\")) {
      guard skip(UInt8(ascii: "u")) else {
        throw StrictJSONError(.loneSurrogate, at: .byte(start))
      }
      let second = try fourHexDigits()
      guard (0xDC00...0xDFFF).contains(second) else {
        throw StrictJSONError(.loneSurrogate, at: .byte(start))
      }
      code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw StrictJSONError(.loneSurrogate, at: .byte(start))
    }
    return scalar
  }

  private mutating func fourHexDigits() throws(StrictJSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek() else { throw failure(.unexpectedEnd) }
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(byte - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt32(byte - 0x61 + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 | UInt32(byte - 0x41 + 10)
      default: throw failure(.invalidEscape)
      }
      position += 1
    }
    return code
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+")
      || byte == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
