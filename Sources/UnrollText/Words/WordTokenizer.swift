/// Divides a text into words, punctuation and line ends.
///
///     WordTokenizer.tokens(of: "\"Don't!\" (3.5)\n")
///     // ["\"", "Don't", "!", "\"", "(", "3.5", ")", "\n"]
///
/// - A word is a run of letters, digits and `_`, with the combining marks on them. An apostrophe
///   inside a word or before its first letter, and a hyphen inside it, are a part of it: `don't`,
///   `'tis`, `well-known`. So are a point and a comma between digits: `3.5`, `1,000`.
/// - Every other visible character is a token by itself, with the marks and joiners after it: so an
///   emoji of a family is one.
/// - A line end, LF, CRLF or CR, is the token LF. Other white space only separates.
///
/// Upper and lower case differ. A language that is written without spaces gives long runs; read it
/// by characters.
public enum WordTokenizer {
  /// The tokens of a text.
  public static func tokens(of text: String) -> [String] {
    var text = text
    var tokens: [String] = []
    text.withUTF8 { bytes in
      forEachToken(in: bytes) { tokens.append(String(decoding: $0, as: UTF8.self)) }
    }
    return tokens
  }

  private static let lineEnd: [UInt8] = [UInt8(ascii: "\n")]

  /// Calls `body` with the bytes of each token.
  ///
  /// - Parameter bytes: A text in valid UTF-8.
  static func forEachToken(
    in bytes: UnsafeBufferPointer<UInt8>,
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
  ) rethrows {
    try forEachRange(in: bytes) { range in
      let first = bytes[range.lowerBound]
      if first == UInt8(ascii: "\r") {
        try lineEnd.withUnsafeBufferPointer(body)
      } else {
        try body(UnsafeBufferPointer(rebasing: bytes[range]))
      }
    }
  }

  /// Calls `body` with where each token lies.
  static func forEachRange(
    in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) throws -> Void
  ) rethrows {
    let text = Scanner(bytes: bytes)
    var start = 0
    while start < bytes.count {
      let (scalar, next) = bytes.scalar(at: start)
      var end = next
      switch text.kind(scalar) {
      case .space:
        start = end
        continue
      case .lineEnd:
        if scalar == "\r", end < bytes.count, bytes[end] == UInt8(ascii: "\n") { end += 1 }
      case .word: end = text.endOfWord(from: end)
      case .apostrophe where text.isWord(at: end): end = text.endOfWord(from: end)
      default: end = text.endOfSymbol(scalar, from: end)
      }
      try body(start..<end)
      start = end
    }
  }

  private struct Scanner {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Held here, since a global one is looked up anew for each character.
    private let ascii = ScalarClass.ascii

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    @inline(__always)
    func kind(_ scalar: Unicode.Scalar) -> ScalarClass {
      scalar.value < 128 ? ascii[Int(scalar.value)] : ScalarClass(looking: scalar)
    }

    @inline(__always)
    func isWord(at i: Int) -> Bool {
      i < bytes.count && kind(bytes.scalar(at: i).0) == .word
    }

    private func isDigit(at i: Int) -> Bool {
      bytes.indices.contains(i) && bytes[i] >= UInt8(ascii: "0") && bytes[i] <= UInt8(ascii: "9")
    }

    /// The end of a word, of which all before an index is a part.
    func endOfWord(from start: Int) -> Int {
      var end = start
      while end < bytes.count {
        let (scalar, next) = bytes.scalar(at: end)
        switch kind(scalar) {
        case .word, .extender: end = next
        case .apostrophe where isWord(at: next), .hyphen where isWord(at: next): end = next
        case .point where isDigit(at: end - 1) && isDigit(at: next): end = next
        default: return end
        }
      }
      return end
    }

    /// The end of a token that is no word: after the marks on its character, and after the symbols
    /// that are joined to it.
    func endOfSymbol(_ symbol: Unicode.Scalar, from start: Int) -> Int {
      var (end, last) = (start, symbol)
      while end < bytes.count {
        let (scalar, next) = bytes.scalar(at: end)
        let isJoined = last == "\u{200D}" && scalar.properties.generalCategory == .otherSymbol
        guard kind(scalar) == .extender || isJoined else { break }
        (end, last) = (next, scalar)
      }
      return end
    }
  }
}
