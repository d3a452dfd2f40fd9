import Foundation
import Testing
import UnrollCore
import UnrollModels
import UnrollSeries

@Suite("Intervals of forecasts")
struct ErrorQuantilesTests {
  private let quarter = [0.005, 0.1, 0.25, 0.5, 0.75, 0.9, 0.995]

  /// The quantiles of the errors of a forecaster that says 0.
  private func quantiles(_ errors: [Double], at probabilities: [Double]) throws -> [Double] {
    var (table, forecaster) = try SmallForecasts.numbers(
      [0] + errors, window: WindowShape(length: 1, horizon: 1))
    try forecaster.calibrate(on: table, in: [0..<table.series[0].count])
    let found = try #require(forecaster.errors)
    #expect(found.shape == [1, 1])
    return probabilities.map { Double(found.quantile($0, target: 0, step: 0)) }
  }

  @Test("Of one error all are that one; of three the outer ones are the outer quantiles")
  func few() throws {
    #expect(try quantiles([7], at: quarter) == [7, 7, 7, 7, 7, 7, 7])
    #expect(try quantiles([3, -1, 8], at: quarter) == [-1, -1, -1, 3, 8, 8, 8])
    // Of 9 the tenth is the first, of 19 the second.
    let nine = (1...9).map { Double($0 * 7 % 10) }
    #expect(try quantiles(nine, at: [0.1, 0.2, 0.5, 0.8, 0.9]) == [1, 2, 5, 8, 9])
    let nineteen = (1...19).map { Double($0 * 7 % 20) }
    #expect(try quantiles(nineteen, at: [0.05, 0.1, 0.5, 0.9, 0.95]) == [1, 2, 10, 18, 19])
  }

  @Test(
    "The quantile p of n errors is the p (n + 1)-th, rounded away from the middle",
    arguments: [1, 2, 4, 9, 10, 19, 39, 99, 100, 199, 399])
  func ranks(count: Int) throws {
    let errors = (1...count).map { Double(($0 * 7919) % (count + 1 == 7919 ? 7920 : count + 1)) }
    let sorted = errors.sorted()
    let probabilities = ErrorQuantiles.standardProbabilities
    let found = try quantiles(errors, at: probabilities)
    for (p, quantile) in zip(probabilities, found) {
      // In whole numbers, so that nothing is rounded: all are thousandths.
      let place = Int((p * 1000).rounded()) * (count + 1)
      let rank = p < 0.5 ? place / 1000 : (place + 999) / 1000
      #expect(quantile == sorted[min(max(rank, 1), count) - 1], "\(p) of \(count)")
    }
  }

  @Test(
    "Between two that are kept a quantile lies as the logistic distribution has it, and never falls"
  )
  func between() throws {
    func logit(_ p: Double) -> Double { log(p / (1 - p)) }
    let errors = (1...199).map { logit(Double($0) / 200) }
    let probabilities = (5...995).map { Double($0) / 1000 }
    let found = try quantiles(errors, at: probabilities)
    #expect(zip(found, found.dropFirst()).allSatisfy(<=))
    for (p, quantile) in zip(probabilities, found) {
      #expect(abs(quantile - logit(p)) < 1e-5, "\(p)")
    }
  }

  @Test("Each target and each row ahead has its own errors, in its own unit")
  func steps() throws {
    // Row i has the number i; the forecast is the last that is seen.
    var (table, forecaster) = try SmallForecasts.numbers(
      (0..<40).map(Double.init), window: WindowShape(length: 2, horizon: 3, scale: .last))
    try forecaster.calibrate(on: table, in: [20..<40])
    let errors = try #require(forecaster.errors)
    for h in 0..<3 {
      #expect(
        [0.1, 0.5, 0.9].map { errors.quantile($0, target: 0, step: h) }
          == [Float](repeating: Float(h + 1), count: 3))
    }
    let forecast = try forecaster.forecasts(of: table, quantiles: [0.1, 0.9])[0]
    #expect(forecast.values == [39, 39, 39])
    #expect(forecast.quantiles == [[40, 41, 42], [40, 41, 42]])
  }

  @Test(
    "Of data like those that it was calibrated on an interval covers what it says",
    arguments: [nil, 1, 2, 4] as [Int?])
  func coverage(difference: Int?) throws {
    let random = RandomSource(seed: 8)
    // Not symmetric, so that the two ends differ; and what is learned from differences is a sum of such.
    var values = (0..<9000).map { -log(1 - random.uniform($0)) - 1 }
    if let difference { for t in difference..<9000 { values[t] += values[t - difference] } }
    var (table, forecaster) = try SmallForecasts.numbers(
      values, window: WindowShape(length: 4, horizon: 4), difference: difference)
    try forecaster.calibrate(on: table, in: [100..<3000])
    let levels = [0.05, 0.1, 0.5, 0.9, 0.95]
    let prepared = try forecaster.preparation.prepare(table)
    let places = (3000..<8990).map { ForecastWindows.Place(series: 0, last: $0) }
    let forecasts = try forecaster.forecasts(of: prepared, after: places, quantiles: levels)
    for h in 0..<4 {
      for (i, level) in levels.enumerated() {
        let below = forecasts.count { values[$0.last + 1 + h] <= $0.quantiles[i][h] }
        let share = Double(below) / Double(forecasts.count)
        #expect(abs(share - level) < 0.025, "\(level) of row \(h + 1) ahead: \(share)")
      }
    }
  }

  @Test("Quantiles do not cross, of any target, window or horizon")
  func noCrossing() throws {
    let table = SmallForecasts.table()
    for (isLogarithmic, difference) in [(false, nil), (true, 2), (false, 2)] as [(Bool, Int?)] {
      let window = WindowShape(length: 6, horizon: 7, scale: .meanAndDeviation)
      var forecaster = try SmallForecasts.forecaster(
        table, window: window, isLogarithmic: isLogarithmic, difference: difference)
      try forecaster.calibrate(on: table, in: [50..<80, 50..<80])
      let levels = (1..<100).map { Double($0) / 100 }
      let prepared = try forecaster.preparation.prepare(table)
      let places = (0..<4).map { ForecastWindows.Place(series: $0, last: 80) }
      for forecast in try forecaster.forecasts(of: prepared, after: places, quantiles: levels) {
        for (low, high) in zip(forecast.quantiles, forecast.quantiles.dropFirst()) {
          #expect(zip(low, high).allSatisfy { $0 <= $1 })
        }
      }
    }
  }

  @Test("There are none before a calibration, and none of a probability beyond those that are kept")
  func refused() throws {
    let table = SmallForecasts.open(SmallForecasts.table(), rows: 5)
    var forecaster = try SmallForecasts.forecaster(table)
    #expect(throws: ForecasterError.self) {
      try forecaster.forecasts(of: table, quantiles: [0.5])
    }
    #expect(try forecaster.forecasts(of: table).count == 4)
    try forecaster.calibrate(on: table, in: [60..<80, 60..<80])
    #expect(try forecaster.forecasts(of: table, quantiles: [0.5]).count == 4)
    for p in [0, 0.001, 0.999, 1, -1, .nan] {
      #expect(throws: ForecasterError.self) {
        try forecaster.forecasts(of: table, quantiles: [p])
      }
    }
  }

  @Test("A target without a window to calibrate on is an error")
  func nothingToCalibrateOn() throws {
    var table = SmallForecasts.table()
    var forecaster = try SmallForecasts.forecaster(table)
    #expect(throws: SeriesError.self) { try forecaster.calibrate(on: table, in: [0..<5, 0..<5]) }
    for i in 0..<2 { for row in 60..<90 { table.series[i].values[row, 1] = .nan } }
    #expect(throws: ForecasterError.self) {
      try forecaster.calibrate(on: table, in: [70..<90, 70..<90])
    }
    #expect(forecaster.errors == nil)
  }
}
