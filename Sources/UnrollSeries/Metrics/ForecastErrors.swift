/// How far forecasts were from what came, over a number of steps. A score is `nil` where there is
/// nothing to take it of.
///
/// y is the truth, f the forecast, q a quantile of level p, and a mean is one over all steps whose
/// truth is known. Forecasts that are not finite make scores that are not, which `JSONEncoder` refuses.
public struct ForecastErrors: Codable, Sendable, Equatable {
  /// How often the truth was within an interval.
  public struct Interval: Codable, Sendable, Equatable {
    /// The levels of its ends, such as 0.1 and 0.9.
    public let lowerLevel: Double
    public let upperLevel: Double
    /// The part of the truths that are within it, its ends included: `upperLevel - lowerLevel` of
    /// well-calibrated forecasts.
    public let coverage: Double
    /// In the unit of the truth.
    public let meanWidth: Double

    private enum CodingKeys: String, CodingKey {
      case lowerLevel = "lowerLevel"
      case upperLevel = "upperLevel"
      case coverage = "coverage"
      case meanWidth = "meanWidth"
    }
  }

  /// The steps that count: those with a truth that is known.
  public let steps: Int
  /// The steps left out, whose truth is not finite.
  public let missing: Int
  /// The mean of (y - f)².
  public let mse: Double?
  /// The square root of ``mse``, in the unit of the truth.
  public let rmse: Double?
  /// The mean of |y - f|, in the unit of the truth.
  public let mae: Double?
  /// The mean of 100 |y - f| / |y|, in percent, over the steps whose truth is not 0.
  public let mape: Double?
  /// The steps that ``mape`` leaves out because their truth is 0.
  public let mapeLeftOut: Int
  /// The mean of 200 |y - f| / (|y| + |f|), in percent, from 0 to 200, as in the M4 competition; a step
  /// where both are 0 counts as 0.
  public let smape: Double?
  /// For each level the mean ``ForecastMetrics/pinball(_:truth:level:)``.
  public let pinball: [Double]
  /// The weighted quantile loss: the mean over all levels of 2 Σ pinball / Σ |y|; `nil` also where every
  /// truth is 0.
  public let wql: Double?
  /// The mean ``ForecastMetrics/crps(ofSamples:truth:form:)`` of the steps that had samples.
  public let crps: Double?
  /// The intervals between levels p and 1 - p, the widest first.
  public let intervals: [Interval]

  // In files: they stay whatever the names become.
  private enum CodingKeys: String, CodingKey {
    case steps = "steps"
    case missing = "missing"
    case mse = "mse"
    case rmse = "rmse"
    case mae = "mae"
    case mape = "mape"
    case mapeLeftOut = "mapeLeftOut"
    case smape = "smape"
    case pinball = "pinball"
    case wql = "wql"
    case crps = "crps"
    case intervals = "intervals"
  }
}

/// The sums that the errors are computed from.
struct ErrorSums: Sendable {
  private let levels: [Double]
  private let pairs: [(lower: Int, upper: Int)]
  private var (steps, missing, zeros, sampled) = (0, 0, 0, 0)
  private var (squared, absolute, percent, symmetric, truths, crps) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
  private var pinball: [Double]
  private var covered: [Int]
  private var widths: [Double]

  init(levels: [Double]) {
    self.levels = levels
    // The levels p and 1 - p, up to rounding.
    pairs = levels.indices.filter { levels[$0] < 0.5 }.compactMap { lower in
      levels.firstIndex { abs(1 - levels[lower] - $0) < 1e-9 }.map { (lower, $0) }
    }
    .sorted { levels[$0.0] < levels[$1.0] }
    pinball = levels.map { _ in 0 }
    covered = pairs.map { _ in 0 }
    widths = pairs.map { _ in 0 }
  }

  /// Counts a step, with a quantile for each level.
  mutating func add(truth y: Double, forecast f: Double, quantiles: [Double], samples: [Double]) {
    guard y.isFinite else {
      missing += 1
      return
    }
    let error = abs(y - f)
    steps += 1
    squared += error * error
    absolute += error
    if y == 0 { zeros += 1 } else { percent += 100 * error / abs(y) }
    // 0 / 0 where both are 0.
    symmetric += error == 0 ? 0 : 200 * error / (abs(y) + abs(f))
    truths += abs(y)
    for (i, q) in quantiles.enumerated() {
      pinball[i] += ForecastMetrics.pinball(q, truth: y, level: levels[i])
    }
    for (i, pair) in pairs.enumerated() {
      let (lower, upper) = (quantiles[pair.lower], quantiles[pair.upper])
      covered[i] += lower <= y && y <= upper ? 1 : 0
      widths[i] += upper - lower
    }
    if !samples.isEmpty {
      crps += ForecastMetrics.crps(ofSamples: samples, truth: y)
      sampled += 1
    }
  }

  /// Adds the sums over other steps, of the same levels.
  mutating func add(_ other: ErrorSums) {
    steps += other.steps
    missing += other.missing
    zeros += other.zeros
    sampled += other.sampled
    squared += other.squared
    absolute += other.absolute
    percent += other.percent
    symmetric += other.symmetric
    truths += other.truths
    crps += other.crps
    for i in pinball.indices { pinball[i] += other.pinball[i] }
    for i in pairs.indices {
      covered[i] += other.covered[i]
      widths[i] += other.widths[i]
    }
  }

  var errors: ForecastErrors {
    func mean(_ sum: Double, _ count: Int) -> Double? { count > 0 ? sum / Double(count) : nil }
    let losses = pinball.map { 2 * $0 / truths }
    return ForecastErrors(
      steps: steps, missing: missing, mse: mean(squared, steps),
      rmse: mean(squared, steps)?.squareRoot(), mae: mean(absolute, steps),
      mape: mean(percent, steps - zeros), mapeLeftOut: zeros, smape: mean(symmetric, steps),
      pinball: steps > 0 ? pinball.map { $0 / Double(steps) } : [],
      wql: truths > 0 ? mean(losses.reduce(0, +), levels.count) : nil,
      crps: mean(crps, sampled),
      intervals: steps == 0
        ? []
        : pairs.enumerated().map { i, pair in
          ForecastErrors.Interval(
            lowerLevel: levels[pair.lower], upperLevel: levels[pair.upper],
            coverage: Double(covered[i]) / Double(steps), meanWidth: widths[i] / Double(steps))
        })
  }
}
