// Ticks at whole seconds, hours, days, months or years, whichever are few enough.

private let second = 1_000_000.0
private let (minute, hour, day) = (60 * second, 3600 * second, 86_400 * second)

/// How far it is from one tick to the next.
private enum TimeStride {
  /// A part of a second, `digits · 10^exponent` microseconds.
  case fraction(DecimalNumber)
  /// Seconds that divide a day.
  case seconds(Int)
  case days(Int)
  case months(Int)
  case years(Int)

  /// About how long it is, in microseconds.
  var length: Double {
    switch self {
    case .fraction(let step): step.value
    case .seconds(let count): Double(count) * second
    case .days(let count): Double(count) * day
    case .months(let count): Double(count) * 28 * day
    case .years(let count): Double(count) * 365 * day
    }
  }

  static let all: [TimeStride] =
    [1, 2, 5, 10, 15, 30].map { .seconds($0) } + [1, 2, 5, 10, 15, 30].map { .seconds($0 * 60) }
    + [1, 2, 3, 6, 12].map { .seconds($0 * 3600) } + [1, 2, 7, 14].map { .days($0) }
    + [1, 2, 3, 6].map { .months($0) }
}

/// Ticks of points of time, in microseconds since the beginning of 1970.
///
/// The second line of a label says what the first one leaves open, at the first tick and where it
/// changes: the day of a time, the year of a day or month.
package func timeTicks(_ range: ClosedRange<Double>, atMost count: Int) -> [Tick] {
  // What the calendar can reckon with, some 300,000 years.
  let limit = 9e18
  let low = min(max(range.lowerBound, -limit), limit)
  let high = min(max(range.upperBound, -limit), limit)
  let span = high - low
  guard span > 0 else { return [] }
  let stride = timeStride(span, atMost: count) { times($0, in: low...high).count <= count }
  var ticks: [Tick] = []
  var last = ""
  for time in times(stride, in: low...high) {
    let (label, context) = texts(of: time, stride)
    ticks.append(Tick(value: time, label: label, context: context == last ? "" : context))
    last = context
  }
  return ticks
}

private func timeStride(
  _ span: Double, atMost count: Int, fits: (TimeStride) -> Bool
) -> TimeStride {
  let least = span / Double(max(1, count))
  if least < 0.5 * second {
    let step = niceStep(max(span, 1), atMost: count)
    return .fraction(step.exponent < 0 ? DecimalNumber(digits: 1, exponent: 0) : step)
  }
  for stride in TimeStride.all where stride.length >= 0.8 * least && fits(stride) { return stride }
  var years = niceStep(span / (365.25 * day), atMost: count)
  years = years.value < 1 ? DecimalNumber(digits: 1, exponent: 0) : years
  while !fits(.years(Int(years.value))) { years = niceStep(years.value * 1.01, atMost: 1) }
  return .years(Int(years.value))
}

/// The ticks of a stride within a range, in order; none where they were far too many.
private func times(_ stride: TimeStride, in range: ClosedRange<Double>) -> [Double] {
  func days(_ time: Double) -> Int { Int((time / day).rounded(.down)) }
  let first = CivilDate(daysSince1970: days(range.lowerBound))
  let last = CivilDate(daysSince1970: days(range.upperBound))
  func dates(from: Int, through: Int, by step: Int, _ date: (Int) -> CivilDate) -> [Double] {
    let start = from - ((from % step) + step) % step
    return Swift.stride(from: start, through: through, by: step)
      .map { Double(date($0).daysSince1970) * day }.filter(range.contains)
  }
  switch stride {
  case .fraction, .seconds, .days:
    // Weeks begin on Mondays; the first of 1970 was the fifth of January.
    let offset = if case .days(let count) = stride, count % 7 == 0 { 4 * day } else { 0.0 }
    let shifted = (range.lowerBound - offset)...(range.upperBound - offset)
    guard let steps = multiples(of: stride.length, in: shifted), steps.count <= 1000 else {
      return []
    }
    return steps.map { Double($0) * stride.length + offset }
  case .months(let step):
    return dates(
      from: first.year * 12 + first.month - 1, through: last.year * 12 + last.month - 1, by: step
    ) {
      let year = Int((Double($0) / 12).rounded(.down))
      return CivilDate(year: year, month: $0 - year * 12 + 1, day: 1)
    }
  case .years(let step):
    return dates(from: first.year, through: last.year, by: step) {
      CivilDate(year: $0, month: 1, day: 1)
    }
  }
}

/// The two lines of a label.
private func texts(of time: Double, _ stride: TimeStride) -> (label: String, context: String) {
  let days = (time / day).rounded(.down)
  let date = CivilDate(daysSince1970: Int(days))
  let month = CivilDate.months[date.month - 1]
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  switch stride {
  case .years: return ("\(date.year)", "")
  case .months: return (month, "\(date.year)")
  case .days: return ("\(month) \(date.day)", "\(date.year)")
  case .seconds, .fraction:
    let microseconds = Int(time - days * day)
    let seconds = microseconds / 1_000_000
    var clock = "\(two(seconds / 3600)):\(two(seconds / 60 % 60))"
    if stride.length < minute { clock += ":" + two(seconds % 60) }
    if case .fraction(let step) = stride, step.exponent < 6 {
      let digits = "\(1_000_000 + microseconds % 1_000_000)".dropFirst()
      clock += "." + digits.dropLast(min(5, step.exponent))
    }
    return (clock, "\(month) \(date.day), \(date.year)")
  }
}
