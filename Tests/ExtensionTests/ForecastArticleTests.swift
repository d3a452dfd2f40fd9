// The program of the article Forecast a Series.
import Foundation
import Testing
import Unroll
import UnrollModels
import UnrollReports

@Suite("The article about forecasts")
struct ForecastArticleTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent(UUID().uuidString)
  private let data = catalogue.appendingPathComponent("../../../Samples/Forecast/Data")

  @Test("A table is learned from, and what follows it is drawn")
  func forecast() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = data.appendingPathComponent("harbor.csv").path
    let modelPath = folder.appendingPathComponent("harbor.safetensors").path
    let plotPath = folder.appendingPathComponent("harbor.svg").path
    let aheadPath = folder.appendingPathComponent("ahead.csv").path
    let rows = try ["harbor.csv", "ahead.csv"].map {
      try String(contentsOf: data.appendingPathComponent($0), encoding: .utf8)
    }
    try Data(rows.joined().utf8).write(to: URL(fileURLWithPath: aheadPath))

    let table = try SeriesTable(
      reading: path,
      TableDescription(time: "time", numbers: ["level", "visitors", "holiday"]))
    let parts = try table.series.map {
      try SeriesSplit.last(validation: 240, test: 336).parts(of: $0)
    }

    let columns = ForecastColumns(
      targets: ["level"], future: ["holiday"], calendar: [.hourOfDay, .dayOfWeek])
    let preparation = try SeriesPreparation(
      table, ranges: parts.map(\.training), columns: columns,
      window: WindowShape(length: 96, horizon: 48, scale: .last))

    var forecaster = try Forecaster(
      preparation: preparation, configuration: Forecaster.Configuration(hidden: 64, dropout: 0.1))
    let training = try forecaster.windows(of: table, in: parts.map(\.training), batchSize: 64)
    let validation = try forecaster.windows(
      of: table, in: parts.map(\.validation), batchSize: 256, seed: nil)
    var trainer = Trainer(
      model: forecaster.network, source: training, loss: MeanAbsoluteError(),
      options: TrainingOptions(schedule: .warmUpAndDecay(peak: 0.002, warmUp: 30, steps: 300)))
    try trainer.train(
      untilStep: 300, validation: validation, validationInterval: 50,
      observers: [ProgressLine(unit: "rows")])
    forecaster.network = trainer.bestModel

    try forecaster.calibrate(on: table, in: parts.map(\.validation))
    try forecaster.save(to: modelPath)

    let prepared = try preparation.prepare(table)
    let test = try forecaster.windows(
      of: table, in: parts.map(\.test), batchSize: 1, seed: nil)
    let tested = try forecaster.forecasts(
      of: prepared, after: test.places, quantiles: [0.1, 0.9])
    let levels = (0..<table.series[0].count).map { table.series[0].values[$0, 0] }
    var metrics = ForecastMetrics(levels: [0.1, 0.9])
    var naive = ForecastMetrics()
    for forecast in tested {
      let truth = Array(levels[(forecast.last + 1)...(forecast.last + 48)])
      metrics.add(truth: truth, forecast: forecast.values, quantiles: forecast.quantiles)
      let same = BaselineForecast.seasonalNaive(season: 24)
      naive.add(truth: truth, forecast: same.forecast(48, after: Array(levels[...forecast.last])))
    }

    let error = try #require(metrics.scores.overall.mae)
    let other = try #require(naive.scores.overall.mae)
    #expect(error < 0.8 * other, "\(error), \(other)")
    let coverage = try #require(metrics.scores.overall.intervals.first).coverage
    #expect((0.6...0.95).contains(coverage), "\(coverage)")

    var learned = try Forecaster(
      preparation: preparation, levels: [0.1, 0.5, 0.9],
      configuration: Forecaster.Configuration(hidden: 64, dropout: 0.1))
    var quantileTrainer = Trainer(
      model: learned.network, source: training, loss: QuantileLoss(levels: learned.levels),
      options: TrainingOptions(schedule: .warmUpAndDecay(peak: 0.002, warmUp: 30, steps: 300)))
    try quantileTrainer.train(steps: 300)
    learned.network = quantileTrainer.model
    try learned.calibrate(on: table, in: parts.map(\.validation))

    let own = try learned.forecasts(of: prepared, after: test.places, quantiles: [0.1, 0.9])
    let inside = own.map { forecast in
      forecast.values.indices.count {
        let came = levels[forecast.last + 1 + $0]
        return came >= forecast.quantiles[0][$0] && came <= forecast.quantiles[1][$0]
      }
    }
    let held = Double(inside.reduce(0, +)) / Double(48 * own.count)
    #expect((0.6...0.95).contains(held), "\(held)")

    let counts = try SeriesPreparation(
      table, ranges: parts.map(\.training),
      columns: ForecastColumns(targets: ["visitors"], calendar: [.hourOfDay, .dayOfWeek]),
      window: WindowShape(length: 96, horizon: 48), kind: .mean)
    var visitors = try RecursiveForecaster(
      preparation: counts, likelihood: .negativeBinomial, cell: .gru, hidden: 24, layers: 1)
    var pathTrainer = Trainer(
      model: visitors.network,
      source: try visitors.steps(of: table, in: parts.map(\.training), batchSize: 16),
      loss: visitors.likelihood, options: TrainingOptions(schedule: .constant(0.005)))
    try pathTrainer.train(steps: 300)
    visitors.network = pathTrainer.model
    let expected = try visitors.forecasts(of: table, quantiles: [0.1, 0.9])[0]

    #expect(expected.values.allSatisfy { $0 > 0 } && expected.quantiles.count == 2)

    let model = try Forecaster(contentsOf: modelPath)
    let ahead = try SeriesTable(
      reading: aheadPath,
      TableDescription(time: "time", numbers: ["level", "holiday"], missing: .keep))
    let next = try model.forecasts(of: ahead, quantiles: [0.1, 0.9])[0]

    #expect(next.last == 2159 && next.values.count == 48)

    let series = ahead.series[next.series]
    func time(_ row: Int) -> Double { Double(series.times?.time(ofRow: row).value ?? 0) }
    let seen = (next.last - 143)...next.last
    let rowsAhead = next.values.indices.map { time(next.last + 1 + $0) }

    let chart = LineChart(
      title: "The level of the harbor", x: ChartAxis(scale: .time), y: ChartAxis("meters"),
      lines: [
        LineChart.Line(
          "level", x: seen.map(time), y: seen.map { series.values[$0, 0] }, color: .neutral(0)),
        LineChart.Line("forecast", x: rowsAhead, y: next.values, color: .accent(0)),
      ],
      bands: [
        LineChart.Band(
          "80% interval", x: rowsAhead, lower: next.quantiles[0], upper: next.quantiles[1])
      ],
      markers: [LineChart.Marker(x: time(next.last), "last row")])
    try Data(chart.svg.utf8).write(to: URL(fileURLWithPath: plotPath))

    let svg = try String(contentsOfFile: plotPath, encoding: .utf8)
    #expect(svg.hasPrefix("<svg") && svg.contains("80% interval") && !svg.contains("nan"))
    if let kept = ProcessInfo.processInfo.environment["UNROLL_KEEP_PLOT"] {
      try Data(svg.utf8).write(to: URL(fileURLWithPath: kept))
    }
  }
}
