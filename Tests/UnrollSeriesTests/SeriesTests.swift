import Foundation
import Testing
import UnrollCore
import UnrollSeries

@Suite("Series: parts, statistics")
struct SeriesTests {
  @Test(
    "Parts follow one another, share no row and leave none out",
    arguments: [(100, 0.1, 0.2), (7, 0.2, 0.2), (3, 0.4, 0.5), (1, 0, 0), (0, 0.3, 0.3)])
  func parts(rows: Int, validation: Double, test: Double) {
    let split = ChronologicalSplit(validation: validation, test: test)
    let ranges = split.ranges(rows: rows)
    #expect(ranges.training.lowerBound == 0)
    #expect(ranges.training.upperBound == ranges.validation.lowerBound)
    #expect(ranges.validation.upperBound == ranges.test.lowerBound)
    #expect(ranges.test.upperBound == rows)
    #expect(ranges.test.count == Int((Double(rows) * test).rounded()))
    let series = Tensor<Float>(shape: [rows, 1], scalars: (0..<rows).map { Float($0) })
    let parts = split.split(series)
    #expect(
      parts.training.scalars + parts.validation.scalars + parts.test.scalars == series.scalars)
  }

  @Test("No window of one part has a row of another")
  func noLeak() throws {
    let series = Tensor<Float>(shape: [50, 1], scalars: (0..<50).map { Float($0) })
    let parts = ChronologicalSplit(validation: 0.3, test: 0.2).split(series)
    for (part, rows) in [
      (parts.training, Float(0)...24), (parts.validation, 25...39), (parts.test, 40...49),
    ] {
      var source = try SequenceWindows(
        part, window: ForecastWindow(length: 4, horizon: 3), batchSize: 1)
      for _ in 0..<source.batchesPerEpoch {
        let batch = source.next()
        #expect((batch.input.scalars + batch.target.scalars).allSatisfy(rows.contains))
      }
    }
  }

  @Test("A fraction that leaves nothing to train on stops the program")
  func fractions() async {
    await #expect(processExitsWith: .failure) {
      _ = ChronologicalSplit(validation: 0.5, test: 0.5)
    }
    await #expect(processExitsWith: .failure) { _ = ChronologicalSplit(validation: -0.1) }
  }

  @Test("Normalized columns have mean 0 and deviation 1, and go back to what they were")
  func statistics() throws {
    let series = Tensor<Float>(shape: [4, 2], scalars: [1, 100, 2, 100, 4, 300, 5, 300])
    let scale = try ColumnStatistics(of: series)
    #expect(scale.means == [3, 200])
    #expect(scale.standardDeviations == [Double(2.5).squareRoot(), 100])
    let normalized = scale.normalized(series)
    let again = try ColumnStatistics(of: normalized)
    #expect(again.means.allSatisfy { abs($0) < 1e-6 })
    #expect(again.standardDeviations.allSatisfy { abs($0 - 1) < 1e-6 })
    for (a, b) in zip(scale.denormalized(series: normalized).scalars, series.scalars) {
      #expect(abs(a - b) < 1e-4)
    }
  }

  private static let three: ColumnStatistics? = try? ColumnStatistics(
    of: Tensor(shape: [2, 3], scalars: [0, 10, 1000, 2, 30, 3000]))

  @Test("Forecasts go back by the columns of their window, several rows ahead")
  func forecasts() throws {
    let scale = try #require(Self.three)
    // As many numbers as there are columns, and they are those of one column.
    let one = ForecastWindow(length: 4, horizon: 3, targetColumns: [1])
    let output = Tensor<Float>(shape: [1, 3], scalars: [1, 0, -2])
    #expect(scale.denormalized(output, of: one).scalars == [30, 20, 0])
    let two = ForecastWindow(length: 4, horizon: 2, targets: .everyStep, targetColumns: [2, 0])
    let steps = Tensor<Float>(shape: [2, 1, 4], scalars: [1, 1, -1, 0, 0, 0, 0, 1])
    #expect(
      scale.denormalized(steps, of: two).scalars == [3000, 2, 1000, 1, 2000, 1, 2000, 2])
    let all = ForecastWindow(length: 1, horizon: 2)
    let rows = Tensor<Float>(shape: [1, 6], scalars: [1, 1, 1, 0, 0, 0])
    #expect(scale.denormalized(rows, of: all).scalars == [2, 30, 3000, 1, 20, 2000])
    #expect(
      scale.denormalized(Tensor(shape: [2], scalars: [1, 1]), columns: [2, 0]).scalars
        == [3000, 2])
    #expect(scale.denormalized(output, columns: [1]).scalars == [30, 20, 0])
  }

  @Test("Targets of windows go back to the numbers of the series", arguments: 1...4)
  func targets(horizon: Int) throws {
    let series = Tensor<Float>(
      shape: [12, 3], scalars: (0..<36).map { Float($0 % 3 * 1000 + $0 * $0 % 7) })
    let scale = try ColumnStatistics(of: series)
    for columns in [nil, [1], [2, 0]] as [[Int]?] {
      let window = ForecastWindow(length: 2, horizon: horizon, targetColumns: columns)
      var source = try SequenceWindows(
        scale.normalized(series), window: window, batchSize: 1, seed: nil)
      let found = scale.denormalized(source.next().target, of: window).scalars
      let expected = (2..<(2 + horizon)).flatMap { row in
        (columns ?? [0, 1, 2]).map { series[row, $0] }
      }
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-2 }, "\(found)")
      #expect(found.count == expected.count)
    }
  }

  @Test("Numbers that are not those of the columns stop the program")
  func misfits() async {
    await #expect(processExitsWith: .failure) {
      _ = Self.three?.denormalized(
        Tensor(shape: [1, 2]), of: ForecastWindow(length: 4, horizon: 3, targetColumns: [1]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Self.three?.denormalized(series: Tensor(shape: [1, 2]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Self.three?.denormalized(series: Tensor(shape: [1, 6]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Self.three?.normalized(Tensor(shape: [2, 6]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Self.three?.denormalized(Tensor(shape: [1, 1]), columns: [3])
    }
    await #expect(processExitsWith: .failure) {
      _ = Self.three?.denormalized(Tensor(shape: [1, 3]), columns: [0, 1])
    }
  }

  @Test("A column that never changes becomes 0; missing values are left out and stay")
  func oddColumns() throws {
    let series = Tensor<Float>(shape: [3, 2], scalars: [0.1, .nan, 0.1, 4, 0.1, 6])
    let scale = try ColumnStatistics(of: series)
    #expect(scale.standardDeviations == [1, 1] && scale.means[1] == 5)
    let normalized = scale.normalized(series)
    #expect(normalized[0, 0] == 0 && normalized[0, 1].isNaN && normalized[2, 1] == 1)
    #expect(throws: SeriesError.noNumbers(column: 0)) {
      try ColumnStatistics(of: Tensor(shape: [2, 1], scalars: [.nan, .infinity]))
    }
    #expect(throws: SeriesError.noNumbers(column: 0)) {
      try ColumnStatistics(of: Tensor(shape: [0, 1]))
    }
  }

  @Test("Statistics are kept, and hostile ones refused")
  func codable() throws {
    let scale = try ColumnStatistics(of: Tensor(shape: [2, 2], scalars: [0, 0.1, 2, 0.7]))
    let data = try JSONEncoder().encode(scale)
    #expect(try JSONDecoder().decode(ColumnStatistics.self, from: data) == scale)
    for json in [
      #"{"means":[1],"deviations":[]}"#, #"{"means":[1],"deviations":[0]}"#,
      #"{"means":[1],"deviations":[-1]}"#, #"{"means":[1]}"#,
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(ColumnStatistics.self, from: Data(json.utf8))
      }
    }
  }
}
