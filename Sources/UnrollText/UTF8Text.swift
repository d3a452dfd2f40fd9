/// What makes bytes UTF-8, and the characters of bytes that are.
package enum UTF8Text {
  /// What some editors put before a text to say that it is UTF-8.
  package static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The number of bytes in a sequence that begins with this one; 0 where none does.
  @inline(__always)
  static func length(_ first: UInt8) -> Int {
    switch first {
    case 0x00...0x7F: 1
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
  }

  /// Whether a byte can come second. It is restricted after some first ones, so that no character has
  /// a longer form, is a surrogate, or lies beyond U+10FFFF (Unicode, table 3-7).
  @inline(__always)
  static func canFollow(_ first: UInt8, _ byte: UInt8) -> Bool {
    switch first {
    case 0xE0: (0xA0...0xBF).contains(byte)
    case 0xED: (0x80...0x9F).contains(byte)
    case 0xF0: (0x90...0xBF).contains(byte)
    case 0xF4: (0x80...0x8F).contains(byte)
    default: isContinuation(byte)
    }
  }

  /// Whether a byte is one of a sequence, but not its first.
  @inline(__always)
  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  /// The offset of the first byte that does not begin a character where one has to begin; `nil` where
  /// the bytes are UTF-8.
  static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let raw = UnsafeRawBufferPointer(bytes)
    var i = 0
    while i < bytes.count {
      while i + 8 <= bytes.count,
        raw.loadUnaligned(fromByteOffset: i, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      { i += 8 }
      guard i < bytes.count else { break }
      let length = length(bytes[i])
      guard length > 0, i + length <= bytes.count else { return i }
      if length > 1 {
        guard canFollow(bytes[i], bytes[i + 1]) else { return i }
        for k in 2..<max(2, length) where !isContinuation(bytes[i + k]) { return i }
      }
      i += length
    }
    return nil
  }

  /// The number of characters in valid UTF-8.
  static func characterCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let raw = UnsafeRawBufferPointer(bytes)
    var (continuations, i) = (0, 0)
    while i + 8 <= bytes.count {
      // The lowest bit of each byte of which the highest bit is set and the next one is not.
      let eight = raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)
      continuations &+= ((eight >> 7) & (~eight >> 6) & 0x0101_0101_0101_0101).nonzeroBitCount
      i += 8
    }
    for byte in bytes[i...] where isContinuation(byte) { continuations += 1 }
    return bytes.count - continuations
  }

  /// The line of an offset, from 1, and the offset at which the line begins: lines end with LF.
  static func line(
    of offset: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (number: Int, start: Int) {
    let newline = UInt8(ascii: "\n")
    let before = bytes[..<offset]
    return (before.count { $0 == newline } + 1, before.lastIndex(of: newline).map { $0 + 1 } ?? 0)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The character at an offset of valid UTF-8, and the offset after it.
  @inline(__always)
  func scalar(at i: Int) -> (Unicode.Scalar, next: Int) {
    let first = self[i]
    guard first >= 0x80 else { return (Unicode.Scalar(first), i + 1) }
    // The bytes are valid: as many follow as the first one says.
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var value = UInt32(first) & (0xFF >> UInt32(length + 1))
    for k in 1..<length { value = value << 6 | UInt32(self[i + k] & 0x3F) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", i + length)
  }
}

extension Collection<UInt8> {
  /// Calls `body` with the bytes in one piece.
  func withBytes<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    try withContiguousStorageIfAvailable(body) ?? Array(self).withUnsafeBufferPointer(body)
  }
}

extension String {
  /// Calls `body` with the text's UTF-8.
  func withBytes<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    var text = self
    return try text.withUTF8(body)
  }
}
