/// A point of time: microseconds since the beginning of 1970 without a time zone, or a plain number where points
/// are counted.
public struct TimeStamp: Codable, Sendable, Hashable, Comparable {
  public let value: Int64

  public init(_ value: Int64) { self.value = value }

  public static func < (a: TimeStamp, b: TimeStamp) -> Bool { a.value < b.value }
}

extension TimeStep {
  /// The point of time `steps` later than another; earlier where that is below 0.
  public func adding(_ steps: Int, to time: TimeStamp) -> TimeStamp {
    switch self {
    case .count(let step), .microseconds(let step): TimeStamp(time.value + Int64(steps) * step)
    case .months: time  // placeholder, replaced with the calendar
    }
  }
}
