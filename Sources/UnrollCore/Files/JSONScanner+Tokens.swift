// The two kinds of token that have an inside: strings and numbers.

extension JSONScanner {
  /// The longest number there is: a `Double` needs 17 digits, a sign, a point and an exponent.
  private static let longestNumber = 128

  /// Steps over a number and gives its text.
  mutating func number() throws(StrictJSONError) -> String {
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
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(StrictJSONError) {
    let start = position
    while let byte = peek(), isDigit(byte) { position += 1 }
    if position == start {
      throw failure(position == bytes.count ? .unexpectedEnd : .invalidNumber)
    }
  }

  /// Steps over a string, its quotation marks included, and gives what it stands for.
  mutating func string() throws(StrictJSONError) -> String {
    let start = position
    position += 1
    // What comes before the first escape is taken as it is; most strings have no escape.
    let plainStart = position
    try skipPlain()
    if peek() == UInt8(ascii: "\"") {
      position += 1
      return try decoded(bytes[plainStart..<(position - 1)], from: start)
    }
    var content = Array(bytes[plainStart..<position])
    while true {
      guard let byte = peek() else { throw failure(.unexpectedEnd) }
      if byte == UInt8(ascii: "\"") {
        position += 1
        return try decoded(content[...], from: start)
      }
      if byte == UInt8(ascii: "\\") {
        try escape(into: &content)
      } else {
        let runStart = position
        try skipPlain()
        content.append(contentsOf: bytes[runStart..<position])
      }
    }
  }

  /// Steps to the next quotation mark or backslash.
  private mutating func skipPlain() throws(StrictJSONError) {
    while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      guard byte >= 0x20 else { throw failure(.controlCharacter) }
      position += 1
    }
    if position == bytes.count { throw failure(.unexpectedEnd) }
  }

  private func decoded(
    _ content: ArraySlice<UInt8>, from start: Int
  ) throws(StrictJSONError) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw StrictJSONError(.invalidUTF8, at: .byte(start))
    }
    return text
  }

  private mutating func escape(into content: inout [UInt8]) throws(StrictJSONError) {
    let start = position
    position += 1
    guard let byte = peek() else { throw failure(.unexpectedEnd) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"): content.append(contentsOf: try escapedScalar(from: start).utf8)
    default: throw StrictJSONError(.invalidEscape, at: .byte(start))
    }
  }

  /// Reads the digits of `\uXXXX`, and the second half where the first is half of a pair.
  private mutating func escapedScalar(from start: Int) throws(StrictJSONError) -> Character {
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
    return Character(scalar)
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
