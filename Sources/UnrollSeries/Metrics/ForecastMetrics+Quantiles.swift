import UnrollFiles

// Of one number, or of the samples of one number.
extension ForecastMetrics {
  /// The pinball loss of a quantile, in the unit of the truth.
  ///
  ///     pinball = p (y - q)        where y >= q
  ///             = (1 - p) (q - y)  elsewhere
  ///
  /// - Parameters:
  ///   - quantile: q, what is forecast.
  ///   - truth: y.
  ///   - level: p, the probability that the truth is below q.
  public static func pinball(_ quantile: Double, truth: Double, level: Double) -> Double {
    truth >= quantile ? level * (truth - quantile) : (1 - level) * (quantile - truth)
  }

  /// How the distance of samples from one another is estimated.
  public enum CRPSForm: String, Codable, Sendable, CaseIterable {
    /// Over all pairs of different samples, n (n - 1): its expectation does not depend on the number
    /// of samples.
    case fair
    /// Over all pairs, n²: the score of the samples as a distribution.
    case energy
  }

  /// The continuous ranked probability score of n samples, in the unit of the truth; smaller is better.
  ///
  ///     crps = Σᵢ |xᵢ - y| / n - Σᵢⱼ |xᵢ - xⱼ| / (2 m),   m = n (n - 1) or n²
  ///          = Σᵢ |xᵢ - y| / n - Σᵢ (2 i - n + 1) x₍ᵢ₎ / m,   x₍ᵢ₎ sorted, i from 0
  ///
  /// which takes time in proportion to n log n (Gneiting and Raftery 2007; "fair" as in Ferro 2014). Of
  /// one sample it is the absolute error.
  ///
  /// - Precondition: at least one sample.
  public static func crps(
    ofSamples samples: [Double], truth: Double, form: CRPSForm = .fair
  ) -> Double {
    require(!samples.isEmpty, "ForecastMetrics: the CRPS of no samples")
    // Differences alone count, and those from the truth have the fewest digits to lose.
    let x = samples.map { $0 - truth }.sorted()
    guard !x.contains(where: \.isNaN) else { return .nan }
    let n = Double(x.count)
    let error = x.reduce(0) { $0 + abs($1) } / n
    guard x.count > 1 else { return error }
    let spread = x.enumerated().reduce(0) { $0 + (2 * Double($1.offset) - n + 1) * $1.element }
    return error - spread / (form == .fair ? n * (n - 1) : n * n)
  }

  /// Quantiles of samples: between two samples on the line through them, as NumPy has it by default.
  ///
  ///     q(p) = x₍ᵢ₎ + (r - i) (x₍ᵢ₊₁₎ - x₍ᵢ₎),   r = p (n - 1),  i = ⌊r⌋,  x₍ᵢ₎ sorted, i from 0
  ///
  /// - Precondition: at least one sample, none of them NaN, and levels between 0 and 1.
  public static func quantiles(ofSamples samples: [Double], at levels: [Double]) -> [Double] {
    require(
      !samples.isEmpty && !samples.contains(where: \.isNaN),
      "ForecastMetrics: quantiles of \(samples.count) samples, which may not be NaN")
    require(
      levels.allSatisfy { (0...1).contains($0) },
      "ForecastMetrics: levels of quantiles between 0 and 1, not \(levels)")
    let x = samples.sorted()
    return levels.map { level in
      let place = level * Double(x.count - 1)
      let below = Int(place)
      let above = min(below + 1, x.count - 1)
      guard x[below] != x[above] else { return x[below] }
      return x[below] + (place - Double(below)) * (x[above] - x[below])
    }
  }

  /// Quantiles of paths, step by step.
  ///
  /// - Parameters:
  ///   - paths: Samples of whole forecasts, each of H steps.
  ///   - levels: L levels between 0 and 1.
  /// - Returns: For each level the quantiles of all steps, L times H.
  /// - Precondition: at least one path, all of one length.
  public static func quantiles(ofPaths paths: [[Double]], at levels: [Double]) -> [[Double]] {
    let steps = paths.first?.count ?? 0
    require(
      !paths.isEmpty && paths.allSatisfy { $0.count == steps },
      "ForecastMetrics: quantiles of \(paths.count) paths, which have to be of one length")
    let each = (0..<steps).map { step in quantiles(ofSamples: paths.map { $0[step] }, at: levels) }
    return levels.indices.map { level in each.map { $0[level] } }
  }

  /// What the errors of a series are divided by for its MASE: the mean absolute error of the seasonal
  /// naive forecast, one season ahead, within the history (Hyndman and Koehler 2006).
  ///
  ///     scale = mean |y[t] - y[t - s]|,   over all t where both are known
  ///
  /// - Parameters:
  ///   - history: What was known when the forecast was made; values that are not finite are missing.
  ///   - season: s, at least 1; 1 for a series without a season.
  /// - Returns: A number above 0; `nil` where there is no such pair or where all are equal, and so no
  ///   MASE.
  public static func seasonalScale(of history: [Double], season: Int) -> Double? {
    require(season >= 1, "ForecastMetrics: a season of at least 1 step, not \(season)")
    let differences = zip(history.dropFirst(season), history).map { abs($0 - $1) }
      .filter(\.isFinite)
    guard !differences.isEmpty else { return nil }
    let mean = differences.reduce(0, +) / Double(differences.count)
    return mean > 0 ? mean : nil
  }
}
