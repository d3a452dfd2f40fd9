extension TimeParts {
  /// Reads a date, and a time behind it, as ``TimePattern/iso8601`` says.
  mutating func readISO8601(_ scanner: inout TimeScanner) -> Bool {
    guard scanner.read(4...4, &year) else { return false }
    if scanner.isAtEnd { return true }
    if scanner.skip(UInt8(ascii: "-")) {
      guard scanner.read(2...2, &month) else { return false }
      if scanner.isAtEnd { return true }
      guard scanner.skip(UInt8(ascii: "-")), scanner.read(2...2, &day) else { return false }
    } else {
      guard scanner.read(2...2, &month), scanner.read(2...2, &day) else { return false }
    }
    if scanner.isAtEnd { return true }
    guard scanner.skip(UInt8(ascii: " ")) || scanner.skip(UInt8(ascii: "T")) else { return false }
    return readClock(&scanner)
  }

  private mutating func readClock(_ scanner: inout TimeScanner) -> Bool {
    let colon = UInt8(ascii: ":")
    guard scanner.read(2...2, &hour), scanner.skip(colon), scanner.read(2...2, &minute) else {
      return false
    }
    if scanner.skip(colon) {
      guard scanner.read(2...2, &second) else { return false }
      if scanner.skip(UInt8(ascii: ".")) {
        guard readFraction(&scanner, limit: 9) else { return false }
      }
    }
    return scanner.isAtEnd || readOffset(&scanner)
  }
}

extension TimePattern {
  /// The pattern of directives in which a text is written that this one reads: one of ``iso8601`` may be
  /// written in several ways, and what is written beside it is to look the same. The pattern itself where
  /// it says all, or where it does not read the text.
  public func asWritten(in text: String) -> TimePattern {
    guard form == .iso8601, time(text) != nil else { return self }
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let start = Array(text.utf8.drop(while: isBlank))
    let shape = Array(start.prefix(start.count - start.reversed().prefix(while: isBlank).count))
    guard shape.count > 4 else { return .pattern("%Y") }
    if shape.count == 7 { return .pattern("%Y-%m") }
    let isBasic = shape[4] != UInt8(ascii: "-")
    let dateLength = isBasic ? 8 : 10
    var pattern = isBasic ? "%Y%m%d" : "%Y-%m-%d"
    guard shape.count > dateLength else { return .pattern(pattern) }
    pattern += shape[dateLength] == UInt8(ascii: "T") ? "T%H:%M" : " %H:%M"
    var rest = shape.dropFirst(dateLength + 6)
    if rest.first == UInt8(ascii: ":") {
      pattern += ":%S"
      rest = rest.dropFirst(3)
      if rest.first == UInt8(ascii: ".") {
        let digits = rest.dropFirst().prefix {
          (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        pattern += ".%\(min(digits.count, 6))f"
        rest = rest.dropFirst(1 + digits.count)
      }
    }
    // Whatever the offset was, the point of time is written in UTC.
    return .pattern(pattern + (rest.isEmpty ? "" : "Z"))
  }
}
