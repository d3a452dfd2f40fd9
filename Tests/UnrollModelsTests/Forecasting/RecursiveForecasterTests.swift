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
      window: WindowShape(length: 12, horizon: horizon),
      kind: likelihood.isOfCounts ? .mean : .standard)
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

  private static let counts: SeriesTable = {
    let random = RandomSource(seed: 5)
    func series(_ key: String, _ level: Double) -> TimeSeries {
      let values: [Double] = (0..<300).map { t in
        (level * (1 + 0.5 * sin(Double(t) / 3)) * 2 * random.uniform(t)).rounded()
      }
      return TimeSeries(key: key, values: Tensor(shape: [300, 1], scalars: values))
    }
    return SeriesTable(columns: ["sold"], series: [series("few", 3), series("many", 400)])
  }()

  private func counting(
    _ table: SeriesTable = counts, kind: ColumnScale.Kind = .mean, isLogarithmic: Bool = false,
    difference: Int? = nil, perSeries: Bool = true
  ) throws -> RecursiveForecaster {
    let preparation = try SeriesPreparation(
      table, ranges: table.series.map { _ in 0..<200 }, columns: ForecastColumns(targets: ["sold"]),
      window: WindowShape(length: 20, horizon: 3), kind: kind, perSeries: perSeries,
      isLogarithmic: isLogarithmic, difference: difference)
    return try RecursiveForecaster(
      preparation: preparation, likelihood: .negativeBinomial, cell: .gru, hidden: 10, layers: 1,
      dropout: 0)
  }

  @Test("Counts are learned as counts: paths are whole numbers, with the unit of each series")
  func counted() throws {
    var forecaster = try counting()
    let source = try forecaster.steps(of: Self.counts, in: [0..<200, 0..<200], batchSize: 8)
    var all = source
    let batch = all.next()
    #expect(batch.target.columns == 2)
    let units = Set((0..<batch.target.shape[1]).map { batch.target[0, $0, 1] })
    let widths = forecaster.preparation.seriesScales.map { Float($0.scales[0].width) }
    #expect(units == Set(widths) && units.count == 2)
    var trainer = Trainer(
      model: forecaster.network, source: source, loss: forecaster.likelihood,
      options: TrainingOptions(schedule: .constant(0.01)))
    let first = try trainer.validate(source).mean
    try trainer.train(steps: 200)
    #expect(try trainer.validate(source).mean < first - 0.1)
    forecaster.network = trainer.model
    let levels = [0.1, 0.5, 0.9]
    for forecast in try forecaster.forecasts(of: Self.counts, quantiles: levels, paths: 101) {
      // Of 101 paths these quantiles are numbers that were drawn.
      for value in forecast.quantiles.joined() {
        #expect(value > -1e-9 && abs(value - value.rounded()) < 1e-3, "\(value)")
      }
      #expect(forecast.values.allSatisfy { $0 > 0 })
    }
    let prepared = try forecaster.preparation.prepare(Self.counts)
    let places = (0..<2).flatMap { series in
      (200..<296).map { ForecastWindows.Place(series: series, last: $0) }
    }
    let covered = try forecaster.forecasts(of: prepared, after: places, quantiles: [0.1, 0.9])
      .count {
        let came = Self.counts.series[$0.series].values[$0.last + 1, 0]
        return came >= $0.quantiles[0][0] && came <= $0.quantiles[1][0]
      }
    #expect(abs(Double(covered) / Double(places.count) - 0.8) < 0.15)
  }

  @Test("Numbers that are no counts, and preparations that make them none, are refused")
  func noCounts() throws {
    #expect(throws: ForecasterError.self) { try counting(kind: .standard) }
    #expect(throws: ForecasterError.self) { try counting(difference: 3) }
    _ = try counting(kind: .none)
    for value in [2.5, -1] {
      var table = Self.counts
      table.series[1].values[17, 0] = value
      let forecaster = try counting()
      let error = #expect(throws: ForecasterError.self) {
        try forecaster.steps(of: table, in: [0..<200, 0..<200], batchSize: 4)
      }
      #expect("\(error.map { "\($0)" } ?? "")".contains("'many' has \(value) in row 18"))
      _ = try forecaster.steps(of: table, in: [0..<200, 20..<200], batchSize: 4)
    }
  }

  @Test("Calibrated on rows that it did not learn from, intervals keep their word")
  func calibrated() throws {
    // Of a network that knows nothing the paths are far too wide or too narrow.
    let random = RandomSource(seed: 2)
    let values = (0..<900).map { 5 + 0.05 * (random.uniform($0) - 0.5) + 2 * sin(Double($0)) }
    let table = SeriesTable(
      columns: ["x"], series: [TimeSeries(values: Tensor(shape: [900, 1], scalars: values))])
    let preparation = try SeriesPreparation(
      table, ranges: [0..<300], columns: ForecastColumns(targets: ["x"]),
      window: WindowShape(length: 20, horizon: 3))
    var forecaster = try RecursiveForecaster(
      preparation: preparation, likelihood: .gaussian, cell: .gru, hidden: 6, layers: 1)
    func coverage() throws -> [Double] {
      let places = (600..<890).map { ForecastWindows.Place(series: 0, last: $0) }
      let forecasts = try forecaster.forecasts(
        of: preparation.prepare(table), after: places, quantiles: [0.9, 0.1, 0.5], paths: 60)
      return (0..<3).map { h in
        let inside = forecasts.count {
          let came = values[$0.last + 1 + h]
          return came >= $0.quantiles[1][h] && came <= $0.quantiles[0][h]
        }
        return Double(inside) / Double(forecasts.count)
      }
    }
    let before = try coverage()
    #expect(before.contains { abs($0 - 0.8) > 0.1 })
    try forecaster.calibrate(on: table, in: [300..<310], paths: 60)
    #expect(forecaster.errors == nil)
    try forecaster.calibrate(on: table, in: [300..<600], paths: 60)
    for (h, share) in try coverage().enumerated() {
      #expect(abs(share - 0.8) < 0.07, "\(h): \(share) of \(before)")
    }
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("calibrated-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try forecaster.save(to: path)
    #expect(try RecursiveForecaster(contentsOf: path).errors == forecaster.errors)
  }

  @Test("Stretches of unequal length give the gradients of one at a time")
  func padded() throws {
    let forecaster = try Self.forecaster()
    func doubles(_ tensor: Tensor<Float>) -> Tensor<Double> {
      Tensor(shape: tensor.shape, scalars: tensor.scalars.map(Double.init))
    }
    func gradients(batchSize: Int) throws -> (sum: [Tensor<Double>], lengths: [[Int]?]) {
      let columns = forecaster.preparation.stepColumns
      var network = Sequential<Tensor<Double>, Tensor<Double>, Double>(seed: 5) {
        GRU<Double>(inputSize: columns, hiddenSize: 7)
        LSTM<Double>(inputSize: 7, hiddenSize: 5)
        Dense<Double>(inputSize: 5, outputSize: 1)
      }
      var source = try forecaster.steps(
        of: Self.table, in: [0..<70, 0..<55], batchSize: batchSize, stride: 9, seed: nil)
      var lengths: [[Int]?] = []
      for _ in 0..<source.batchesPerEpoch {
        let batch = source.next()
        lengths.append(batch.lengths)
        let context = Context(.training, lengths: batch.lengths)
        var (state, cache) = (network.makeState(batch: batchSize), network.makeCache())
        let output = network.forward(
          doubles(batch.input), state: &state, cache: &cache, in: context)
        let gradient = MeanSquaredError<Double>().gradient(
          output, of: doubles(batch.target), scale: 1, in: context)
        var back = network.zeros(like: state)
        _ = network.backward(gradient, state: &back, cache: &cache, in: context)
      }
      var sum: [Tensor<Double>] = []
      network.visitParameters { sum.append($1.gradient) }
      return (sum, lengths)
    }
    let alone = try gradients(batchSize: 1)
    let together = try gradients(batchSize: 5)
    #expect(together.lengths.contains { Set($0 ?? []).count > 2 })
    for (a, b) in zip(alone.sum, together.sum) {
      let size = a.scalars.map { abs($0) }.max() ?? 0
      #expect(size > 0)
      #expect(zip(a.scalars, b.scalars).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, size) })
    }
  }
}
