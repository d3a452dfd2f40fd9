extension TimePattern {
  /// The point of time that a text says; `nil` where it is not written so, or says none. Blanks around it
  /// do not matter.
  public func time(_ text: String) -> TimeStamp? {
    var text = text
    return text.withUTF8 { time(UnsafeRawBufferPointer($0)) }
  }

  /// The point of time that these bytes say; `nil` where they are not written so, or say none. Blanks
  /// around it do not matter.
  public func time(_ bytes: UnsafeRawBufferPointer) -> TimeStamp? {
    var scanner = TimeScanner(bytes)
    var parts = TimeParts()
    switch form {
    case .iso8601:
      guard parts.readISO8601(&scanner) else { return nil }
    case .number:
      return scanner.wholeNumber().map { TimeStamp($0) }
    case .elements:
      for i in elements.indices {
        guard parts.read(elements[i], &scanner) else { return nil }
      }
    }
    guard scanner.isAtEnd else { return nil }
    return parts.time
  }
}

/// What a text says of a point of time.
struct TimeParts {
  var year = 1970
  var month = 1
  var day = 1
  /// 0 where it is not said.
  var dayOfYear = 0
  var hour = 0
  /// Whether the hour is one of 1 to 12, and whether it is one after noon.
  var hourIsOf12 = false
  var isAfternoon = false
  var minute = 0
  var second = 0
  var microsecond = 0
  /// East of Greenwich.
  var offsetMinutes = 0

  /// `nil` where the calendar has no such point of time.
  var time: TimeStamp? {
    var hour = hour
    if hourIsOf12 {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    guard
      let time = TimeStamp(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second,
        microsecond: microsecond)
    else { return nil }
    var value = time.value - Int64(offsetMinutes) * 60_000_000
    if dayOfYear > 0 {
      guard month == 1, day == 1, dayOfYear <= (CivilDate.isLeapYear(year) ? 366 : 365) else {
        return nil
      }
      value += Int64(dayOfYear - 1) * TimeStamp.microsecondsOfDay
    }
    // An offset may lead out of the years that are written in four digits.
    let isWritable = offsetMinutes == 0 || (0...9999).contains(TimeStamp(value).components.year)
    return isWritable ? TimeStamp(value) : nil
  }

  /// Reads one part of a pattern.
  mutating func read(_ element: TimePattern.Element, _ scanner: inout TimeScanner) -> Bool {
    switch element {
    case .literal(let byte): return scanner.skip(byte)
    case .year4: return scanner.read(4...4, &year)
    case .year2:
      guard scanner.read(2...2, &year) else { return false }
      year += year < 69 ? 2000 : 1900
      return true
    case .month: return scanner.read(1...2, &month)
    case .monthName(let isShort): return readMonthName(&scanner, isShort: isShort)
    case .day: return scanner.read(1...2, &day)
    case .dayOfYear: return scanner.read(1...3, &dayOfYear) && dayOfYear > 0
    case .hour: return scanner.read(1...2, &hour)
    case .hourOf12:
      hourIsOf12 = true
      return scanner.read(1...2, &hour)
    case .half:
      isAfternoon = scanner.skipLetters("pm")
      return isAfternoon || scanner.skipLetters("am")
    case .minute: return scanner.read(1...2, &minute)
    case .second: return scanner.read(1...2, &second)
    case .fraction: return readFraction(&scanner, limit: 6)
    case .offset: return readOffset(&scanner)
    }
  }

  private mutating func readMonthName(_ scanner: inout TimeScanner, isShort: Bool) -> Bool {
    for (index, name) in Self.monthNames.enumerated() {
      if isShort ? scanner.skipLetters(name.short) : scanner.skipLetters(name.whole) {
        month = index + 1
        return true
      }
    }
    return false
  }

  private static let monthNames: [(short: StaticString, whole: StaticString)] = [
    ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may", "may"),
    ("jun", "june"), ("jul", "july"), ("aug", "august"), ("sep", "september"),
    ("oct", "october"), ("nov", "november"), ("dec", "december"),
  ]

  /// Reads the digits of a fraction. Microseconds are kept; of more digits the rest has to be zeros, so
  /// that nothing is lost.
  mutating func readFraction(_ scanner: inout TimeScanner, limit: Int) -> Bool {
    var (digits, scale) = (0, 100_000)
    microsecond = 0
    while let digit = scanner.digit() {
      digits += 1
      guard digits <= limit, scale > 0 || digit == 0 else { return false }
      microsecond += digit * scale
      scale /= 10
    }
    return digits > 0
  }

  mutating func readOffset(_ scanner: inout TimeScanner) -> Bool {
    if scanner.skip(UInt8(ascii: "Z")) { return true }
    let isWest = scanner.skip(UInt8(ascii: "-"))
    guard isWest || scanner.skip(UInt8(ascii: "+")) else { return false }
    var (hours, minutes) = (0, 0)
    guard scanner.read(2...2, &hours), hours < 24 else { return false }
    let hasColon = scanner.skip(UInt8(ascii: ":"))
    if hasColon || scanner.isAtDigit {
      guard scanner.read(2...2, &minutes), minutes < 60 else { return false }
    }
    offsetMinutes = (isWest ? -1 : 1) * (hours * 60 + minutes)
    return true
  }
}
