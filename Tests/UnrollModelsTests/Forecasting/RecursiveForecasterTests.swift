import Foundation
import Testing
import UnrollCore
import UnrollLayers
import UnrollSeries
import UnrollTraining

import UnrollModels

@Suite("RecursiveForecaster")
struct RecursiveForecasterTests {
  /// Two series of hours, of different lengths, with a number that is missing.
  private static let table: SeriesTable = {
    let start = TimeStamp(1_600_000_000_000_000)
    func series(_ key: String, _ count: Int, _ level: Double) -> TimeSeries {
      let values: [Double] = (0..<count).map { t in
        let part = (t * 7 + t * t * 3) % 24
        return t == 20 ? .nan : level + Double(part) / 3
      }
      return TimeSeries(
        key: key, times: TimeAxis(start: start, step: .hour),
        values: Tensor(shape: [count, 1], scalars: values))
    }
    return SeriesTable(columns: ["load"], series: [series("a", 70, 5), series("b", 55, 9)])
  }()

  private static func forecaster(
    horizon: Int = 5, likelihood: Likelihood = .studentT
  ) throws -> RecursiveForecaster {
    let preparation = try SeriesPreparation(
      table, ranges: [0..<40, 0..<40],
      columns: ForecastColumns(targets: ["load"], calendar: [.hourOfDay]),
      window: WindowShape(length: 12, horizon: horizon))
    return try RecursiveForecaster(
      preparation: preparation, likelihood: likelihood, cell: .gru, hidden: 9, layers: 2)
  }

  @Test("Forecasts on the way have the bytes of a series that ends there")
  func carriedState() throws {
    let forecaster = try Self.forecaster()
    let prepared = try forecaster.preparation.prepare(Self.table, ahead: 5)
    let places = [(0, 30), (1, 12), (0, 31), (0, 64), (1, 49)].map {
      ForecastWindows.Place(series: $0.0, last: $0.1)
    }
    let together = try forecaster.forecasts(
      of: prepared, after: places, quantiles: [0.1, 0.9], paths: 20)
    for (place, forecast) in zip(places, together) {
      let alone = try forecaster.forecasts(
        of: prepared, after: [place], quantiles: [0.1, 0.9], paths: 20)
      #expect(alone == [forecast])
      #expect(forecast.last == place.last && forecast.series == place.series)
    }
  }

  @Test("A live forecast says what the table says, also when it was saved between")
  func live() throws {
    let forecaster = try Self.forecaster()
    let series = Self.table.series[0]
    let times = try #require(series.times)
    var live = try LiveForecast(forecaster, step: .hour)
    for row in 0..<series.count {
      try live.update(with: series.values[row, 0], at: times.time(ofRow: row))
      if row == 33 {
        let text = try JSONEncoder().encode(live.saved)
        live = try LiveForecast(forecaster, step: .hour)
        try live.restore(JSONDecoder().decode(LiveForecast.Saved.self, from: text))
      }
      if row == 20 || row == 50 {
        let prepared = try forecaster.preparation.prepare(Self.table, ahead: 5)
        let place = ForecastWindows.Place(series: 0, last: row)
        #expect(
          try live.forecast(steps: 5)
            == forecaster.forecasts(of: prepared, after: [place])[0].values)
      }
    }
  }

  @Test("What was kept of another model is refused")
  func strangers() throws {
    var small = try LiveForecast(Self.forecaster(), step: .hour)
    #expect(throws: ForecasterError.self) { try small.forecast(steps: 1) }
    try small.update(with: 1, at: TimeStamp(0))
    #expect(throws: ForecasterError.self) { try small.update(with: 1) }
    let preparation = try Self.forecaster().preparation
    let other = try RecursiveForecaster(preparation: preparation, cell: .gru, hidden: 8)
    var large = try LiveForecast(other, step: .hour)
    #expect(throws: ForecasterError.self) { try large.restore(small.saved) }
    #expect(throws: ForecasterError.self) { try LiveForecast(other) }
  }

  @Test("A file gives the same forecasts, and says what it is")
  func file() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("recursive-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for likelihood in Likelihood.allCases {
      let forecaster = try Self.forecaster(likelihood: likelihood)
      try forecaster.save(to: path)
      let read = try ModelFile(contentsOf: path).forecastModel()
      #expect(read is RecursiveForecaster)
      #expect(
        try read.forecasts(of: Self.table, quantiles: [0.5], threads: 1)
          == forecaster.forecasts(of: Self.table, quantiles: [0.5]))
      #expect(throws: ModelFileError.self) { try Forecaster(contentsOf: path) }
    }
  }

  @Test(
    "Windows that are relative, columns that are not known ahead and other networks are refused")
  func refused() throws {
    let columns = ForecastColumns(targets: ["load"])
    let relative = try SeriesPreparation(
      Self.table, ranges: [0..<40, 0..<40], columns: columns,
      window: WindowShape(length: 12, horizon: 2, scale: .last))
    #expect(throws: ForecasterError.self) { try RecursiveForecaster(preparation: relative) }
    let forecaster = try Self.forecaster()
    #expect(throws: ForecasterError.self) {
      try RecursiveForecaster(
        preparation: forecaster.preparation, likelihood: .gaussian, network: forecaster.network)
    }
  }

  @Test("It learns a pattern better than its last value predicts it")
  func learns() throws {
    // With noise: a density of what has none can be as high as one likes.
    let pattern = [3.0, 8, 1, 6, 2]
    let values: [Double] = (0..<400).map { t in
      let noise = Double((t * 37) % 11) / 11 - 0.5
      return pattern[t % 5] + noise
    }
    let table = SeriesTable(
      columns: ["x"],
      series: [TimeSeries(values: Tensor(shape: [400, 1], scalars: values))])
    let preparation = try SeriesPreparation(
      table, ranges: [0..<300], columns: ForecastColumns(targets: ["x"]),
      window: WindowShape(length: 20, horizon: 7))
    var forecaster = try RecursiveForecaster(
      preparation: preparation, likelihood: .gaussian, cell: .gru, hidden: 12, layers: 1, dropout: 0
    )
    var trainer = Trainer(
      model: forecaster.network,
      source: try forecaster.steps(of: table, in: [0..<300], batchSize: 8),
      loss: Likelihood.gaussian, options: TrainingOptions(schedule: .constant(0.01)))
    try trainer.train(steps: 300)
    forecaster.network = trainer.model
    let forecast = try forecaster.forecasts(of: table, quantiles: [0.1, 0.9], paths: 50)[0]
    for (h, value) in forecast.values.enumerated() {
      #expect(abs(value - pattern[h % 5]) < 1)
      #expect(forecast.quantiles[0][h] <= forecast.quantiles[1][h])
    }
  }
}
