import Foundation

/// A picture of curves over a linear axis and a logarithmic one, as SVG.
struct LogPlot {
  struct Curve {
    enum Stroke: String {
      case solid = "none"
      case dashed = "6 4"
      case dotted = "1.5 4"
    }

    var name: String
    /// The value at 0, 1, 2...; one that is not above 0 ends the curve.
    var values: [Double]
    var color: String
    var stroke = Stroke.solid
  }

  var title: String
  var xLabel: String
  var yLabel: String
  var curves: [Curve]
  /// Decades below this one are cut off.
  var leastDecade = -20

  private let width = 880.0, height = 520.0
  private let left = 78.0, right = 224.0, top = 52.0, bottom = 58.0

  private var length: Int { max(1, (curves.map(\.values.count).max() ?? 2) - 1) }

  /// The decades between which all curves lie.
  private var decades: ClosedRange<Int> {
    let logarithms = curves.flatMap(\.values).filter { $0 > 0 && $0.isFinite }.map { log10($0) }
    let lowest = Int((logarithms.min() ?? 0).rounded(.down))
    let highest = Int((logarithms.max() ?? 0).rounded(.up))
    let from = max(leastDecade, min(lowest, highest - 1))
    return from...max(from + 1, highest)
  }

  private func x(_ step: Int) -> Double {
    left + Double(step) / Double(length) * (width - left - right)
  }

  private func y(_ value: Double) -> Double {
    let share = (log10(value) - Double(decades.lowerBound)) / Double(decades.count - 1)
    return height - bottom - share * (height - top - bottom)
  }

  /// The picture.
  var svg: String {
    let parts = [grid, axes] + curves.indices.map { curve($0) } + [legend]
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" \
      font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#333">
      <rect width="100%" height="100%" fill="white"/>
      <text x="\(number(left))" y="28" font-size="17">\(escaped(title))</text>
      \(parts.joined(separator: "\n"))
      </svg>

      """
  }

  private var grid: String {
    let every = max(1, (decades.count + 9) / 10)
    let rows = decades.filter { $0 % every == 0 }.map { decade in
      let at = number(y(pow(10, Double(decade))))
      return """
        <path d="M\(number(left)) \(at)H\(number(width - right))" stroke="#e4e4e4"/>
        <text x="\(number(left - 8))" y="\(at)" dy="4" text-anchor="end">10\(exponent(decade))</text>
        """
    }
    let columns = stride(from: 0, through: length, by: tick).map { step in
      """
      <path d="M\(number(x(step))) \(number(top))V\(number(height - bottom))" stroke="#f0f0f0"/>
      <text x="\(number(x(step)))" y="\(number(height - bottom + 20))" \
      text-anchor="middle">\(step)</text>
      """
    }
    return (rows + columns).joined(separator: "\n")
  }

  /// The distance of labels: 1, 2 or 5 times a power of ten, for about six of them.
  private var tick: Int {
    let power = pow(10, (log10(Double(length) / 6)).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { Double(length) / $0 <= 7 } ?? power
    return max(1, Int(step))
  }

  private var axes: String {
    let middle = number((top + height - bottom) / 2)
    return """
      <path d="M\(number(left)) \(number(top))V\(number(height - bottom))H\(number(width - right))" \
      fill="none" stroke="#555"/>
      <text x="\(number((left + width - right) / 2))" y="\(number(height - 16))" \
      text-anchor="middle">\(escaped(xLabel))</text>
      <text x="20" y="\(middle)" transform="rotate(-90 20 \(middle))" \
      text-anchor="middle">\(escaped(yLabel))</text>
      """
  }

  private func curve(_ index: Int) -> String {
    let curve = curves[index]
    let least = pow(10, Double(decades.lowerBound))
    let points = curve.values.prefix { $0 >= least && $0.isFinite }.enumerated()
      .map { "\(number(x($0.offset))) \(number(y($0.element)))" }
    return """
      <polyline points="\(points.joined(separator: ","))" fill="none" stroke="\(curve.color)" \
      stroke-width="2" stroke-dasharray="\(curve.stroke.rawValue)" stroke-linejoin="round"/>
      """
  }

  private var legend: String {
    curves.enumerated().map { index, curve in
      let (from, at) = (width - right + 18, top + 14 + 22 * Double(index))
      return """
        <path d="M\(number(from)) \(number(at))h28" stroke="\(curve.color)" stroke-width="2" \
        stroke-dasharray="\(curve.stroke.rawValue)"/>
        <text x="\(number(from + 36))" y="\(number(at + 4))">\(escaped(curve.name))</text>
        """
    }
    .joined(separator: "\n")
  }

  private func number(_ value: Double) -> String { String(format: "%.1f", value) }

  /// A number in raised digits.
  private func exponent(_ decade: Int) -> String {
    String(
      "\(decade)".map { digit in
        digit == "-" ? "⁻" : Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[digit.wholeNumberValue ?? 0]
      })
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
