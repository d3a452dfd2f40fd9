import UnrollFiles

/// When the rows of a series are: the first, and how far it is from one to the next.
public struct TimeAxis: Codable, Sendable, Equatable {
  public let start: TimeStamp
  public let step: TimeStep
  /// Where the step is one of months, the day of the month that rows are on, as far as their months have
  /// it; `nil` for that of the start. Of a series of month ends it is 31.
  public let day: Int?

  /// - Precondition: the day, where there is one, is in 1...31.
  public init(start: TimeStamp, step: TimeStep, day: Int? = nil) {
    require(day.map { (1...31).contains($0) } ?? true, "TimeAxis: no month has a day \(day ?? 0)")
    self.start = start
    self.step = step
    self.day = day
  }

  /// When a row is, counted from 0; below 0 for those before the first.
  public func time(ofRow row: Int) -> TimeStamp { step.adding(row, to: start, day: day) }

  /// The axis that begins `rows` rows later.
  public func advanced(by rows: Int) -> TimeAxis {
    // The start may be clamped to the end of its month, and the day of the axis is not.
    guard case .months = step else { return TimeAxis(start: time(ofRow: rows), step: step) }
    return TimeAxis(
      start: time(ofRow: rows), step: step, day: day ?? start.dateAndTime.date.day)
  }
}
