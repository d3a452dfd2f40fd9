#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a point of time tells of the calendar and the clock, as a number for a model.
///
/// The number goes from -0.5 for the first to 0.5 for the last: of the 24 hours of a day the first is
/// -0.5, the 13th 0.02 and the last 0.5. Days of a month and of a year, and weeks, are taken of the
/// longest month and year. A cycle has ends so, which lie far apart; ``sine(at:)`` and ``cosine(at:)``
/// together have none.
public enum CalendarFeature: String, Codable, Sendable, CaseIterable {
  case minuteOfHour
  case hourOfDay
  /// From Monday on.
  case dayOfWeek
  case dayOfMonth
  case dayOfYear
  /// Weeks as ISO 8601 has them, see ``TimeStamp/Components/weekOfYear``.
  case weekOfYear
  case monthOfYear

  /// From -0.5 to 0.5.
  public func value(at time: TimeStamp) -> Double {
    let (index, count) = place(at: time)
    return Double(index) / Double(count - 1) - 0.5
  }

  /// The sine of the cycle, which begins at 0 for the first and is never broken.
  public func sine(at time: TimeStamp) -> Double { sin(angle(at: time)) }

  /// The cosine of the cycle, which begins at 1 for the first and is never broken.
  public func cosine(at time: TimeStamp) -> Double { cos(angle(at: time)) }

  private func angle(at time: TimeStamp) -> Double {
    let (index, count) = place(at: time)
    return 2 * Double.pi * Double(index) / Double(count)
  }

  /// Which one it is, from 0, and how many there are at most.
  private func place(at time: TimeStamp) -> (index: Int, count: Int) {
    let parts = time.components
    return switch self {
    case .minuteOfHour: (parts.minute, 60)
    case .hourOfDay: (parts.hour, 24)
    case .dayOfWeek: (parts.weekday - 1, 7)
    case .dayOfMonth: (parts.day - 1, 31)
    case .dayOfYear: (parts.dayOfYear - 1, 366)
    case .weekOfYear: (parts.weekOfYear - 1, 53)
    case .monthOfYear: (parts.month - 1, 12)
    }
  }
}
