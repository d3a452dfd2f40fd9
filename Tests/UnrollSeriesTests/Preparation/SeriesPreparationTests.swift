import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollSeries

@Suite("SeriesPreparation")
struct SeriesPreparationTests {
  /// Hours of two series with three targets of very different sizes, all above 0.
  private func table(_ rows: Int = 60, keys: [String] = ["a", "b"]) -> SeriesTable {
    let series = keys.enumerated().map { index, key in
      var values = Tensor<Double>(shape: [rows, 5])
      let random = RandomSource(seed: UInt64(index + 1))
      for row in 0..<rows {
        let wave = 2 + sin(Double(row) / 3) + 0.2 * random.uniform(row)
        values[row, 0] = wave * 1e-6
        values[row, 1] = 3e7 * wave + 1e6 * random.uniform(row + rows)
        values[row, 2] = 40 + wave
        values[row, 3] = Double(row) + 0.5
        values[row, 4] = Double(row % 2)
      }
      return TimeSeries(
        key: key, times: TimeAxis(start: TimeStamp(0), step: .hour), values: values,
        categories: [[String](repeating: "kind \(key)", count: rows)])
    }
    return SeriesTable(
      columns: ["small", "large", "middle", "row", "open"], categoryColumns: ["kind"],
      series: series)
  }

  private let columns = ForecastColumns(
    targets: ["large", "small", "middle"], past: ["row"], future: ["open"], categories: ["kind"],
    calendar: [.hourOfDay])

  private func preparation(
    _ table: SeriesTable, _ window: WindowShape, isLogarithmic: Bool = false,
    difference: Int? = nil
  ) throws -> SeriesPreparation {
    try SeriesPreparation(
      table, ranges: table.series.map { 0..<($0.count * 2 / 3) }, columns: columns, window: window,
      isLogarithmic: isLogarithmic, difference: difference)
  }

  private static let seasons: [Int?] = [nil, 2, 4, 24]

  @Test(
    "What the targets were is what is restored from them",
    arguments: WindowScale.allCases, seasons)
  func inverse(scale: WindowScale, difference: Int?) throws {
    let table = table()
    for isLogarithmic in [false, true] {
      for (horizon, spacing) in [(7, 1), (3, 2)] {
        let preparation = try preparation(
          table, WindowShape(length: 6, horizon: horizon, spacing: spacing, scale: scale),
          isLogarithmic: isLogarithmic, difference: difference)
        let prepared = try preparation.prepare(table)
        var source = try ForecastWindows(
          prepared.map(\.window), in: prepared.map { _ in 0..<60 }, shape: preparation.window,
          batchSize: 1, seed: nil)
        #expect(Set(source.places.map(\.series)) == Set(0..<6))
        for place in source.places {
          let batch = source.next()
          let one = prepared[place.series]
          let window = source.input(of: [place])
          let restored = preparation.restored(
            batch.target.scalars, scale: window.scales[0], of: one, after: place.last)
          let column = try table.column(columns.targets[one.target])
          for h in 0..<horizon {
            let truth = table.series[one.series].values[place.last + (h + 1) * spacing, column]
            #expect(abs(restored[h] / truth - 1) < 5e-6, "\(one.target) \(place) \(h)")
          }
        }
      }
    }
  }

  @Test("A season taken from each number is that of so many rows before, by hand")
  func differences() throws {
    let table = table()
    let preparation = try preparation(
      table, WindowShape(length: 2, horizon: 1), difference: 3)
    let one = try preparation.prepare(table)[0]
    let values = (0..<60).map { table.series[0].values[$0, 1] }
    #expect((0..<3).allSatisfy { one.window.past[$0, 0].isNaN })
    for row in 3..<60 {
      let expected = (values[row] - values[row - 3]) / preparation.scales[0].width
      #expect(abs(Double(one.window.past[row, 0]) - expected) < 1e-6)
    }
    // The first window is of rows that all have one before them.
    let windows = try ForecastWindows(
      [one.window], in: [0..<60], shape: preparation.window, batchSize: 1, seed: nil)
    #expect(windows.places.first?.last == 4)
  }

  @Test("A series shorter than a window is seen from the first row that has a difference")
  func shortWithDifference() throws {
    let table = table(20)
    let shape = WindowShape(length: 12, horizon: 2, leastRows: 4)
    let preparation = try preparation(table, shape, difference: 6)
    let one = try preparation.prepare(table)[0]
    let windows = try ForecastWindows(
      [one.window], in: [0..<20], shape: shape, batchSize: 1, seed: nil)
    #expect(windows.places.map(\.last) == Array(9...17))
    let past = windows.input(of: [windows.places[0]]).input.past
    for t in 0..<12 {
      let row = t - 2
      #expect(past[t, 0, 0] == (row < 6 ? 0 : one.window.past[row, 0]))
      #expect(past[t, 0, 1] == (row < 6 ? 0 : one.window.past[row, 1]))
    }
  }

  @Test("Columns of a window are the target, the past, what is known, and the calendar")
  func columnsOfWindows() throws {
    let table = table()
    let preparation = try preparation(table, WindowShape(length: 3, horizon: 1))
    #expect(preparation.pastColumns == 5 && preparation.futureColumns == 3)
    #expect(preparation.categorySizes == [3, 3])
    let prepared = try preparation.prepare(table, ahead: 4)
    #expect(prepared.map(\.series) == [0, 0, 0, 1, 1, 1])
    #expect(prepared.map(\.target) == [0, 1, 2, 0, 1, 2])
    #expect(
      prepared.map(\.window.categories) == [[0, 1], [1, 1], [2, 1], [0, 2], [1, 2], [2, 2]])
    for (i, one) in prepared.enumerated() {
      #expect(one.window.past.shape == [60, 2] && one.window.known.shape == [64, 3])
      #expect(one.rows == 60)
      for row in [0, 17, 59] {
        let value = table.series[i / 3].values[row, [1, 0, 2][i % 3]]
        #expect(one.window.past[row, 0] == Float(preparation.scales[i % 3].seen(value)))
        #expect(one.window.past[row, 1] == Float(preparation.scales[3].seen(Double(row) + 0.5)))
        #expect(one.window.known[row, 0] == Float(preparation.scales[4].seen(Double(row % 2))))
      }
      for row in 0..<64 {
        let angle = 2 * Double.pi * Double(row % 24) / 24
        #expect(abs(Double(one.window.known[row, 1]) - sin(angle)) < 1e-6)
        #expect(abs(Double(one.window.known[row, 2]) - cos(angle)) < 1e-6)
        // Of a column it is not known what comes after the table.
        #expect(one.window.known[row, 0].isNaN == (row >= 60))
      }
    }
  }

  @Test("A category that was not there to learn from has the id 0")
  func unseen() throws {
    let preparation = try preparation(table(), WindowShape(length: 3, horizon: 1))
    #expect(preparation.categories == [["kind a", "kind b"]])
    let others = try preparation.prepare(table(keys: ["c", "b", "A"]))
    #expect(others.map(\.window.categories).map { $0[1] } == [0, 0, 0, 2, 2, 2, 0, 0, 0])
    // A series of which no row is learned from has nothing that is seen.
    let table = table()
    let partly = try SeriesPreparation(
      table, ranges: [0..<0, 0..<40], columns: columns, window: preparation.window)
    #expect(partly.categories == [["kind b"]])
  }

  @Test("A column that is not there is an error that names those that are")
  func noColumn() throws {
    let preparation = try preparation(table(), WindowShape(length: 3, horizon: 1))
    let other = SeriesTable(
      columns: ["large"], series: [TimeSeries(values: Tensor(shape: [9, 1]))])
    #expect(throws: SeriesError.noColumn("small", available: ["large"])) {
      try preparation.prepare(other)
    }
    var counted = table()
    counted.series = counted.series.map {
      TimeSeries(key: $0.key, values: $0.values, categories: $0.categories)
    }
    #expect(throws: SeriesError.noTimes) { try preparation.prepare(counted) }
  }
}
