import Foundation
import Testing
import UnrollCore
import UnrollModels
import UnrollSeries
import UnrollTraining

/// What is after the rows to learn from, and after the last row that is seen, does not exist.
@Suite("Nothing is known of what comes after a split")
struct LeakageTests {
  private static let end = 60
  private static let columns = ["level", "flow", "wind", "open", "site"]
  private static let values: [Double] = [0, -4, 1e9, .nan, .infinity]

  /// What else a table may say of some rows.
  private func changed(
    _ table: SeriesTable, _ name: String, rows: Range<Int>, to value: Double
  ) -> SeriesTable {
    var changed = table
    for i in changed.series.indices {
      for row in rows {
        if let column = table.columns.firstIndex(of: name) {
          changed.series[i].values[row, column] = value
        } else {
          changed.series[i].categories[0][row] = "\(value)"
        }
      }
    }
    return changed
  }

  private struct Learned: Equatable {
    var preparation: SeriesPreparation
    var batches: [UInt32] = []
    var weights: [Tensor<Float>] = []
  }

  /// All that is learned, and learned from.
  private func learned(
    _ table: SeriesTable, _ scale: WindowScale, difference: Int?
  ) throws -> Learned {
    let window = WindowShape(length: 12, horizon: 5, leastRows: 6, scale: scale)
    let forecaster = try SmallForecasts.forecaster(
      table, training: 0..<Self.end, window: window, isLogarithmic: true, difference: difference)
    let source = try forecaster.windows(
      of: table, in: [0..<Self.end, 0..<Self.end], batchSize: 8, seed: 4)
    var learned = Learned(preparation: forecaster.preparation)
    var all = source
    for _ in 0..<source.batchesPerEpoch {
      let batch = all.next()
      for tensor in [batch.input.past, batch.input.future, batch.target] {
        learned.batches += tensor.scalars.map(\.bitPattern)
      }
      learned.batches += batch.input.categories.ids.map { UInt32(bitPattern: $0) }
    }
    var trainer = Trainer(
      model: forecaster.network, source: source, loss: MeanAbsoluteError(),
      options: TrainingOptions(schedule: .constant(0.01)))
    try trainer.train(steps: 4)
    learned.weights = trainer.model.parameters.map(\.value)
    return learned
  }

  @Test(
    "A number after the rows to learn from changes no scale, no batch and no weight",
    arguments: columns)
  func training(column: String) throws {
    let table = SmallForecasts.table()
    let rows = table.series[0].count
    for (scale, difference) in [(WindowScale.last, nil), (.meanAndDeviation, 6)] {
      let expected = try learned(table, scale, difference: difference)
      #expect(expected.batches.count > 1000)
      for value in Self.values {
        for range in [Self.end..<rows, Self.end..<(Self.end + 1), (rows - 1)..<rows] {
          let other = changed(table, column, rows: range, to: value)
          let found = try learned(other, scale, difference: difference)
          #expect(found == expected, "\(value) in \(range)")
        }
      }
      // As it is seen that something is compared: the last row to learn from does matter.
      let other = changed(table, column, rows: (Self.end - 1)..<Self.end, to: 2.5)
      #expect(try (learned(other, scale, difference: difference) == expected) == (column == "site"))
    }
  }

  @Test("A series that nothing is learned from changes nothing")
  func otherSeries() throws {
    let table = SmallForecasts.table()
    var more = table
    more.series.append(
      TimeSeries(
        key: "east", times: table.series[0].times, values: table.series[0].values.map { $0 * 1e4 },
        categories: [[String](repeating: "east", count: 90)]))
    let preparations = try [table, more].map { one in
      try SeriesPreparation(
        one, ranges: one.series.map { $0.key == "east" ? 0..<0 : 0..<60 },
        columns: SmallForecasts.columns, window: WindowShape(length: 12, horizon: 5))
    }
    #expect(preparations[0] == preparations[1])
  }

  @Test("What is after the last row that is seen changes no forecast", arguments: columns)
  func forecasts(column: String) throws {
    let table = SmallForecasts.table()
    for (scale, difference) in [(WindowScale.last, nil), (.meanAndDeviation, 3)] {
      let window = WindowShape(length: 12, horizon: 5, scale: scale)
      let forecaster = try SmallForecasts.forecaster(
        table, window: window, difference: difference)
      let last = 70
      func forecasts(_ table: SeriesTable) throws -> [[UInt64]] {
        let prepared = try forecaster.preparation.prepare(table)
        return try forecaster.forecasts(
          of: prepared, after: (0..<4).map { ForecastWindows.Place(series: $0, last: last) }
        ).map { $0.values.map(\.bitPattern) }
      }
      let expected = try forecasts(table)
      for value in Self.values {
        // What is known ahead is known of the rows that are predicted, and not beyond them.
        let first = column == "open" ? last + 6 : last + 1
        let other = changed(table, column, rows: first..<90, to: value)
        #expect(try forecasts(other) == expected)
      }
      if column != "site" {
        let row = column == "open" ? last + 5 : last
        let other = changed(table, column, rows: row..<(row + 1), to: 2)
        #expect(try forecasts(other) != expected)
      }
    }
  }

  @Test("Intervals are of the errors on the rows that they are learned from, and of no others")
  func intervals() throws {
    let table = SmallForecasts.table()
    var forecaster = try SmallForecasts.forecaster(table)
    try forecaster.calibrate(on: table, in: [60..<75, 60..<75])
    let expected = try #require(forecaster.errors)
    for column in Self.columns {
      let other = changed(table, column, rows: 75..<90, to: 7)
      try forecaster.calibrate(on: other, in: [60..<75, 60..<75])
      #expect(forecaster.errors == expected)
    }
    let other = changed(table, "level", rows: 74..<75, to: 7)
    try forecaster.calibrate(on: other, in: [60..<75, 60..<75])
    #expect(forecaster.errors != expected)
  }
}
