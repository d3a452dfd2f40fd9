import UnrollCore

/// To what the numbers of a window are relative, so that a model need not learn the level of each series.
///
///     seen = (x - level) / width        forecast = y * width + level
public enum WindowScale: String, Codable, Sendable, CaseIterable {
  /// To nothing: level 0, width 1.
  case none = "none"
  /// To the last value of the window: that is the level, the width is 1.
  case last = "last"
  /// To its mean, and to its standard deviation (Kim et al. 2022).
  case meanAndDeviation = "mean and deviation"

  /// The level and the width of a window's values, of which there is at least one; NaN values are left out.
  public func scale(of values: some Sequence<Float>) -> (level: Float, width: Float) {
    switch self {
    case .none: return (0, 1)
    case .last: return (values.reduce(into: 0) { if !$1.isNaN { $0 = $1 } }, 1)
    case .meanAndDeviation:
      var (count, sum, squares) = (0.0, 0.0, 0.0)
      for value in values where !value.isNaN {
        count += 1
        sum += Double(value)
        squares += Double(value) * Double(value)
      }
      guard count > 0 else { return (0, 1) }
      let mean = sum / count
      let deviation = max(0, squares / count - mean * mean).squareRoot()
      // What is left of a window that does not change is rounding, and not to be blown up.
      return (Float(mean), Float(deviation > max(1e-6 * abs(mean), 1e-30) ? deviation : 1))
    }
  }
}
