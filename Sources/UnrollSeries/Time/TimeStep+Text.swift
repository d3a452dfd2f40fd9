/// A step as it is written in options and messages: a number and a unit, such as `15min`, `1h`, `1d`,
/// `1mo` and `1y`, and a number alone for points of time that are counted.
extension TimeStep: LosslessStringConvertible {
  private enum Unit: String {
    case microsecond = "us"
    case millisecond = "ms"
    case second = "s"
    case minute = "min"
    case hour = "h"
    case day = "d"
    case week = "w"
    case month = "mo"
    case year = "y"

    /// `nil` for months and years, which have no length of their own.
    var microseconds: Int64? {
      switch self {
      case .microsecond: 1
      case .millisecond: 1000
      case .second: 1_000_000
      case .minute: 60_000_000
      case .hour: 3_600_000_000
      case .day: 86_400_000_000
      case .week: 7 * 86_400_000_000
      case .month, .year: nil
      }
    }
  }

  /// What options may be, for messages.
  public static let spellings =
    "a number and one of us, ms, s, min, h, d, w, mo and y, such as 15min, or a number alone where "
    + "points of time are counted"

  /// A step out of its text; `nil` where that is none. The unit may stand alone: `h` is `1h`.
  public init?(_ description: String) {
    let digits = description.prefix { $0.isASCII && $0.isNumber }
    let name = description.dropFirst(digits.count)
    guard !description.isEmpty, digits.count <= 18,
      let number = Int64(digits.isEmpty ? "1" : digits),
      number > 0
    else { return nil }
    if name.isEmpty {
      self = .count(number)
      return
    }
    guard let unit = Unit(rawValue: String(name)) else { return nil }
    let scale = unit.microseconds ?? (unit == .year ? 12 : 1)
    let (product, isTooLong) = number.multipliedReportingOverflow(by: scale)
    // No series has a step longer than all the years that there are.
    let limit = unit.microseconds == nil ? Int64(TimeStamp.years.count) * 12 : Int64.max
    guard !isTooLong, product <= limit else { return nil }
    self = unit.microseconds == nil ? .months(Int(product)) : .microseconds(product)
  }

  /// The step in the largest unit that it is a whole number of, weeks left out.
  public var description: String {
    switch self {
    case .count(let count): return "\(count)"
    case .months(let months):
      return months % 12 == 0 && months != 0 ? "\(months / 12)y" : "\(months)mo"
    case .microseconds(let microseconds):
      for unit in [Unit.day, .hour, .minute, .second, .millisecond] {
        if let scale = unit.microseconds, microseconds % scale == 0, microseconds != 0 {
          return "\(microseconds / scale)\(unit.rawValue)"
        }
      }
      return "\(microseconds)us"
    }
  }
}
