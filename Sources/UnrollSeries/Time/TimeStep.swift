import UnrollFiles

/// How far it is from one row of a series to the next.
public enum TimeStep: Codable, Sendable, Hashable {
  /// Points of time that are counted: 1, 2, 3...
  case count(Int64)
  /// A fixed time.
  case microseconds(Int64)
  /// Months of the calendar.
  case months(Int)

  public static func seconds(_ seconds: Int) -> TimeStep {
    .microseconds(Int64(seconds) * 1_000_000)
  }
  public static let hour = seconds(3600)
  public static let day = seconds(86_400)
  public static let month = TimeStep.months(1)
}

extension TimeStep {
  /// The point of time `steps` later than another; earlier where that is below 0.
  ///
  /// Months keep the day of the month, and where a month has no such day it is the month's last one:
  /// two months after the 31st of December is the last of February, three months after it the 31st of
  /// March.
  ///
  /// - Parameters:
  ///   - steps: How many steps.
  ///   - time: The point of time to begin from.
  ///   - day: The day of the month to keep; `nil` for that of `time`. It tells a series of month ends
  ///     (31) that begins on the 28th of February from one of 28ths.
  /// - Precondition: the result is within the years that a ``TimeStamp`` has.
  public func adding(_ steps: Int, to time: TimeStamp, day: Int? = nil) -> TimeStamp {
    switch self {
    case .count(let step), .microseconds(let step):
      let (distance, isTooFar) = Int64(steps).multipliedReportingOverflow(by: step)
      let (sum, isTooLate) = time.value.addingReportingOverflow(distance)
      require(!isTooFar && !isTooLate, "TimeStep: \(steps) steps of \(self) are too many")
      return TimeStamp(sum)
    case .months(let months):
      let (date, rest) = time.dateAndTime
      let (distance, isTooFar) = steps.multipliedReportingOverflow(by: months)
      require(
        !isTooFar && distance.magnitude < 12 * UInt(TimeStamp.years.count),
        "TimeStep: \(steps) steps of \(self) are too many")
      let (year, month) = (date.year * 12 + date.month - 1 + distance).dividedDown(by: 12)
      require(TimeStamp.years.contains(year), "TimeStep: \(steps) steps of \(self) are too many")
      let length = CivilDate.days(inMonth: month + 1, ofYear: year)
      return TimeStamp(
        CivilDate(year: year, month: month + 1, day: min(day ?? date.day, length)),
        microsecondOfDay: rest)
    }
  }

  /// How many steps it is from one point of time to another, below 0 to an earlier one; `nil` where it
  /// is no whole number of steps.
  ///
  /// It is a whole number of months where both are on one day of the month, as far as their months have
  /// it: from the 28th of February to the 31st of March it is one.
  public func steps(from start: TimeStamp, to end: TimeStamp) -> Int? {
    switch self {
    case .count(let step), .microseconds(let step):
      let (distance, isTooFar) = end.value.subtractingReportingOverflow(start.value)
      guard step != 0, !isTooFar else { return nil }
      let (quotient, remainder) = distance.quotientAndRemainder(dividingBy: step)
      return remainder == 0 ? Int(quotient) : nil
    case .months(let step):
      guard step != 0, let months = Self.wholeMonths(from: start, to: end), months % step == 0
      else { return nil }
      return months / step
    }
  }

  /// The step between two points of time; `nil` where the second is not the later one.
  ///
  /// It is one of months where both are on one day of the month, as far as their months have it, and at
  /// the same time of day: from one month's end to the next it is a month, from the first of a quarter
  /// to the next it is three. Else it is a fixed time.
  public init?(between first: TimeStamp, and second: TimeStamp) {
    let (distance, isTooFar) = second.value.subtractingReportingOverflow(first.value)
    guard distance > 0, !isTooFar else { return nil }
    if let months = Self.wholeMonths(from: first, to: second), months > 0 {
      self = .months(months)
    } else {
      self = .microseconds(distance)
    }
  }

  private static func wholeMonths(from start: TimeStamp, to end: TimeStamp) -> Int? {
    let ((first, time), (second, otherTime)) = (start.dateAndTime, end.dateAndTime)
    guard time == otherTime else { return nil }
    // Is there a day of the month that both are on, each unless its month is too short for it?
    let isOneDay =
      first.day == second.day
      || first.isEndOfMonth && (second.isEndOfMonth || second.day > first.day)
      || second.isEndOfMonth && first.day > second.day
    return isOneDay ? (second.year - first.year) * 12 + second.month - first.month : nil
  }
}
