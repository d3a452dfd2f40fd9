import UnrollFiles

/// What came of many forecasts: of series, made at several points of time, of several steps each.
///
///     var metrics = ForecastMetrics(levels: [0.1, 0.5, 0.9])
///     for series in test {
///       metrics.add(
///         truth: series.future, forecast: medians, quantiles: quantiles, series: series.key,
///         scale: ForecastMetrics.seasonalScale(of: series.history, season: 12))
///     }
///     print(metrics.scores.overall.rmse, metrics.scores.mase)
///
/// Forecasts are counted in the unit they come in: bring them back to that of the series before. What
/// is kept are sums, for each step ahead and for each series.
public struct ForecastMetrics: Sendable {
  /// The levels of the quantiles that every forecast has, between 0 and 1.
  public let levels: [Double]
  private var forecasts = 0
  /// For each step ahead.
  private var sums: [ErrorSums] = []
  /// For each series the sum of its scaled errors and how many they are; none where it has no scale.
  private var scaled: [String: (sum: Double, count: Int)] = [:]

  /// - Parameter levels: The levels of the quantiles that every forecast has; none for forecasts of
  ///   points alone.
  /// - Precondition: levels above 0 and below 1, in rising order.
  public init(levels: [Double] = []) {
    require(
      levels.allSatisfy { $0 > 0 && $0 < 1 } && zip(levels, levels.dropFirst()).allSatisfy(<),
      "ForecastMetrics: levels above 0 and below 1 that rise, not \(levels)")
    self.levels = levels
  }

  /// Counts a forecast of H steps, which may be 0.
  ///
  /// - Parameters:
  ///   - truth: What came, for each step; NaN, or another value that is not finite, where it is not
  ///     known: that step does not count.
  ///   - forecast: What was said, for each step.
  ///   - quantiles: For each of ``levels`` the quantiles of all steps.
  ///   - samples: Samples of the whole forecast, each of H steps, for a CRPS; or none.
  ///   - series: What tells the series from others.
  ///   - scale: What ``seasonalScale(of:season:)`` gives for what was known of the series before;
  ///     without one the forecast does not count in the MASE.
  /// - Precondition: as many numbers as there are steps, and as many rows of quantiles as levels.
  public mutating func add(
    truth: [Double], forecast: [Double], quantiles: [[Double]] = [], samples: [[Double]] = [],
    series: String = "", scale: Double? = nil
  ) {
    let horizon = truth.count
    require(
      forecast.count == horizon && quantiles.count == levels.count
        && (quantiles + samples).allSatisfy { $0.count == horizon },
      "ForecastMetrics: a truth of \(horizon) steps, a forecast of \(forecast.count), quantiles of "
        + "\(quantiles.map(\.count)) for the levels \(levels) and samples of "
        + "\(Set(samples.map(\.count)).sorted()); all need as many steps")
    require(
      scale.map { $0 > 0 && $0.isFinite } ?? true,
      "ForecastMetrics: a scale above 0, not \(scale ?? 0)")
    forecasts += 1
    while sums.count < horizon { sums.append(ErrorSums(levels: levels)) }
    var own = scaled[series] ?? (0, 0)
    for step in 0..<horizon {
      sums[step].add(
        truth: truth[step], forecast: forecast[step], quantiles: quantiles.map { $0[step] },
        samples: samples.map { $0[step] })
      if let scale, truth[step].isFinite {
        own.sum += abs(truth[step] - forecast[step]) / scale
        own.count += 1
      }
    }
    scaled[series] = own
  }

  /// The scores of all that was counted until now.
  public var scores: ForecastScores {
    var all = ErrorSums(levels: levels)
    for step in sums { all.add(step) }
    // In the order of names, so that the sum is the same in every run.
    let means = scaled.sorted { $0.key < $1.key }.filter { $1.count > 0 }
      .map { $1.sum / Double($1.count) }
    return ForecastScores(
      forecasts: forecasts, series: scaled.count, levels: levels, overall: all.errors,
      mase: means.isEmpty ? nil : means.reduce(0, +) / Double(means.count),
      maseLeftOut: scaled.count - means.count, steps: sums.map(\.errors))
  }
}

/// What ``ForecastMetrics`` found.
public struct ForecastScores: Codable, Sendable, Equatable {
  /// How many forecasts were counted.
  public let forecasts: Int
  /// Of how many series.
  public let series: Int
  /// The levels of the quantiles.
  public let levels: [Double]
  /// Over all steps of all forecasts.
  public let overall: ForecastErrors
  /// The mean absolute scaled error: the mean over series of the mean of |y - f| / scale over all steps
  /// of all forecasts of a series, as in the M4 competition, where each series has one forecast; `nil`
  /// where no series has a scale. Below 1, forecasts are better than the seasonal naive forecast of one
  /// season ahead was within the history.
  public let mase: Double?
  /// The series that ``mase`` leaves out: those without a scale, or without a known truth.
  public let maseLeftOut: Int
  /// For each step ahead, the first one first.
  public let steps: [ForecastErrors]

  // In files: they stay whatever the names become.
  private enum CodingKeys: String, CodingKey {
    case forecasts = "forecasts"
    case series = "series"
    case levels = "levels"
    case overall = "overall"
    case mase = "mase"
    case maseLeftOut = "maseLeftOut"
    case steps = "steps"
  }
}
