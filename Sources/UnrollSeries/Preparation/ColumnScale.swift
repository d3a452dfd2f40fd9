import UnrollFiles

/// How the numbers of a column become those that a model sees, and how a forecast comes back.
///
///     seen = (g(x) - center) / width        x = g^-1(seen * width + center)        g = log, or nothing
public struct ColumnScale: Codable, Sendable, Equatable {
  /// What center and width are.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// The mean, and the standard deviation.
    case standard = "standard"
    /// The least, and how far the greatest is from it.
    case minMax = "min-max"
    /// The median, and how far the third quartile is from the first.
    case robust = "robust"
    /// 0, and the mean of how far values are from it: what is a count stays one.
    case mean = "mean"
    /// 0 and 1.
    case none = "none"
  }

  public let center: Double
  /// Above 0.
  public let width: Double
  /// Whether it is of the logarithm.
  public let isLogarithmic: Bool

  public init(center: Double = 0, width: Double = 1, isLogarithmic: Bool = false) {
    require(
      center.isFinite && width > 0 && width.isFinite,
      "ColumnScale: a center of \(center) and a width of \(width)")
    self.center = center
    self.width = width
    self.isLogarithmic = isLogarithmic
  }

  /// The scale of some values, those that are not finite left out. One that never changes has the width 1,
  /// by the mean that of its size.
  ///
  /// - Throws: ``SeriesError`` where there is none, or none of which there is a logarithm.
  public init(
    of values: some Sequence<Double>, kind: Kind, isLogarithmic: Bool = false, column: String
  ) throws {
    var values = values.filter(\.isFinite)
    guard !values.isEmpty else { throw SeriesError.noValues(column: column) }
    if isLogarithmic {
      if let worst = values.min(), worst <= 0 {
        throw SeriesError.noLogarithm(column: column, value: worst)
      }
      values = values.map { UnrollSeries.logarithm($0) }
    }
    let (center, width) = Self.measures(values, kind)
    // What is left of a constant column is rounding, and not to be blown up.
    let isConstant = width <= 1e-12 * max(abs(center), .leastNormalMagnitude)
    self.init(center: center, width: isConstant ? 1 : width, isLogarithmic: isLogarithmic)
  }

  private static func measures(
    _ values: [Double], _ kind: Kind
  ) -> (center: Double, width: Double) {
    switch kind {
    case .none: return (0, 1)
    case .standard:
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return (mean, variance.squareRoot())
    case .minMax:
      let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
      return (least, greatest - least)
    case .robust:
      let quartiles = ForecastMetrics.quantiles(ofSamples: values, at: [0.25, 0.5, 0.75])
      return (quartiles[1], quartiles[2] - quartiles[0])
    case .mean: return (0, values.reduce(0) { $0 + abs($1) } / Double(values.count))
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    center = try container.decode(Double.self, forKey: .center)
    width = try container.decode(Double.self, forKey: .width)
    isLogarithmic = try container.decode(Bool.self, forKey: .isLogarithmic)
    guard center.isFinite, width > 0, width.isFinite else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "a center of \(center) and a width of \(width) are no scale"))
    }
  }

  /// What a model sees of a number; NaN for one without a logarithm, where that is taken.
  public func seen(_ x: Double) -> Double {
    ((isLogarithmic ? UnrollSeries.logarithm(x) : x) - center) / width
  }

  /// The number that a model sees so.
  public func original(_ seen: Double) -> Double {
    let x = seen * width + center
    return isLogarithmic ? exponential(x) : x
  }
}
