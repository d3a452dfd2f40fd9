/// When the rows of a series are: the first, and how far it is from one to the next.
public struct TimeAxis: Codable, Sendable, Equatable {
  public let start: TimeStamp
  public let step: TimeStep

  public init(start: TimeStamp, step: TimeStep) {
    self.start = start
    self.step = step
  }

  /// When a row is, counted from 0; below 0 for those before the first.
  public func time(ofRow row: Int) -> TimeStamp { step.adding(row, to: start) }

  /// The axis that begins `rows` rows later.
  public func advanced(by rows: Int) -> TimeAxis {
    TimeAxis(start: time(ofRow: rows), step: step)
  }
}
