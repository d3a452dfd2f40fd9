import Foundation
import Testing
import UnrollSeries

@Suite("Forecast metrics: edges")
struct ForecastMetricsTests {
  @Test("Without a forecast, or without a known truth, there is no score")
  func nothing() {
    var metrics = ForecastMetrics(levels: [0.1, 0.9])
    for _ in 0..<2 {
      let scores = metrics.scores
      let all = scores.overall
      #expect(all.steps == 0 && scores.mase == nil && all.wql == nil && all.crps == nil)
      #expect(all.mse == nil && all.rmse == nil && all.mae == nil)
      #expect(all.mape == nil && all.smape == nil)
      #expect(all.pinball.isEmpty && all.intervals.isEmpty)
      metrics.add(
        truth: [.nan, .infinity], forecast: [1, 2], quantiles: [[0, 0], [2, 2]],
        samples: [[1, 1]], scale: 1)
    }
    #expect(metrics.scores.overall.missing == 4)
    #expect(metrics.scores.forecasts == 2 && metrics.scores.maseLeftOut == 1)
  }

  @Test("A step whose truth is missing counts nowhere")
  func missing() {
    var (whole, broken) = (ForecastMetrics(levels: [0.5]), ForecastMetrics(levels: [0.5]))
    whole.add(
      truth: [1, 3], forecast: [2, 5], quantiles: [[2, 5]], samples: [[2, 5], [4, 1]], scale: 2)
    broken.add(
      truth: [1, .nan, 3], forecast: [2, 9, 5], quantiles: [[2, 9, 5]],
      samples: [[2, 9, 5], [4, 9, 1]], scale: 2)
    let (a, b) = (whole.scores.overall, broken.scores.overall)
    #expect(a.steps == 2 && b.steps == 2 && a.missing == 0 && b.missing == 1)
    #expect(a.mse == 2.5 && b.mse == a.mse && b.mae == 1.5 && b.smape == a.smape)
    #expect(b.crps == a.crps && b.wql == a.wql && whole.scores.mase == 0.75)
    #expect(broken.scores.mase == 0.75)
    #expect(broken.scores.steps.map(\.steps) == [1, 0, 1])
  }

  @Test("Truths of 0: left out of the MAPE and counted, 0 of 0 in the sMAPE")
  func zeros() {
    var metrics = ForecastMetrics()
    metrics.add(truth: [0, 0, 4], forecast: [0, 1, 3], series: "a")
    let all = metrics.scores.overall
    #expect(all.mape == 25 && all.mapeLeftOut == 2)
    let expected: Double = (0 + 200 + 200 / 7) / 3
    #expect(all.smape == expected)
    var zero = ForecastMetrics(levels: [0.5])
    zero.add(truth: [0], forecast: [1], quantiles: [[1]])
    #expect(zero.scores.overall.wql == nil && zero.scores.overall.pinball == [0.5])
    #expect(zero.scores.overall.mape == nil)
  }

  @Test("The MASE is a mean over series, however many forecasts each has")
  func series() {
    var metrics = ForecastMetrics()
    for _ in 0..<3 { metrics.add(truth: [2], forecast: [1], series: "a", scale: 1) }
    metrics.add(truth: [2, 2], forecast: [8, 8], series: "b", scale: 2)
    metrics.add(truth: [2], forecast: [100], series: "c")
    #expect(metrics.scores.mase == 2)
    #expect(metrics.scores.maseLeftOut == 1 && metrics.scores.series == 3)
    #expect(metrics.scores.forecasts == 5 && metrics.scores.overall.steps == 6)
  }

  @Test(
    "No scale without a pair of known values a season apart that differ",
    arguments: [([], 1), ([3], 1), ([1, 2, 1, 2], 2), ([1, 2], 5), ([1, .nan, 3], 1)])
  func noScale(history: [Double], season: Int) {
    #expect(ForecastMetrics.seasonalScale(of: history, season: season) == nil)
  }

  @Test("The scale skips pairs with a missing value")
  func scale() {
    #expect(ForecastMetrics.seasonalScale(of: [1, .nan, 4, 6, .infinity], season: 1) == 2)
    #expect(ForecastMetrics.seasonalScale(of: [1, 5, 4, 6], season: 2) == 2)
  }

  @Test("The pinball loss weighs what lies below and above")
  func pinball() {
    #expect(ForecastMetrics.pinball(1, truth: 3, level: 0.75) == 1.5)
    #expect(ForecastMetrics.pinball(3, truth: 1, level: 0.75) == 0.5)
    #expect(ForecastMetrics.pinball(3, truth: 3, level: 0.75) == 0)
  }

  @Test("CRPS: one sample, samples that are the truth, far from 0, and any order")
  func crps() {
    #expect(ForecastMetrics.crps(ofSamples: [3], truth: 5) == 2)
    #expect(ForecastMetrics.crps(ofSamples: [5, 5, 5], truth: 5) == 0)
    // |0 - 1| and |4 - 1|, less half of |0 - 4|, or a quarter.
    #expect(ForecastMetrics.crps(ofSamples: [4, 0], truth: 1) == 0)
    #expect(ForecastMetrics.crps(ofSamples: [4, 0], truth: 1, form: .energy) == 1)
    let far = ForecastMetrics.crps(ofSamples: [1e15 + 4, 1e15], truth: 1e15 + 1, form: .energy)
    #expect(far == 1)
    #expect(ForecastMetrics.crps(ofSamples: [.nan, 1], truth: 1).isNaN)
  }

  @Test("Intervals are those of levels that mirror each other, the widest first, ends included")
  func intervals() {
    var metrics = ForecastMetrics(levels: [0.1, 0.25, 0.4, 0.75, 0.9])
    metrics.add(
      truth: [0, 4, 5], forecast: [0, 0, 0],
      quantiles: [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3], [4, 4, 4]])
    let found = metrics.scores.overall.intervals
    #expect(found.map(\.lowerLevel) == [0.1, 0.25] && found.map(\.upperLevel) == [0.9, 0.75])
    #expect(found.map(\.coverage) == [2.0 / 3, 0] && found.map(\.meanWidth) == [4, 2])
  }

  @Test("Baselines: the last known values, NaN where nothing is known, no step")
  func baselines() {
    let seasonal = BaselineForecast.seasonalNaive(season: 3)
    #expect(seasonal.forecast(5, after: [1, 2, 3, 4, .nan]) == [3, 4, 2, 3, 4])
    #expect(seasonal.forecast(2, after: [7]) == [7, 7])
    #expect(BaselineForecast.naive.forecast(2, after: [1, 5, .nan]) == [5, 5])
    #expect(BaselineForecast.drift.forecast(2, after: [.nan, 1, 3, .nan]) == [7, 9])
    #expect(BaselineForecast.drift.forecast(2, after: [4]) == [4, 4])
    for baseline in [BaselineForecast.naive, seasonal, .drift] {
      #expect(baseline.forecast(0, after: [1]).isEmpty)
      for history in [[], [Double.nan, .nan]] {
        let found = baseline.forecast(2, after: history)
        #expect(found.count == 2 && found.allSatisfy(\.isNaN))
      }
    }
  }

  @Test("A forecast that is no number makes scores that are none, not better ones")
  func diverged() throws {
    var metrics = ForecastMetrics()
    metrics.add(truth: [1, 2], forecast: [1, .nan], scale: 1)
    #expect(metrics.scores.overall.mae?.isNaN == true && metrics.scores.mase?.isNaN == true)
    #expect(metrics.scores.overall.smape?.isNaN == true)
    let scores = metrics.scores
    #expect(throws: EncodingError.self) { try JSONEncoder().encode(scores) }
  }

  @Test("Scores are the same when they are read again")
  func coded() throws {
    var metrics = ForecastMetrics(levels: [0.1, 0.9])
    metrics.add(truth: [1], forecast: [2], quantiles: [[0], [3]], series: "a")
    let scores = metrics.scores
    let data = try JSONEncoder().encode(scores)
    #expect(try JSONDecoder().decode(ForecastScores.self, from: data) == scores)
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("\"mapeLeftOut\":0") && !text.contains("crps"))
  }

  @Test("Levels and numbers that do not fit stop the program")
  func misfits() async {
    await #expect(processExitsWith: .failure) { _ = ForecastMetrics(levels: [0.9, 0.1]) }
    await #expect(processExitsWith: .failure) { _ = ForecastMetrics(levels: [0, 1]) }
    await #expect(processExitsWith: .failure) {
      var metrics = ForecastMetrics(levels: [0.5])
      metrics.add(truth: [1], forecast: [1])
    }
    await #expect(processExitsWith: .failure) {
      var metrics = ForecastMetrics()
      metrics.add(truth: [1], forecast: [1, 2])
    }
    await #expect(processExitsWith: .failure) {
      var metrics = ForecastMetrics()
      metrics.add(truth: [1], forecast: [1], scale: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = BaselineForecast.seasonalNaive(season: 0).forecast(1, after: [1])
    }
  }
}
