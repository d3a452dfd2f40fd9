import Foundation
import Testing
import UnrollCore
import UnrollLayers
import UnrollModels
import UnrollSeries

@Suite("Forecaster")
struct ForecasterTests {
  private let table = SmallForecasts.open(SmallForecasts.table(), rows: 5)

  private func places(_ rows: Range<Int>) -> [ForecastWindows.Place] {
    rows.flatMap { row in (0..<4).map { ForecastWindows.Place(series: $0, last: row) } }
  }

  @Test("A forecast is of the rows after the last that has the target, each target for itself")
  func lastRows() throws {
    var table = table
    let forecaster = try SmallForecasts.forecaster()
    let all = try forecaster.forecasts(of: table)
    #expect(all.map(\.series) == [0, 0, 1, 1] && all.map(\.target) == [0, 1, 0, 1])
    #expect(all.allSatisfy { $0.last == 84 && $0.values.count == 5 && $0.quantiles.isEmpty })
    #expect(all.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    let prepared = try forecaster.preparation.prepare(table)
    #expect(try forecaster.forecasts(of: prepared, after: places(84..<85)) == all)
    table.series[1].values[84, 0] = .nan
    #expect(try forecaster.forecasts(of: table).map(\.last) == [84, 84, 83, 84])
  }

  @Test("Neither the threads nor how places are put together changes a bit of a forecast")
  func batches() throws {
    var forecaster = try SmallForecasts.forecaster()
    try forecaster.calibrate(on: table, in: [60..<85, 60..<85])
    let prepared = try forecaster.preparation.prepare(table)
    let places = places(12..<84)
    #expect(places.count > 256)
    func forecasts(_ places: [ForecastWindows.Place], threads: Int = 1) throws -> [Forecast] {
      try forecaster.forecasts(
        of: prepared, after: places, quantiles: [0.1, 0.9], threads: threads)
    }
    let expected = try forecasts(places)
    #expect(try forecasts(places, threads: 3) == expected)
    #expect(try places.flatMap { try forecasts([$0]) } == expected)
    #expect(try forecasts(places.reversed()) == expected.reversed())
    #expect(try forecasts(Array(places[7..<108])) == Array(expected[7..<108]))
    var other = forecaster
    try other.calibrate(on: table, in: [60..<85, 60..<85], threads: 3)
    #expect(other.errors == forecaster.errors)
  }

  private func inFile<Result>(
    _ write: (String) throws -> Void, _ body: (String) throws -> Result
  ) throws -> Result {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try write(path)
    return try body(path)
  }

  @Test(
    "Saved and read it is the same, to the byte",
    arguments: [(false, nil), (true, 3), (false, 24)] as [(Bool, Int?)])
  func roundTrip(isLogarithmic: Bool, difference: Int?) throws {
    let window = WindowShape(length: 12, horizon: 5, leastRows: 7, scale: .meanAndDeviation)
    var forecaster = try SmallForecasts.forecaster(
      window: window, isLogarithmic: isLogarithmic, difference: difference)
    for isCalibrated in [false, true] {
      if isCalibrated { try forecaster.calibrate(on: table, in: [60..<85, 60..<85]) }
      let levels = isCalibrated ? [0.01, 0.3, 0.5, 0.99] : []
      try inFile {
        try forecaster.save(to: $0, metadata: ["note": "é"])
      } _: { path in
        let read = try Forecaster(contentsOf: path)
        #expect(read.preparation == forecaster.preparation && read.errors == forecaster.errors)
        #expect(
          try read.forecasts(of: table, quantiles: levels)
            == forecaster.forecasts(of: table, quantiles: levels))
        #expect(try ModelFile(contentsOf: path).file.metadata["note"] == "é")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try read.save(to: path, metadata: ["note": "é"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
      }
    }
  }

  @Test("What is no forecaster is refused, in a line with the path")
  func otherFiles() throws {
    let forecaster = try SmallForecasts.forecaster()
    let text = "{\"preparation\":\(try ModelFile.text(of: forecaster.preparation))}"
    let key = Forecaster.preparationKey
    let other = try SmallForecasts.forecaster(window: WindowShape(length: 12, horizon: 6))
    let quantiles = Tensor<Float>(shape: [2, 5, ErrorQuantiles.standardProbabilities.count])
    var falling = quantiles
    falling[1, 3, 7] = 1
    var infinite = quantiles
    infinite[1, 4, 24] = .infinity
    func file(
      _ metadata: [String: String], _ errors: Tensor<Float>? = nil,
      _ network: Forecaster.Network? = nil
    ) -> (String) throws -> Void {
      { path in
        try ModelFile.write(
          network ?? forecaster.network, metadata: metadata,
          extra: errors.map { [(ModelFile.extraPrefix + "forecast_errors", $0)] } ?? [], to: path)
      }
    }
    try inFile(file([key: text], quantiles)) { (path: String) throws in
      #expect(try Forecaster(contentsOf: path).errors?.shape == [2, 5])
    }
    let words = try LanguageModel(
      vocabulary: Vocabulary("the tide"), configuration: .init(embedding: 4, hidden: 4, layers: 1),
      seed: 2)
    for (write, says) in [
      (file([:]), "is no forecaster"), ({ try words.save(to: $0) }, "is no forecaster"),
      (file([key: "{}"]), key), (file([key: "nonsense"]), key),
      (file([key: text.replacing("\"horizon\":5", with: "\"horizon\":0")]), key),
      (file([key: text], nil, other.network), "is no forecaster"),
      (file([key: text], falling), "quantiles"), (file([key: text], infinite), "quantiles"),
      (file([key: text], Tensor(shape: [2, 5, 3])), "quantiles"),
      (file([key: text], Tensor(shape: [2, 4, 25])), "errors"),
      (file([key: text], Tensor(shape: [25])), "quantiles"),
    ] as [((String) throws -> Void, String)] {
      try inFile(write) { (path: String) throws in
        let error = #expect(throws: ModelFileError.self) { try Forecaster(contentsOf: path) }
        let line = error.map { "\($0)" } ?? ""
        #expect(line.hasPrefix(path) && line.contains(says), "\(line)")
        #expect(!line.contains { $0.isNewline })
      }
    }
  }

  @Test("A network that does not fit the windows is refused")
  func misfits() throws {
    let preparation = try SmallForecasts.forecaster().preparation
    func network(
      horizon: Int = 5, past: Int = 5, future: Int = 3, outputs: Int = 1,
      categories: [Int] = [2, 3]
    ) -> Forecaster.Network {
      Forecaster.Network {
        SegmentNetwork<Float>(
          SegmentNetwork<Float>.Sizes(
            segment: 3, horizon: horizon, pastColumns: past, futureColumns: future,
            outputs: outputs, categories: categories), width: 4, outputWidth: 4
        ) { GRU<Float>(inputSize: 4, hiddenSize: 4) }
      }
    }
    #expect(preparation.pastColumns == 5 && preparation.futureColumns == 3)
    #expect(preparation.categorySizes == [2, 3])
    _ = try Forecaster(preparation: preparation, network: network())
    for other in [
      network(horizon: 4), network(horizon: 6), network(outputs: 2), network(past: 4),
      network(past: 6), network(future: 2), network(future: 0), network(categories: [2]),
      network(categories: []), network(categories: [2, 2]), network(categories: [1, 3]),
      network(categories: [2, 3, 1]),
    ] {
      #expect(throws: ForecasterError.self, "\(other)") {
        try Forecaster(preparation: preparation, network: other)
      }
    }
  }

  private func error(_ forecaster: Forecaster, _ table: SeriesTable) -> String {
    do {
      _ = try forecaster.forecasts(of: table)
      return "nothing"
    } catch {
      return "\(error)"
    }
  }

  @Test("What is to be known ahead and is not is an error that says how far ahead")
  func missingAhead() throws {
    let forecaster = try SmallForecasts.forecaster()
    #expect(error(forecaster, table) == "nothing")
    for rows in 0..<5 {
      let short = SmallForecasts.open(SmallForecasts.table(), rows: rows)
      let line = error(forecaster, short)
      #expect(line.contains("'north'") && line.contains("\(rows + 1) row"), "\(line)")
    }
    var hole = table
    hole.series[1].values[87, 3] = .nan
    let line = error(forecaster, hole)
    #expect(line.contains("'south'") && line.contains("3 rows"), "\(line)")
  }

  @Test("A series that is too short, or that has a hole where it is seen, is an error that says so")
  func missingPast() throws {
    let forecaster = try SmallForecasts.forecaster()
    var short = table
    short.series[1] = short.series[1].rows(74..<90)
    let line = error(forecaster, short)
    #expect(line.contains("'south'") && line.contains("11 rows") && line.contains("12"), "\(line)")
    for column in [0, 2, 3] {
      var hole = table
      hole.series[0].values[80, column] = .nan
      let line = error(forecaster, hole)
      #expect(line.contains("'north'") && line.contains("missing 4 rows before"), "\(line)")
    }
    var before = table
    for column in 0..<4 { before.series[0].values[72, column] = .nan }
    #expect(error(forecaster, before) == "nothing")
  }

  @Test("No forecast is made of a difference whose other number is missing")
  func missingSeason() throws {
    let window = WindowShape(length: 3, horizon: 5)
    let forecaster = try SmallForecasts.forecaster(window: window, difference: 12)
    #expect(error(forecaster, table) == "nothing")
    // The last row is 84, so that the rows ahead are differences from 73 to 77.
    for row in 73...77 {
      var hole = table
      hole.series[0].values[row, 0] = .nan
      let line = error(forecaster, hole)
      #expect(line.contains("'north'") && line.contains("missing \(84 - row) rows"), "\(line)")
    }
  }

  @Test("As many rows as it says are needed are enough, differences among them")
  func leastRows() throws {
    let window = WindowShape(length: 12, horizon: 2, leastRows: 4)
    let forecaster = try SmallForecasts.forecaster(window: window, difference: 6)
    for count in 1...20 {
      var short = table
      short.series = short.series.map { $0.rows((85 - count)..<90) }
      let line = error(forecaster, short)
      #expect((line == "nothing") == (count >= 10), "\(count): \(line)")
      #expect(count >= 10 || line.contains("\(count) rows") && line.contains("10 are needed"))
    }
  }
}
