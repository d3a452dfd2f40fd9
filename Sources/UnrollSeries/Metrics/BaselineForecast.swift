import UnrollFiles

/// What a forecaster has to beat: forecasts that need no model.
///
///     naive            f[n + k] = y[n - 1]
///     seasonal naive   f[n + k] = y[n + k - m s],  m the least with n + k - m s < n
///     drift            f[n + k] = y[n - 1] + (k + 1) (y[n - 1] - y[0]) / (n - 1)
///
/// for the steps k = 0, 1... after a history y of n values, and a season of s steps. Values of the
/// history that are not finite are missing: the last one that is known stands for y[n - 1], the first
/// one for y[0], each at its own place, and of a season the last that is known at the same place in
/// it. (Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, 5.2.)
public enum BaselineForecast: Codable, Sendable, Hashable {
  /// The last known value.
  case naive
  /// The last known value at the same place in the season, of so many steps, at least 1; where there
  /// is none, the last known value.
  case seasonalNaive(season: Int)
  /// The line through the first and the last known value; with one alone, that value.
  case drift

  /// The forecast of the steps after a history.
  ///
  /// - Parameters:
  ///   - steps: How many steps, at least 0.
  ///   - history: The values before them, in the order of time.
  /// - Returns: A value for each step; NaN for all where no value of the history is known.
  public func forecast(_ steps: Int, after history: [Double]) -> [Double] {
    require(steps >= 0, "BaselineForecast: a forecast of at least 0 steps, not \(steps)")
    guard let last = history.lastIndex(where: \.isFinite) else {
      return Array(repeating: .nan, count: steps)
    }
    switch self {
    case .naive:
      return Array(repeating: history[last], count: steps)
    case .seasonalNaive(let season):
      return Self.seasonal(steps, history, season, otherwise: history[last])
    case .drift:
      let first = history.firstIndex(where: \.isFinite) ?? last
      let slope =
        last > first ? (history[last] - history[first]) / Double(last - first) : 0
      return (0..<steps).map { history[last] + Double(history.count + $0 - last) * slope }
    }
  }

  private static func seasonal(
    _ steps: Int, _ history: [Double], _ season: Int, otherwise: Double
  ) -> [Double] {
    require(season >= 1, "BaselineForecast: a season of at least 1 step, not \(season)")
    let count = history.count
    let places = (0..<min(season, steps)).map { place in
      var row = count - season + place
      while row >= 0 && !history[row].isFinite { row -= season }
      return row >= 0 ? history[row] : otherwise
    }
    return (0..<steps).map { places[$0 % season] }
  }
}
