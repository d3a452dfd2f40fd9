// Numbers as text, the same on every platform and in every language of the system.

/// A number with at most so many decimals, without zeros at the end, as it is written in a path.
///
/// - Parameter decimals: at most 6. What is beyond a million is cut to it: no picture is that large.
package func fixed(_ value: Double, decimals: Int = 1) -> String {
  let power = powersOfTen[decimals]
  let cut = value.isNaN ? 0 : min(max(value, -1e6), 1e6)
  let whole = Int((cut * Double(power)).rounded())
  return DecimalNumber(digits: whole, exponent: -decimals).trimmed.plain
}

private let powersOfTen = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]

/// `digits · 10^exponent`, exactly.
package struct DecimalNumber: Equatable {
  package var digits: Int
  package var exponent: Int

  /// The nearest `Double`.
  package var value: Double { Double("\(digits)e\(exponent)") ?? .nan }

  /// The same number without zeros at its end.
  package var trimmed: DecimalNumber {
    guard digits != 0 else { return DecimalNumber(digits: 0, exponent: 0) }
    var shorter = self
    while shorter.digits % 10 == 0 {
      shorter.digits /= 10
      shorter.exponent += 1
    }
    return shorter
  }

  /// All digits, such as -0.0250: with as many decimals as the exponent says.
  package var plain: String {
    let sign = digits < 0 ? "-" : ""
    var text = "\(digits.magnitude)"
    if exponent >= 0 {
      return sign + text + String(repeating: "0", count: digits == 0 ? 0 : exponent)
    }
    text = String(repeating: "0", count: max(0, 1 - exponent - text.count)) + text
    return sign + text.dropLast(-exponent) + "." + text.suffix(-exponent)
  }

  /// For reading: zero as 0, a true minus, and commas from 10,000 on.
  package var grouped: String {
    guard digits != 0 else { return "0" }
    let parts = plain.split(separator: ".")
    var whole = String(parts[0].drop { $0 == "-" })
    if whole.count > 4 {
      let groups = stride(from: whole.count, to: 0, by: -3).map { end in
        whole.prefix(end).suffix(min(3, end))
      }
      whole = groups.reversed().joined(separator: ",")
    }
    return (digits < 0 ? "−" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
  }

  /// One digit before the point and a power of ten, such as 2.5×10⁷.
  package var scientific: String {
    guard digits != 0 else { return "0" }
    let short = trimmed
    let text = "\(short.digits.magnitude)"
    let power = "10" + raised(short.exponent + text.count - 1)
    let sign = short.digits < 0 ? "−" : ""
    if text == "1" { return sign + power }
    return sign + text.prefix(1) + (text.count > 1 ? "." : "") + text.dropFirst() + "×" + power
  }

  /// A number rounded to so many digits that count, 0 below 1e-300; `nil` where it is not finite.
  package init?(_ value: Double, significant: Int) {
    guard value.isFinite else { return nil }
    self.init(digits: 0, exponent: 0)
    guard abs(value) >= 1e-300 else { return }
    let size = decimalExponent(of: value)
    exponent = size - significant + 1
    digits = Int((abs(value) / powerOfTen(size) * powerOfTen(significant - 1)).rounded())
    if value < 0 { digits = -digits }
    self = trimmed
  }

  package init(digits: Int, exponent: Int) {
    (self.digits, self.exponent) = (digits, exponent)
  }

  /// A number for reading, of four digits that count unless it is a whole one.
  package static func text(_ value: Double) -> String {
    if let whole = Int(exactly: value), whole.magnitude < 1_000_000_000 {
      return DecimalNumber(digits: whole, exponent: 0).grouped
    }
    guard let number = DecimalNumber(value, significant: 4) else { return "–" }
    return (1e-4..<1e7).contains(abs(value)) ? number.grouped : number.scientific
  }
}

/// An exponent in raised digits.
package func raised(_ exponent: Int) -> String {
  let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
  return String("\(exponent)".map { $0 == "-" ? "⁻" : digits[$0.wholeNumberValue ?? 0] })
}

/// 10 to a power between -308 and 308, correctly rounded.
package func powerOfTen(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? .nan }

/// The greatest e with 10^e ≤ |value|, of a number that is finite and at least 1e-300.
package func decimalExponent(of value: Double) -> Int {
  // By comparisons: a logarithm may round to the other side of a power.
  let size = abs(value)
  var (low, high) = (-301, 308)
  while low < high {
    let middle = (low + high + 1) >> 1
    if powerOfTen(middle) <= size { low = middle } else { high = middle - 1 }
  }
  return low
}
