/// A point of time: microseconds since the beginning of 1970 without a time zone, or a plain number
/// where points are counted.
///
/// Dates are those of the Gregorian calendar, which is taken to have been in use at all times. A day has
/// 24 hours: there are no leap seconds, and no hours that a change of the clocks leaves out.
public struct TimeStamp: Codable, Sendable, Hashable, Comparable {
  public let value: Int64

  public init(_ value: Int64) { self.value = value }

  public static func < (a: TimeStamp, b: TimeStamp) -> Bool { a.value < b.value }

  /// The years that there are points of time for, with room for the hours beside UTC.
  package static let years = -290_000...290_000

  /// The point of time of a date; `nil` where the calendar has none, such as the 30th of February.
  ///
  /// - Parameters:
  ///   - year: The year, from -290,000 to 290,000. The year before 1 is 0.
  ///   - month: From 1 to 12.
  ///   - day: From 1.
  ///   - hour: From 0 to 23.
  ///   - minute: From 0 to 59.
  ///   - second: From 0 to 59.
  ///   - microsecond: From 0 to 999,999.
  public init?(
    year: Int, month: Int = 1, day: Int = 1, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    guard
      Self.years.contains(year), (1...12).contains(month), day >= 1,
      day <= CivilDate.days(inMonth: month, ofYear: year), (0..<24).contains(hour),
      (0..<60).contains(minute), (0..<60).contains(second), (0..<1_000_000).contains(microsecond)
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    let seconds = (date.daysSince1970 * 24 + hour) * 3600 + minute * 60 + second
    value = Int64(seconds) * 1_000_000 + Int64(microsecond)
  }

  /// The day, with the microseconds since it began.
  init(_ date: CivilDate, microsecondOfDay: Int64) {
    value = Int64(date.daysSince1970) * Self.microsecondsOfDay + microsecondOfDay
  }

  static let microsecondsOfDay: Int64 = 86_400_000_000

  /// The day, and the microseconds since it began.
  var dateAndTime: (date: CivilDate, microsecondOfDay: Int64) {
    let (days, rest) = value.dividedDown(by: Self.microsecondsOfDay)
    return (CivilDate(daysSince1970: Int(days)), rest)
  }
}

extension TimeStamp {
  /// What the calendar and the clock show.
  public struct Components: Sendable, Hashable {
    public let year: Int
    /// From 1 to 12.
    public let month: Int
    /// From 1.
    public let day: Int
    /// From 0 to 23.
    public let hour: Int
    public let minute: Int
    public let second: Int
    /// From 0 to 999,999.
    public let microsecond: Int
    /// From 1 for Monday to 7 for Sunday.
    public let weekday: Int
    /// From 1 for the first of January.
    public let dayOfYear: Int

    /// The number of the week: the first one is that with the year's first Thursday, as ISO 8601 has it,
    /// so that the last days of a year may be in week 1 and the first days in week 52 or 53.
    public var weekOfYear: Int {
      // The week is numbered by its Thursday.
      let thursday = dayOfYear + 4 - weekday
      if thursday < 1 {
        return (thursday + (CivilDate.isLeapYear(year - 1) ? 366 : 365) - 1) / 7 + 1
      }
      let length = CivilDate.isLeapYear(year) ? 366 : 365
      return thursday > length ? 1 : (thursday - 1) / 7 + 1
    }
  }

  /// What the calendar and the clock show, of a point of time that is not counted.
  public var components: Components {
    let (date, rest) = dateAndTime
    let seconds = Int(rest / 1_000_000)
    // The first of January 1970 was a Thursday.
    let weekday = (date.daysSince1970 + 3).dividedDown(by: 7).remainder + 1
    return Components(
      year: date.year, month: date.month, day: date.day, hour: seconds / 3600,
      minute: seconds / 60 % 60, second: seconds % 60, microsecond: Int(rest % 1_000_000),
      weekday: weekday, dayOfYear: date.dayOfYear)
  }
}
