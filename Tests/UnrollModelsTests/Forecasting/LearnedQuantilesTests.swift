import Foundation
import Testing
import UnrollCore
import UnrollModels
import UnrollSeries
import UnrollTraining

@Suite("A forecaster that learns quantiles")
struct LearnedQuantilesTests {
  private static let levels = [0.1, 0.5, 0.9]
  private let table = SmallForecasts.open(SmallForecasts.table(), rows: 5)

  private func forecaster(
    _ table: SeriesTable, levels: [Double] = levels, kind: Forecaster.Kind = .segment,
    scale: WindowScale = .last, difference: Int? = nil, targets: Int = 2
  ) throws -> Forecaster {
    var columns = SmallForecasts.columns
    columns.targets = Array(columns.targets.prefix(targets))
    let preparation = try SeriesPreparation(
      table, ranges: table.series.map { _ in 0..<60 }, columns: columns,
      window: WindowShape(length: 12, horizon: 5, scale: scale), difference: difference)
    var configuration = SmallForecasts.configuration
    configuration.kind = kind
    return try Forecaster(
      preparation: preparation, levels: levels, configuration: configuration, seed: 3)
  }

  @Test("Quantiles do not cross, calibrated or not", arguments: Forecaster.Kind.allCases)
  func order(kind: Forecaster.Kind) throws {
    for (scale, difference) in [(.last, nil), (.meanAndDeviation, 3)] as [(WindowScale, Int?)] {
      var forecaster = try forecaster(table, kind: kind, scale: scale, difference: difference)
      for isCalibrated in [false, true] {
        if isCalibrated { try forecaster.calibrate(on: table, in: [60..<85, 60..<85]) }
        #expect((forecaster.errors != nil) == isCalibrated)
        let asked = [0.1, 0.2, 0.35, 0.5, 0.6, 0.9]
        for forecast in try forecaster.forecasts(of: table, quantiles: asked) {
          for (low, high) in zip(forecast.quantiles, forecast.quantiles.dropFirst()) {
            #expect(zip(low, high).allSatisfy { $0 <= $1 && $0.isFinite })
          }
          if !isCalibrated { #expect(forecast.quantiles[3] == forecast.values) }
        }
      }
    }
  }

  @Test("Neither the threads nor how places are put together changes a bit of a forecast")
  func batches() throws {
    var forecaster = try forecaster(table)
    try forecaster.calibrate(on: table, in: [60..<85, 60..<85])
    forecaster.learnedUntil = TimeStamp(0)
    let prepared = try forecaster.preparation.prepare(table)
    let places = (30..<80).flatMap { row in
      (0..<4).map { ForecastWindows.Place(series: $0, last: row) }
    }
    func forecasts(_ places: [ForecastWindows.Place], threads: Int = 1) throws -> [Forecast] {
      try forecaster.forecasts(
        of: prepared, after: places, quantiles: [0.1, 0.7], threads: threads)
    }
    let expected = try forecasts(places)
    #expect(try forecasts(places, threads: 3) == expected)
    #expect(try places.flatMap { try forecasts([$0]) } == expected)
    #expect(try forecasts(places.reversed()) == expected.reversed())
  }

  @Test("Saved and read it is the same, and asks no more than it knows")
  func roundTrip() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var forecaster = try forecaster(table)
    #expect(forecaster.quantileRange == 0.1...0.9)
    for isCalibrated in [false, true] {
      if isCalibrated { try forecaster.calibrate(on: table, in: [60..<85, 60..<85]) }
      try forecaster.save(to: path)
      let read = try Forecaster(contentsOf: path)
      #expect(read.levels == Self.levels && read.errors == forecaster.errors)
      #expect(
        try read.forecasts(of: table, quantiles: Self.levels)
          == forecaster.forecasts(of: table, quantiles: Self.levels))
    }
    for p in [0.05, 0.95, 0, 1, .nan] {
      #expect(throws: ForecasterError.self) {
        try forecaster.forecasts(of: table, quantiles: [p])
      }
    }
  }

  @Test(
    "Levels that do not rise within 0 and 1 around the middle, and other networks, are refused",
    arguments: [
      [0.5, 0.5], [0.9, 0.1], [0, 0.5], [0.5, 1], [0.6, 0.9], [0.1, 0.4], [.nan, 0.5],
    ] as [[Double]])
  func refused(levels: [Double]) throws {
    #expect(throws: ForecasterError.self) { try forecaster(table, levels: levels) }
    let known = try forecaster(table)
    #expect(throws: ForecasterError.self) {
      try Forecaster(preparation: known.preparation, network: known.network)
    }
    #expect(throws: ForecasterError.self) {
      try Forecaster(preparation: known.preparation, levels: [0.5], network: known.network)
    }
  }

  @Test("Of noise that is not symmetric it learns the quantiles, and corrects what it learned")
  func learns() throws {
    let random = RandomSource(seed: 8)
    let values = (0..<3000).map { -log(1 - random.uniform($0)) }
    let table = SeriesTable(
      columns: ["x"],
      series: [TimeSeries(values: Tensor(shape: [3000, 1], scalars: values))])
    let preparation = try SeriesPreparation(
      table, ranges: [0..<1500], columns: ForecastColumns(targets: ["x"]),
      window: WindowShape(length: 4, horizon: 2))
    var forecaster = try Forecaster(
      preparation: preparation, levels: Self.levels,
      configuration: Forecaster.Configuration(hidden: 8, dropout: 0), seed: 1)
    var trainer = Trainer(
      model: forecaster.network,
      source: try forecaster.windows(of: table, in: [0..<1500], batchSize: 64),
      loss: QuantileLoss(levels: Self.levels),
      options: TrainingOptions(schedule: .constant(0.01)))
    try trainer.train(steps: 300)
    forecaster.network = trainer.model
    let prepared = try preparation.prepare(table)
    let places = (2200..<2990).map { ForecastWindows.Place(series: 0, last: $0) }
    // Not calibrated they are about right; pushed aside and calibrated they are right again.
    for isMoved in [false, true] {
      if isMoved {
        forecaster.network.visitParameters { name, parameter in
          if name.hasSuffix("output.bias") { for i in 0..<6 { parameter.value[flat: i] += 0.4 } }
        }
        try forecaster.calibrate(on: table, in: [1500..<2200])
      }
      let forecasts = try forecaster.forecasts(
        of: prepared, after: places, quantiles: Self.levels)
      for (i, level) in Self.levels.enumerated() {
        let below = forecasts.count { values[$0.last + 1] <= $0.quantiles[i][0] }
        let share = Double(below) / Double(forecasts.count)
        #expect(abs(share - level) < 0.06, "\(level): \(share), moved \(isMoved)")
      }
    }
  }

  @Test("By few forecasts its quantiles are left as they are")
  func few() throws {
    var forecaster = try forecaster(table, targets: 1)
    try forecaster.calibrate(on: table, in: [60..<70, 60..<70])
    #expect(forecaster.errors == nil)
    try forecaster.calibrate(on: table, in: [60..<75, 60..<75])
    #expect(forecaster.errors?.quantiles.shape == [1, 5, 3])
  }
}
