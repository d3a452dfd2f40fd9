/// A place on an axis that is labeled.
package struct Tick: Equatable {
  package var value: Double
  package var label: String
  /// A second line below: the day of an hour, the year of a month, where it begins.
  package var context = ""
}

extension ChartAxis {
  /// Ticks of a range, at most so many unless there are fewer than two.
  package func ticks(_ range: ClosedRange<Double>, atMost count: Int) -> [Tick] {
    switch scale {
    case .linear: linearTicks(range, atMost: count)
    case .logarithmic: logarithmicTicks(range, atMost: count)
    case .time: timeTicks(range, atMost: count)
    }
  }

  /// The most ticks whose labels stay apart on a horizontal axis of a length.
  package func ticks(_ range: ClosedRange<Double>, along scale: AxisScale) -> [Tick] {
    func areApart(_ ticks: [Tick]) -> Bool {
      let widest = ticks.map { width(of: $0.label, size: Picture.text) }.max() ?? 0
      let places = ticks.compactMap { scale.place($0.value) }
      return zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= widest + 12 }
    }
    var crowded: [Tick] = []
    for count in [8, 7, 6, 5, 4, 3] {
      let found = ticks(range, atMost: count)
      guard areApart(found) else {
        crowded = found
        continue
      }
      // One tick alone does not say how far it is to anywhere.
      if found.count < 2, let some = (2...8).map(crowded.every).first(where: areApart),
        some.count > 1
      {
        return some
      }
      return found
    }
    let few = ticks(range, atMost: 2)
    return few.count > 2 ? [few[0], few[few.count - 1]] : few
  }
}

extension [Tick] {
  /// The first and every so many after it, each with what the second lines of those left out before it said.
  fileprivate func every(_ step: Int) -> [Tick] {
    stride(from: 0, to: count, by: step).map { index in
      var tick = self[index]
      let before = self[Swift.max(0, index - step + 1)...index].last { !$0.context.isEmpty }
      tick.context = before?.context ?? ""
      return tick
    }
  }
}

/// The least of `m · 10^e`, for the given m, that divides a span into at most so many steps.
package func niceStep(
  _ span: Double, atMost count: Int, of mantissas: [Int] = [1, 2, 5]
) -> DecimalNumber {
  let raw = span / Double(max(1, count)) * (1 - 1e-9)
  let exponent = max(raw, 1e-300) == raw ? decimalExponent(of: raw) : -300
  for m in mantissas {
    let step = DecimalNumber(digits: m, exponent: exponent)
    if step.value >= raw { return step }
  }
  return DecimalNumber(digits: 1, exponent: exponent + 1)
}

/// The whole multiples of a step within a range, up to rounding.
package func multiples(of step: Double, in range: ClosedRange<Double>) -> ClosedRange<Int>? {
  let (first, last) = (range.lowerBound / step, range.upperBound / step)
  guard abs(first) < 9e15, abs(last) < 9e15 else { return nil }
  let from = Int((first - 1e-6).rounded(.up))
  let to = Int((last + 1e-6).rounded(.down))
  return from <= to ? from...to : nil
}

/// Whole multiples of 1, 2 or 5 times a power of ten.
package func linearTicks(_ range: ClosedRange<Double>, atMost count: Int) -> [Tick] {
  // A range has one tick more than steps, but rarely begins with one.
  var step = niceStep(range.upperBound - range.lowerBound, atMost: count)
  if let found = multiples(of: step.value, in: range), found.count > count {
    step = niceStep(step.value * 1.01, atMost: 1)
  }
  let numbers = (multiples(of: step.value, in: range).map(Array.init) ?? []).map {
    DecimalNumber(digits: $0 * step.digits, exponent: step.exponent)
  }
  // All in the same form.
  let plain = numbers.map(\.grouped)
  let scientific = numbers.map(\.scientific)
  let (long, short) = (plain.map(\.count).max() ?? 0, scientific.map(\.count).max() ?? 0)
  let labels = long > 9 && short < long ? scientific : plain
  return zip(numbers, labels).map { Tick(value: $0.value, label: $1) }
}

/// Powers of ten, all or every second, third, fifth...; of less than two of them twice and five times
/// those too; of a small part of one, ticks as on a linear axis.
package func logarithmicTicks(_ range: ClosedRange<Double>, atMost count: Int) -> [Tick] {
  let (low, high) = (range.lowerBound, range.upperBound)
  let decades = decimalExponent(of: low)...decimalExponent(of: high)
  if high < 5 * low { return linearTicks(range, atMost: count) }
  let within = decades.filter { (low * (1 - 1e-9)...high * (1 + 1e-9)).contains(powerOfTen($0)) }
  var numbers: [DecimalNumber]
  if within.count < 3 {
    numbers = decades.flatMap { decade in
      [1, 2, 5].map { DecimalNumber(digits: $0, exponent: decade) }
    }
    numbers = numbers.filter { (low * (1 - 1e-9)...high * (1 + 1e-9)).contains($0.value) }
    if numbers.count > count { numbers = numbers.filter { $0.digits == 1 } }
  } else {
    let step = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500].first { within.count / $0 < count } ?? 500
    numbers = within.filter { $0 % step == 0 }.map { DecimalNumber(digits: 1, exponent: $0) }
  }
  let isPlain = numbers.allSatisfy { (1e-3..<1e5).contains($0.value) }
  return numbers.map { Tick(value: $0.value, label: isPlain ? $0.grouped : $0.scientific) }
}
