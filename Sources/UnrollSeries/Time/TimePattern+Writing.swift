import UnrollFiles

extension TimePattern {
  /// The point of time as it is written by the pattern.
  ///
  /// ``iso8601`` writes a date alone where the time is midnight, else the time behind a blank, with as many
  /// parts as it has. To write as something was written, use ``asWritten(in:)``.
  ///
  /// - Precondition: the year is in 0...9999, the numbers of which have four digits, unless points are
  ///   counted.
  public func format(_ time: TimeStamp) -> String {
    if form == .number { return "\(time.value)" }
    let parts = time.components
    require(
      (0...9999).contains(parts.year), "TimePattern: the year \(parts.year) has not four digits")
    if form == .elements { return elements.map { $0.text(parts) }.joinedUTF8() }
    var elements: [Element] = [
      .year4, .literal(UInt8(ascii: "-")), .month(padded: true), .literal(UInt8(ascii: "-")),
      .day(padded: true),
    ]
    let seconds = (parts.hour * 60 + parts.minute) * 60 + parts.second
    if seconds > 0 || parts.microsecond > 0 {
      elements += [
        .literal(UInt8(ascii: " ")), .hour(padded: true), .literal(UInt8(ascii: ":")),
        .minute(padded: true), .literal(UInt8(ascii: ":")), .second(padded: true),
      ]
    }
    if parts.microsecond > 0 { elements += [.literal(UInt8(ascii: ".")), .fraction(6)] }
    return elements.map { $0.text(parts) }.joinedUTF8()
  }
}

extension [[UInt8]] {
  fileprivate func joinedUTF8() -> String { String(decoding: joined(), as: UTF8.self) }
}

extension TimePattern.Element {
  /// What it writes of a point of time.
  fileprivate func text(_ parts: TimeStamp.Components) -> [UInt8] {
    switch self {
    case .literal(let byte): [byte]
    case .year4: digits(parts.year, 4)
    case .year2: digits(parts.year % 100, 2)
    case .month(let padded): digits(parts.month, padded ? 2 : 1)
    case .monthName(let isShort):
      Array(TimePattern.monthNames[parts.month - 1].utf8.prefix(isShort ? 3 : 9))
    case .day(let padded): digits(parts.day, padded ? 2 : 1)
    case .dayOfYear(let padded): digits(parts.dayOfYear, padded ? 3 : 1)
    case .hour(let padded): digits(parts.hour, padded ? 2 : 1)
    case .hourOf12(let padded): digits((parts.hour + 11) % 12 + 1, padded ? 2 : 1)
    case .half: Array((parts.hour < 12 ? "AM" : "PM").utf8)
    case .minute(let padded): digits(parts.minute, padded ? 2 : 1)
    case .second(let padded): digits(parts.second, padded ? 2 : 1)
    case .fraction(let count): Array(digits(parts.microsecond, 6).prefix(count))
    case .offset: Array("+0000".utf8)
    }
  }

  private func digits(_ number: Int, _ count: Int) -> [UInt8] {
    let digits = Array("\(number)".utf8)
    return Array(repeating: UInt8(ascii: "0"), count: max(count - digits.count, 0)) + digits
  }
}
