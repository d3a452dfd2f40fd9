/// The bytes of a point of time, read from the first to the last.
struct TimeScanner {
  private let bytes: UnsafeRawBufferPointer
  private var position: Int
  private let end: Int

  /// Leaves out blanks at either end.
  init(_ bytes: UnsafeRawBufferPointer) {
    var (start, end) = (0, bytes.count)
    while start < end, Self.isBlank(bytes[start]) { start += 1 }
    while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
    (self.bytes, position, self.end) = (bytes, start, end)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  var isAtEnd: Bool { position == end }

  var isAtDigit: Bool { position < end && bytes[position] &- UInt8(ascii: "0") < 10 }

  mutating func digit() -> Int? {
    guard isAtDigit else { return nil }
    defer { position += 1 }
    return Int(bytes[position] &- UInt8(ascii: "0"))
  }

  /// Reads a number of so many digits, as many as there are.
  mutating func read(_ digits: ClosedRange<Int>, _ number: inout Int) -> Bool {
    var (value, count) = (0, 0)
    while count < digits.upperBound, let digit = digit() {
      value = value * 10 + digit
      count += 1
    }
    number = value
    return count >= digits.lowerBound
  }

  /// Passes over a byte, if it is the next one.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard position < end, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// Passes over letters in any case, if they are the next ones.
  ///
  /// - Parameter letters: Small ASCII letters.
  mutating func skipLetters(_ letters: StaticString) -> Bool {
    let count = letters.utf8CodeUnitCount
    guard end - position >= count else { return false }
    for i in 0..<count where bytes[position + i] | 0x20 != letters.utf8Start[i] { return false }
    position += count
    return true
  }

  /// All of the bytes as a whole number, which may have a sign; `nil` where they are none.
  mutating func wholeNumber() -> Int64? {
    let isNegative = skip(UInt8(ascii: "-"))
    if !isNegative { _ = skip(UInt8(ascii: "+")) }
    guard isAtDigit else { return nil }
    var value: Int64 = 0
    while let digit = digit() {
      // Below 0, where there is room for one number more.
      let (tens, isTooSmall) = value.multipliedReportingOverflow(by: 10)
      let (next, isSmaller) = tens.subtractingReportingOverflow(Int64(digit))
      guard !isTooSmall, !isSmaller else { return nil }
      value = next
    }
    guard isAtEnd, isNegative || value != .min else { return nil }
    return isNegative ? value : -value
  }
}
