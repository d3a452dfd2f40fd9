/// A day of the Gregorian calendar, which is taken to have been in use at all times.
struct CivilDate: Equatable {
  var year: Int
  /// From 1 to 12.
  var month: Int
  /// From 1.
  var day: Int

  init(year: Int, month: Int, day: Int) {
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// The day so many days after the first of January 1970; before it where that is below 0.
  init(daysSince1970 days: Int) {
    // The calendar repeats itself every 400 years.
    let (cycle, rest) = (days + Self.daysTo1970).dividedDown(by: Self.daysOf400Years)
    // The estimate is at most one year too late: the longest beginning of 400 years is that of the
    // years 0 on, whose first is a leap year.
    var year = rest * 400 / Self.daysOf400Years
    while Self.days(beforeYear: year) > rest { year -= 1 }
    while Self.days(beforeYear: year + 1) <= rest { year += 1 }
    let dayOfYear = rest - Self.days(beforeYear: year)
    var month = dayOfYear / 31 + 1
    if month < 12, Self.days(beforeMonth: month + 1, ofYear: year) <= dayOfYear { month += 1 }
    self.year = cycle * 400 + year
    self.month = month
    day = dayOfYear - Self.days(beforeMonth: month, ofYear: year) + 1
  }

  /// The days since the first of January 1970; below 0 for days before it.
  var daysSince1970: Int {
    Self.days(beforeYear: year) + dayOfYear - 1 - Self.daysTo1970
  }

  /// From 1 for the first of January.
  var dayOfYear: Int { Self.days(beforeMonth: month, ofYear: year) + day }

  var isEndOfMonth: Bool { day == Self.days(inMonth: month, ofYear: year) }

  static func isLeapYear(_ year: Int) -> Bool {
    year & 3 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  /// - Parameter month: From 1 to 12.
  static func days(inMonth month: Int, ofYear year: Int) -> Int {
    switch month {
    case 2: isLeapYear(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static let daysOf400Years = 146_097
  /// From the first of January of the year 0.
  private static let daysTo1970 = 719_528

  /// From the first of January of the year 0 to that of another year.
  private static func days(beforeYear year: Int) -> Int {
    let last = year - 1
    // The year 0 has 366 days.
    return 365 * year + last.dividedDown(by: 4).quotient - last.dividedDown(by: 100).quotient
      + last.dividedDown(by: 400).quotient + 1
  }

  /// From the first of January to the first of a month.
  private static func days(beforeMonth month: Int, ofYear year: Int) -> Int {
    // The months from March on have 31, 30, 31, 30 and 31 days, twice.
    if month <= 2 { return (month - 1) * 31 }
    let fromMarch = month - 3
    return (isLeapYear(year) ? 60 : 59) + (fromMarch * 153 + 2) / 5
  }
}

extension BinaryInteger {
  /// The quotient, rounded down, and the remainder, which is never below 0.
  func dividedDown(by divisor: Self) -> (quotient: Self, remainder: Self) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
