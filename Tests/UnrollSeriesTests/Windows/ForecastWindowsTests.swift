import Foundation
import Testing
import UnrollCore
import UnrollSeries

@Suite("ForecastWindows")
struct ForecastWindowsTests {
  /// Row i has the number i, further columns 100 i + column, and 1000 + i is known.
  private func series(_ rows: Int, columns: Int = 1, ahead: Int = 0) -> WindowSeries {
    var past = Tensor<Float>(shape: [rows, columns])
    for i in 0..<rows {
      for j in 0..<columns { past[i, j] = Float(j == 0 ? i : 100 * i + j) }
    }
    let all = rows + ahead
    let known = Tensor<Float>(shape: [all, 1], scalars: (0..<all).map { Float(1000 + $0) })
    return WindowSeries(past: past, known: ahead == 0 ? nil : known)
  }

  /// For each window what it sees of column 0, and its targets.
  private func windows(_ source: ForecastWindows) -> [[[Float]]] {
    var source = source
    var found: [[[Float]]] = []
    for _ in 0..<source.batchesPerEpoch {
      let batch = source.next()
      for b in 0..<source.batchSize where batch.lengths?[b] != 0 {
        let past = batch.input.past
        found.append([
          (0..<past.shape[0]).map { past[$0, b, 0] },
          (0..<batch.target.shape[1]).map { batch.target[b, $0] },
        ])
      }
    }
    return found
  }

  private func inOrder(
    _ series: WindowSeries, _ shape: WindowShape, in range: Range<Int>? = nil, stride: Int = 1
  ) throws -> [[[Float]]] {
    windows(
      try ForecastWindows(
        [series], in: [range ?? 0..<series.count], shape: shape, stride: stride, batchSize: 1,
        seed: nil))
  }

  @Test("Every third row: 12 rows have three windows of 3 and 1 ahead")
  func everyThirdRow() throws {
    let found = try inOrder(series(12), WindowShape(length: 3, horizon: 1, spacing: 3))
    #expect(found == [[[0, 3, 6], [9]], [[1, 4, 7], [10]], [[2, 5, 8], [11]]])
  }

  @Test("Rows ahead are as far apart as those that are seen")
  func spacedHorizon() throws {
    let found = try inOrder(series(9), WindowShape(length: 2, horizon: 2, spacing: 2))
    #expect(found == [[[0, 2], [4, 6]], [[1, 3], [5, 7]], [[2, 4], [6, 8]]])
    #expect(throws: SeriesError.tooShort(rows: 6, needed: 7)) {
      try inOrder(series(6), WindowShape(length: 2, horizon: 2, spacing: 2))
    }
  }

  @Test("A window that has fewer rows than it could has zeros before them")
  func leastRows() throws {
    let shape = WindowShape(length: 4, horizon: 1, leastRows: 2)
    #expect(
      try inOrder(series(6), shape)
        == [
          [[0, 0, 0, 1], [2]], [[0, 0, 1, 2], [3]], [[0, 1, 2, 3], [4]], [[1, 2, 3, 4], [5]],
        ])
    let spaced = WindowShape(length: 3, horizon: 1, spacing: 2, leastRows: 1)
    #expect(
      try inOrder(series(6), spaced)
        == [
          [[0, 0, 0], [2]], [[0, 0, 1], [3]], [[0, 0, 2], [4]], [[0, 1, 3], [5]],
        ])
  }

  @Test("Zeros before a window are in every column, whatever the window is relative to")
  func zerosOfAllColumns() throws {
    let shape = WindowShape(length: 4, horizon: 1, leastRows: 2, scale: .last)
    let source = try ForecastWindows(
      [series(3, columns: 2, ahead: 1)], in: [0..<3], shape: shape, batchSize: 1, seed: nil)
    let (input, scales) = source.input(of: source.places)
    #expect(input.past.shape == [4, 1, 3])
    #expect(input.past.scalars == [0, 0, 0, 0, 0, 0, -1, 1, 1000, 0, 101, 1001])
    #expect(input.future.scalars == [1002])
    #expect(scales.count == 1 && scales[0] == (1, 1))
  }

  @Test("A part as short as one target has a window, of earlier rows")
  func shortPart() throws {
    let shape = WindowShape(length: 3, horizon: 2)
    #expect(try inOrder(series(20), shape, in: 10..<12) == [[[7, 8, 9], [10, 11]]])
    #expect(throws: SeriesError.tooShort(rows: 1, needed: 2)) {
      try inOrder(series(20), shape, in: 10..<11)
    }
    // What is before the first row is not there to be seen.
    #expect(throws: SeriesError.tooShort(rows: 4, needed: 5)) {
      try inOrder(series(20), shape, in: 0..<4)
    }
    #expect(try inOrder(series(20), shape, in: 0..<5).count == 1)
    // A range beyond the series has no more of it than there is.
    #expect(try inOrder(series(20), shape, in: 17..<40).last == [[15, 16, 17], [18, 19]])
  }

  @Test("Every target of a window is in its part", arguments: [1, 2, 3], [1, 2, 5])
  func targetsInPart(spacing: Int, horizon: Int) throws {
    let shape = WindowShape(length: 2, horizon: horizon, spacing: spacing)
    let found = try inOrder(series(40), shape, in: 15..<35)
    #expect(found.count == 20 - (horizon - 1) * spacing)
    for window in found {
      #expect(window[1].allSatisfy { (15..<35).contains(Int($0)) })
      #expect(window[0].last.map { $0 + Float(spacing) } == window[1].first)
    }
  }

  @Test("With a stride windows are counted from the end")
  func strides() throws {
    let shape = WindowShape(length: 2, horizon: 1)
    #expect(try inOrder(series(9), shape, stride: 3).map { $0[1] } == [[2], [5], [8]])
    #expect(try inOrder(series(8), shape, stride: 3).map { $0[1] } == [[4], [7]])
    #expect(try inOrder(series(8), shape, stride: 100).map { $0[1] } == [[7]])
    func fromStart(_ rows: Int, stride: Int) throws -> [[Float]] {
      windows(
        try ForecastWindows(
          [series(rows)], in: [0..<rows], shape: shape, stride: stride, alignment: .start,
          batchSize: 1, seed: nil)
      ).map { $0[1] }
    }
    #expect(try fromStart(9, stride: 3) == [[2], [5], [8]])
    #expect(try fromStart(8, stride: 3) == [[2], [5]])
    #expect(try fromStart(8, stride: 100) == [[2]])
  }

  @Test(
    "A window with a missing number is left out, among what it sees, predicts or knows ahead",
    arguments: [Float.nan, .infinity])
  func missing(value: Float) throws {
    let shape = WindowShape(length: 3, horizon: 2)
    var gappy = series(14)
    gappy.past[6, 0] = value
    #expect(try inOrder(gappy, shape).map { $0[1][0] } == [3, 4, 10, 11, 12])
    var side = series(14, columns: 2)
    side.past[6, 1] = value
    #expect(try inOrder(side, shape).map { $0[1][0] } == [3, 4, 10, 11, 12])
    var known = series(14, ahead: 3)
    known.known[6, 0] = value
    #expect(try inOrder(known, shape).map { $0[1][0] } == [3, 4, 10, 11, 12])
    #expect(throws: SeriesError.noWholeWindow) { try inOrder(gappy, shape, in: 5..<9) }
    // Rows between those that are seen do not matter.
    let spaced = WindowShape(length: 2, horizon: 1, spacing: 2)
    #expect(try inOrder(gappy, spaced).map { $0[1][0] } == [4, 5, 7, 9, 11, 12, 13])
  }

  @Test("No window reaches from one series into another")
  func manySeries() throws {
    var second = series(6)
    for row in 0..<6 { second.past[row, 0] += 100 }
    let source = try ForecastWindows(
      [series(5), series(2), second], in: [0..<5, 0..<2, 0..<6],
      shape: WindowShape(length: 2, horizon: 2), batchSize: 2, seed: nil)
    #expect(source.places.map(\.series) == [0, 0, 2, 2, 2])
    #expect(source.places.map(\.last) == [1, 2, 1, 2, 3])
    for window in windows(source) {
      let all = window[0] + window[1]
      #expect(zip(all, all.dropFirst()).allSatisfy { $1 == $0 + 1 })
    }
  }

  @Test("What is known of the rows ahead is of the same rows as the targets, category by series")
  func knownAhead() throws {
    var other = series(9, ahead: 4)
    other.categories = [3, 1]
    var first = series(9, ahead: 4)
    first.categories = [0, 2]
    var source = try ForecastWindows(
      [first, other], in: [0..<9, 0..<9], shape: WindowShape(length: 2, horizon: 2, spacing: 2),
      batchSize: 6, seed: 5)
    let batch = source.next()
    #expect(batch.input.future.shape == [2, 6, 1])
    for b in 0..<6 {
      for h in 0..<2 { #expect(batch.input.future[h, b, 0] == batch.target[b, h] + 1000) }
      for t in 0..<2 { #expect(batch.input.past[t, b, 1] == batch.input.past[t, b, 0] + 1000) }
      let kinds = (batch.input.categories.ids[b], batch.input.categories.ids[6 + b])
      #expect(kinds == (0, 2) || kinds == (3, 1))
    }
    #expect(Set(batch.input.categories.ids.prefix(6)) == [0, 3])
  }

  @Test("Shuffled, every window comes once in a pass, and the last batch is filled up")
  func passes() throws {
    var source = try ForecastWindows(
      [series(30), series(9)], in: [0..<30, 4..<9], shape: WindowShape(length: 4, horizon: 2),
      batchSize: 7)
    let count = source.places.count
    #expect(count == 29 && source.batchesPerEpoch == 5)
    var orders: [[[[Float]]]] = []
    for _ in 0..<2 {
      var found: [[[Float]]] = []
      for batch in 0..<5 {
        let next = source.next()
        #expect(next.input.batch == 7 && next.target.shape == [7, 2])
        #expect(next.lengths == (batch < 4 ? nil : [4, 0, 0, 0, 0, 0, 0]))
        for b in 0..<7 where next.lengths?[b] != 0 {
          found.append([
            (0..<4).map { next.input.past[$0, b, 0] }, (0..<2).map { next.target[b, $0] },
          ])
        }
        if batch == 4 {
          #expect(next.target.scalars.dropFirst(2).allSatisfy { $0 == 0 })
        }
      }
      orders.append(found)
    }
    let expected = Set(try inOrder(series(30), source.shape))
    #expect(orders[0].count == count && Set(orders[0]) == expected && Set(orders[1]) == expected)
    #expect(orders[0] != orders[1])
  }

  @Test("A saved position brings back the batches that followed; that of other windows is refused")
  func position() throws {
    func make(
      _ rows: Int = 30, length: Int = 4, range: Range<Int> = 0..<25, stride: Int = 1,
      scale: WindowScale = .none
    ) throws -> ForecastWindows {
      try ForecastWindows(
        [series(rows)], in: [range], shape: WindowShape(length: length, horizon: 2, scale: scale),
        stride: stride, batchSize: 4)
    }
    var source = try make()
    for _ in 0..<9 { _ = source.next() }
    let saved = try JSONEncoder().encode(source.position)
    let position = try JSONDecoder().decode(SourcePosition.self, from: saved)
    var restored = try make()
    #expect(restored.canResume(at: position))
    restored.position = position
    for _ in 0..<9 {
      let (a, b) = (source.next(), restored.next())
      #expect(
        a.input.past == b.input.past && a.target == b.target && a.lengths == b.lengths)
    }
    for other in [
      try make(31), try make(length: 5), try make(range: 0..<24), try make(stride: 2),
      try make(scale: .last),
    ] {
      #expect(!other.canResume(at: position))
    }
  }

  @Test(
    "A window weighs what its series does, in the unit of its target; one that fills a batch nothing"
  )
  func weights() throws {
    let large = WindowSeries(
      past: Tensor<Float>(shape: [5, 1], scalars: [0, 20, 0, 20, 40]))
    var source = try ForecastWindows(
      [series(4), large], in: [0..<4, 0..<5],
      shape: WindowShape(length: 2, horizon: 1, scale: .meanAndDeviation), weights: [0.5, 3],
      batchSize: 3, seed: nil)
    // Of two numbers the deviation is half of how far they are apart.
    #expect(source.next().weights == [0.25, 0.25, 30])
    #expect(source.next().weights == [30, 30, 0])
    var plain = try ForecastWindows(
      [large], in: [0..<5], shape: WindowShape(length: 2, horizon: 1), batchSize: 2, seed: nil)
    #expect(plain.next().weights == nil)
    #expect(!plain.canResume(at: source.position))
    let other = try ForecastWindows(
      [series(4), large], in: [0..<4, 0..<5], shape: source.shape, weights: [0.5, 4], batchSize: 3,
      seed: nil)
    #expect(!other.canResume(at: source.position))
  }

  @Test(
    "What MASE takes is by the rows to learn from, a season apart; a series that stands still weighs nothing"
  )
  func seasonalWeights() throws {
    let rows = 6
    func series(_ key: String, _ values: [Double]) -> TimeSeries {
      TimeSeries(key: key, values: Tensor(shape: [rows, 1], scalars: values))
    }
    let table = SeriesTable(
      columns: ["x"],
      series: [series("a", [1, 5, 2, 7, 100, 100]), series("b", [3, 3, 3, 3, 9, 1])])
    let preparation = try SeriesPreparation(
      table, ranges: [0..<4, 0..<4], columns: ForecastColumns(targets: ["x"]),
      window: WindowShape(length: 2, horizon: 1), kind: .none)
    let prepared = try preparation.prepare(table)
    let weights = preparation.seasonalWeights(of: prepared, in: [0..<4, 0..<4], season: 2)
    #expect(weights == [1 / 1.5, 0])
    #expect(
      preparation.seasonalWeights(of: prepared, in: [0..<0, 0..<6], season: 1)[0] == 0)
  }
}
