import Foundation

/// Where the values of an axis are in a picture.
package struct AxisScale {
  package let range: ClosedRange<Double>
  private let isLogarithmic: Bool
  /// The places of the ends of the range.
  private let (from, to): (Double, Double)
  private let (low, high): (Double, Double)

  package init(_ axis: ChartAxis, _ range: ClosedRange<Double>, from: Double, to: Double) {
    self.range = range
    isLogarithmic = axis.scale == .logarithmic
    (self.from, self.to) = (from, to)
    low = isLogarithmic ? log10(range.lowerBound) : range.lowerBound
    high = isLogarithmic ? log10(range.upperBound) : range.upperBound
  }

  /// Where a value is, which may be outside of the range; `nil` where it is nowhere.
  package func place(_ value: Double) -> Double? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    let share = ((isLogarithmic ? log10(value) : value) - low) / (high - low)
    // Beyond the picture it does not matter how far.
    return from + min(max(share, -20), 20) * (to - from)
  }
}
