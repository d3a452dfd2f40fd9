import Foundation
import Testing
import UnrollSeries

/// What forecast_golden.py computed from the definitions.
struct ForecastGolden: Decodable, Sendable {
  struct Forecast: Decodable, Sendable {
    var series: String
    var truth: [Double?]
    var forecast: [Double]
    var quantiles: [[Double]]
    var samples: [[Double]]
  }

  struct Baselines: Decodable, Sendable {
    var naive: [Double]
    var seasonal: [Double]
    var drift: [Double]
  }

  var season: Int
  var histories: [String: [Double?]]
  var scales: [String: Double?]
  var baselines: [String: Baselines]
  var forecasts: [Forecast]
  var energy: Double
  var scores: ForecastScores

  static func load() throws -> ForecastGolden {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try JSONDecoder().decode(
      ForecastGolden.self,
      from: Data(contentsOf: tests.appendingPathComponent("Fixtures/forecast_golden.json")))
  }

  /// A missing value is NaN.
  func history(_ key: String) -> [Double] { (histories[key] ?? []).map { $0 ?? .nan } }
}

@Suite("Forecast metrics: NumPy's numbers")
struct ForecastGoldenTests {
  @Test("Scores, overall and for each step ahead")
  func scores() throws {
    let golden = try ForecastGolden.load()
    var metrics = ForecastMetrics(levels: golden.scores.levels)
    for forecast in golden.forecasts {
      metrics.add(
        truth: forecast.truth.map { $0 ?? .nan }, forecast: forecast.forecast,
        quantiles: forecast.quantiles, samples: forecast.samples, series: forecast.series,
        scale: ForecastMetrics.seasonalScale(
          of: golden.history(forecast.series), season: golden.season))
    }
    let (found, expected) = (metrics.scores, golden.scores)
    #expect(found.forecasts == expected.forecasts && found.series == expected.series)
    #expect(found.maseLeftOut == expected.maseLeftOut && found.maseLeftOut == 2)
    #expect(isClose(found.mase, expected.mase))
    #expect(found.steps.count == expected.steps.count)
    expect(found.overall, expected.overall, "overall")
    for (step, pair) in zip(found.steps, expected.steps).enumerated() {
      expect(pair.0, pair.1, "step \(step)")
    }
  }

  private func expect(_ a: ForecastErrors, _ b: ForecastErrors, _ place: Comment) {
    #expect(a.steps == b.steps && a.missing == b.missing, place)
    #expect(a.mapeLeftOut == b.mapeLeftOut, place)
    for score in [\ForecastErrors.mse, \.rmse, \.mae, \.mape, \.smape, \.wql, \.crps] {
      #expect(b[keyPath: score] != nil && isClose(a[keyPath: score], b[keyPath: score]), place)
    }
    #expect(a.pinball.count == b.pinball.count && zip(a.pinball, b.pinball).allSatisfy(isClose))
    #expect(a.intervals.count == b.intervals.count && a.intervals.count == 2)
    for (i, j) in zip(a.intervals, b.intervals) {
      #expect(i.lowerLevel == j.lowerLevel && i.upperLevel == j.upperLevel, place)
      #expect(isClose(i.coverage, j.coverage) && isClose(i.meanWidth, j.meanWidth), place)
    }
  }

  @Test("Quantiles, and the CRPS of samples as a distribution")
  func samples() throws {
    let golden = try ForecastGolden.load()
    let first = golden.forecasts[0]
    let found = ForecastMetrics.quantiles(ofPaths: first.samples, at: golden.scores.levels)
    #expect(found.count == first.quantiles.count)
    for (a, b) in zip(found, first.quantiles) {
      #expect(a.count == b.count && zip(a, b).allSatisfy(isClose))
    }
    let energy = ForecastMetrics.crps(
      ofSamples: first.samples.map { $0[0] }, truth: first.truth[0] ?? .nan, form: .energy)
    #expect(isClose(energy, golden.energy))
  }

  @Test("Baselines and scales of whole, broken, short and constant histories")
  func baselines() throws {
    let golden = try ForecastGolden.load()
    #expect(golden.histories.count == 4)
    for (key, expected) in golden.baselines {
      let history = golden.history(key)
      for (baseline, values) in [
        (BaselineForecast.naive, expected.naive), (.drift, expected.drift),
        (.seasonalNaive(season: golden.season), expected.seasonal),
      ] {
        let found = baseline.forecast(values.count, after: history)
        #expect(zip(found, values).allSatisfy(isClose), "\(key), \(baseline): \(found)")
      }
      let scale = ForecastMetrics.seasonalScale(of: history, season: golden.season)
      #expect(isClose(scale, golden.scales[key] ?? nil), "\(key)")
    }
  }
}

/// Whether two numbers agree but for the order of their sums.
private func isClose(_ a: Double?, _ b: Double?) -> Bool {
  guard let a, let b else { return a == nil && b == nil }
  return abs(a - b) <= 1e-12 * max(1, abs(b))
}

private func isClose(_ a: Double, _ b: Double) -> Bool { isClose(Optional(a), b) }
