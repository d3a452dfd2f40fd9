import Foundation
import Testing
import UnrollCore
import UnrollSeries

@Suite("Series of numbers: parts, scales")
struct SeriesTests {
  @Test(
    "Parts follow one another, share no row and leave none out",
    arguments: [(100, 0.1, 0.2), (7, 0.2, 0.2), (3, 0.4, 0.5), (1, 0, 0), (0, 0.3, 0.3)])
  func parts(rows: Int, validation: Double, test: Double) throws {
    let split = SeriesSplit.fractions(validation: validation, test: test, of: rows)
    let series = Tensor<Float>(shape: [rows, 1], scalars: (0..<rows).map { Float($0) })
    let parts = try split.split(series)
    #expect(parts.test.count == Int((Double(rows) * test).rounded()))
    #expect(
      parts.validation.count
        == min(rows - parts.test.count, Int((Double(rows) * validation).rounded())))
    #expect(
      parts.training.scalars + parts.validation.scalars + parts.test.scalars == series.scalars)
  }

  @Test("No window of one part has a row of another")
  func noLeak() throws {
    let series = Tensor<Float>(shape: [50, 1], scalars: (0..<50).map { Float($0) })
    let parts = try SeriesSplit.last(validation: 15, test: 10).split(series)
    for (part, rows) in [
      (parts.training, Float(0)...24), (parts.validation, 25...39), (parts.test, 40...49),
    ] {
      var source = try SequenceWindows(
        part, shape: WindowShape(length: 4, horizon: 3), batchSize: 1)
      for _ in 0..<source.batchesPerEpoch {
        let batch = source.next()
        #expect((batch.input.scalars + batch.target.scalars).allSatisfy(rows.contains))
      }
    }
  }

  @Test("Rows that are only counted have no split by time; fractions are below 1")
  func wrongSplits() async {
    #expect(throws: SeriesError.noTimes) {
      try SeriesSplit.after(TimeStamp(0), validation: 1).split(Tensor(shape: [4, 2]))
    }
    await #expect(processExitsWith: .failure) {
      _ = SeriesSplit.fractions(validation: 0.5, test: 0.5, of: 10)
    }
    await #expect(processExitsWith: .failure) {
      _ = SeriesSplit.fractions(validation: -0.1, of: 10)
    }
  }

  @Test("Scaled columns have mean 0 and deviation 1, and go back to what they were")
  func scales() throws {
    let series = Tensor<Float>(shape: [4, 2], scalars: [1, 100, 2, 100, 4, 300, 5, 300])
    let scales = try [ColumnScale](of: series)
    #expect(scales.map(\.center) == [3, 200])
    #expect(scales.map(\.width) == [Double(2.5).squareRoot(), 100])
    let seen = scales.seen(series)
    let again = try [ColumnScale](of: seen)
    #expect(again.allSatisfy { abs($0.center) < 1e-6 && abs($0.width - 1) < 1e-6 })
    for (a, b) in zip(scales.original(seen, columns: [0, 1]).scalars, series.scalars) {
      #expect(abs(a - b) < 1e-4)
    }
    let logarithms = try [ColumnScale](of: series, kind: .minMax, isLogarithmic: true)
    #expect(abs(logarithms.seen(series)[1, 0] - Float(log(2.0) / log(5.0))) < 1e-6)
  }

  private static let three: [ColumnScale]? = try? [ColumnScale](
    of: Tensor(shape: [2, 3], scalars: [0, 10, 1000, 2, 30, 3000]))

  @Test("Forecasts go back by the columns that were predicted, several rows ahead")
  func forecasts() throws {
    let scales = try #require(Self.three)
    // As many numbers as there are columns, and they are those of one column.
    let output = Tensor<Float>(shape: [1, 3], scalars: [1, 0, -2])
    #expect(scales.original(output, columns: [1]).scalars == [30, 20, 0])
    let steps = Tensor<Float>(shape: [2, 1, 4], scalars: [1, 1, -1, 0, 0, 0, 0, 1])
    #expect(
      scales.original(steps, columns: [2, 0]).scalars == [3000, 2, 1000, 1, 2000, 1, 2000, 2])
    let rows = Tensor<Float>(shape: [1, 6], scalars: [1, 1, 1, 0, 0, 0])
    #expect(
      scales.original(rows, columns: [0, 1, 2]).scalars == [2, 30, 3000, 1, 20, 2000])
  }

  @Test("Targets of windows go back to the numbers of the series", arguments: 1...4)
  func targets(horizon: Int) throws {
    let series = Tensor<Float>(
      shape: [12, 3], scalars: (0..<36).map { Float($0 % 3 * 1000 + $0 * $0 % 7) })
    let scales = try [ColumnScale](of: series)
    for columns in [nil, [1], [2, 0]] as [[Int]?] {
      var source = try SequenceWindows(
        scales.seen(series), shape: WindowShape(length: 2, horizon: horizon),
        targetColumns: columns, batchSize: 1, seed: nil)
      let all = columns ?? [0, 1, 2]
      let found = scales.original(source.next().target, columns: all).scalars
      let expected = (2..<(2 + horizon)).flatMap { row in all.map { series[row, $0] } }
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-2 }, "\(found)")
      #expect(found.count == expected.count)
    }
  }

  @Test("Numbers that are not those of the columns stop the program")
  func misfits() async {
    await #expect(processExitsWith: .failure) { _ = Self.three?.seen(Tensor(shape: [2, 5])) }
    await #expect(processExitsWith: .failure) { _ = Self.three?.seen(Tensor(shape: [2, 6])) }
    await #expect(processExitsWith: .failure) {
      _ = Self.three?.original(Tensor(shape: [1, 1]), columns: [3])
    }
    await #expect(processExitsWith: .failure) {
      _ = Self.three?.original(Tensor(shape: [1, 1]), columns: [])
    }
    await #expect(processExitsWith: .failure) {
      _ = Self.three?.original(Tensor(shape: [1, 3]), columns: [0, 1])
    }
  }

  @Test("A column that never changes becomes 0; missing values are left out and stay")
  func oddColumns() throws {
    let series = Tensor<Float>(shape: [3, 2], scalars: [0.1, .nan, 0.1, 4, 0.1, 6])
    let scales = try [ColumnScale](of: series)
    #expect(scales.map(\.width) == [1, 1] && scales[1].center == 5)
    let seen = scales.seen(series)
    #expect(seen[0, 0] == 0 && seen[0, 1].isNaN && seen[2, 1] == 1)
    #expect(throws: SeriesError.noValues(column: "1")) {
      try [ColumnScale](of: Tensor(shape: [2, 2], scalars: [1, .nan, 3, .infinity]))
    }
    #expect(throws: SeriesError.noValues(column: "0")) {
      try [ColumnScale](of: Tensor(shape: [0, 1]))
    }
  }
}
