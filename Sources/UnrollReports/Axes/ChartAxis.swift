/// What an axis of a chart shows, and how.
public struct ChartAxis: Sendable, Equatable {
  public enum Scale: Sendable, Equatable {
    case linear
    /// In powers of ten. What is not above 0 is not shown.
    case logarithmic
    /// Points of time: microseconds since the beginning of 1970, without a time zone, as the value of
    /// a `TimeStamp` has them. Labels are those of the Gregorian calendar.
    case time
  }

  /// What is on the axis, with its unit: "temperature (°C)".
  public var title: String
  public var scale: Scale
  /// Values that the axis reaches whatever the data are, such as 0.
  public var including: [Double]
  /// What is below is cut off; `nil` to show all.
  public var least: Double?
  /// What is above is cut off; `nil` to show all.
  public var greatest: Double?

  public init(
    _ title: String = "", scale: Scale = .linear, including: [Double] = [], least: Double? = nil,
    greatest: Double? = nil
  ) {
    self.title = title
    self.scale = scale
    self.including = including
    self.least = least
    self.greatest = greatest
  }

  /// From the least to the greatest of the values that can be shown, at least a little apart.
  ///
  /// Without a value it is 0...1, or 1...10 on a logarithmic axis.
  func range(of values: [Double]) -> ClosedRange<Double> {
    let isLogarithmic = scale == .logarithmic
    // So large that differences are still numbers.
    let limit = 1e300
    let shown = (values + including).filter {
      $0.isFinite && (isLogarithmic ? $0 >= 1 / limit : true)
    }
    .map { min(max($0, -limit), limit) }
    var low = shown.min() ?? (isLogarithmic ? 1 : 0)
    var high = shown.max() ?? (isLogarithmic ? 10 : 1)
    if let least, least.isFinite, !isLogarithmic || least > 0 { low = max(low, least) }
    if let greatest, greatest.isFinite, !isLogarithmic || greatest > 0 {
      high = min(high, greatest)
    }
    if low > high { (low, high) = (min(low, high), max(low, high)) }
    // Below this the numbers of the axis are no longer told apart; of time it is a microsecond.
    let (size, span) = (max(abs(low), abs(high)), high - low)
    guard scale == .time ? span < max(1, 1e-15 * size) : span <= max(1e-11 * size, 1e-290) else {
      return low...high
    }
    switch scale {
    case .logarithmic: return low / 2...high * 2
    case .time:
      let room = max(1_800_000_000, 1e-9 * size)
      return low - room...high + room
    case .linear:
      let room = size < 1e-290 ? 1 : 0.1 * size
      return low - room...high + room
    }
  }
}
