/// How far it is from one row of a series to the next.
public enum TimeStep: Codable, Sendable, Equatable {
  /// Points of time that are counted: 1, 2, 3...
  case count(Int64)
  /// A fixed time.
  case microseconds(Int64)
  /// Months of the calendar.
  case months(Int)

  public static func seconds(_ seconds: Int) -> TimeStep { .microseconds(Int64(seconds) * 1_000_000) }
  public static let hour = seconds(3600)
  public static let day = seconds(86_400)
  public static let month = TimeStep.months(1)
}
