import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollSeries
import UnrollTables

@Suite("Windows that are read as they are needed")
struct StreamedWindowsTests {
  static let table = TableDescription(
    time: "t", keys: ["k"], numbers: ["x", "y", "z"], missing: .keep)

  /// Three series of several lengths, row by row in a fixed disorder; `y` counts the rows of the file.
  ///
  /// - Parameters:
  ///   - missing: The rows without an `x`.
  ///   - without: The rows that are not there.
  static func text(missing: Set<Int> = [], without: Set<Int> = []) -> String {
    var left = [("a", 0, 41), ("b", 0, 6), ("c", 0, 23)]
    let random = RandomSource(seed: 5)
    var text = "t,k,x,y,z\n"
    for row in 0..<70 {
      left.removeAll { $0.1 == $0.2 }
      let i = Int(random.bits(row) % UInt64(left.count))
      let time = TimeStep.hour.adding(left[i].1, to: TimeStamp(0))
      let x = missing.contains(row) ? "" : "\(random.uniform(1000 + row))"
      if !without.contains(row) {
        text +=
          "\(TimePattern.iso8601.format(time)),\(left[i].0),\(x),\(row),\(Double(left[i].1) / 8)\n"
      }
      left[i].1 += 1
    }
    return text
  }

  static let scales = ["x": ColumnScale(center: 0.25, width: 0.5), "y": ColumnScale(width: 10)]

  static func source(
    _ path: String, rows: Int = 5, stride: Int = 1, horizon: Int = 2, buffer: Int = 8,
    batch: Int = 4, seed: UInt64? = 1, table: TableDescription = table
  ) throws -> StreamedWindows {
    try StreamedWindows(
      TableWindows(path, table, rows: rows, stride: stride, step: .hour, gaps: .split),
      horizon: horizon,
      inputs: ["z", "x"], targets: ["x", "y"], scales: scales, shuffleBuffer: buffer,
      batchSize: batch, seed: seed)
  }

  /// The windows of a batch, each its inputs and then its targets.
  private func windows(_ batch: Batch<Tensor<Float>, Tensor<Float>>) -> [[Float]] {
    let (x, y) = (batch.input, batch.target)
    return (0..<x.shape[1]).compactMap { b in
      if let lengths = batch.lengths, lengths[b] == 0 { return nil }
      return (0..<x.shape[0]).flatMap { t in (0..<x.shape[2]).map { x[t, b, $0] } }
        + (0..<y.shape[1]).map { y[b, $0] }
    }
  }

  private func pass(_ source: inout StreamedWindows) -> [[Float]] {
    (0..<source.batchesPerEpoch).flatMap { _ in windows(source.next()) }
  }

  /// The windows of series in memory, in the order of their last rows, without those with missing numbers.
  private func expected(_ path: String, rows: Int, stride: Int, horizon: Int) throws -> [[Float]] {
    let table = try SeriesTable(reading: path, Self.table, SeriesReading(step: .hour, gaps: .split))
    var all: [(last: Double, numbers: [Float])] = []
    for series in table.series where series.count >= rows {
      for first in Swift.stride(from: 0, through: series.count - rows, by: stride) {
        func seen(_ row: Int, _ column: String) throws -> Float {
          let value = series.values[first + row, try table.column(column)]
          return Float(Self.scales[column]?.seen(value) ?? value)
        }
        let time = rows - horizon
        let numbers =
          try (0..<time).flatMap { [try seen($0, "z"), try seen($0, "x")] }
          + (time..<rows).flatMap { [try seen($0, "x"), try seen($0, "y")] }
        // Also the inputs' column of a row that is predicted, and the other way about.
        let whole = (first..<(first + rows)).allSatisfy { series.values[$0, 0].isFinite }
        if whole { all.append((series.values[first + rows - 1, 1], numbers)) }
      }
    }
    return all.sorted { $0.last < $1.last }.map(\.numbers)
  }

  @Test(
    "A pass has every window once, scaled, in the order of the file where there is no seed",
    arguments: [(5, 1, 2), (5, 3, 2), (3, 7, 1), (6, 1, 5), (2, 1, 1), (41, 1, 40)],
    [1, 4, 7, 1000])
  func inOrder(sizes: (rows: Int, stride: Int, horizon: Int), buffer: Int) throws {
    // Nothing, numbers, rows.
    for what in 0..<(sizes.rows < 41 ? 3 : 1) {
      let rows: Set<Int> = [3, 20, 21, 55]
      let text = Self.text(missing: what == 1 ? rows : [], without: what == 2 ? rows : [])
      try withFile(text) { path throws in
        let expected = try expected(
          path, rows: sizes.rows, stride: sizes.stride, horizon: sizes.horizon)
        for batch in [1, 4] {
          var source = try Self.source(
            path, rows: sizes.rows, stride: sizes.stride, horizon: sizes.horizon, buffer: buffer,
            batch: batch, seed: nil)
          #expect(source.count == expected.count)
          #expect(source.batchesPerEpoch == (expected.count + batch - 1) / batch)
          #expect(source.shuffleBuffer % batch == 0 && source.shuffleBuffer - buffer < batch)
          for _ in 0..<2 {
            #expect(pass(&source) == expected, "\(sizes) \(buffer) \(batch) \(what)")
          }
        }
      }
    }
  }

  @Test("Blocks are shuffled, each by itself, and otherwise in every pass")
  func shuffled() throws {
    try withFile(Self.text()) { path throws in
      let expected = try expected(path, rows: 5, stride: 1, horizon: 2)
      var source = try Self.source(path, buffer: 20)
      var passes: [[[Float]]] = []
      for _ in 0..<3 {
        let pass = pass(&source)
        #expect(pass.count == expected.count && Set(pass) == Set(expected))
        for start in Swift.stride(from: 0, to: expected.count, by: 20) {
          let block = start..<min(start + 20, expected.count)
          #expect(Set(pass[block]) == Set(expected[block]))
        }
        passes.append(pass)
      }
      #expect(Set(passes).count == 3 && !passes.contains(expected))
      var other = try Self.source(path, buffer: 20, seed: 2)
      #expect(pass(&other) != passes[0])
    }
  }

  @Test("The last batch of a pass has empty streams")
  func lastBatch() throws {
    try withFile(Self.text()) { path throws in
      var source = try Self.source(path, batch: 9)
      let left = source.count % 9
      #expect(left > 0)
      for batch in 1...source.batchesPerEpoch {
        let given = source.next()
        let isLast = batch == source.batchesPerEpoch
        #expect(
          given.lengths == (isLast ? (0..<9).map { $0 < left ? 3 : 0 } : nil))
        #expect(given.input.shape == [3, 9, 2] && given.target.shape == [9, 4])
      }
    }
  }

  @Test("Every position gives the same batches again, to this source and to another")
  func positions() throws {
    try withFile(Self.text()) { path throws in
      var source = try Self.source(path)
      var seen: [(position: SourcePosition, batch: [[Float]])] = []
      for _ in 0..<(3 * source.batchesPerEpoch) {
        let position = source.position
        seen.append((position, windows(source.next())))
      }
      var fresh = try Self.source(path)
      for i in [0, 7, 6, 30, 31, 2, seen.count - 1, 1, 14, 13] {
        #expect(fresh.canResume(at: seen[i].position))
        for (which, var source) in [fresh, source, try Self.source(path)].enumerated() {
          source.position = seen[i].position
          for j in i..<min(i + 6, seen.count) {
            #expect(source.position == seen[j].position)
            #expect(windows(source.next()) == seen[j].batch, "\(which) \(i) \(j)")
          }
          if which == 0 { fresh = source }
        }
      }
      #expect(source.position.epoch == 3 && source.position.batch == 0)
    }
  }

  @Test("A position is that of a source of the same windows and sizes")
  func otherSources() throws {
    let text = Self.text()
    try withFile(text) { path throws in
      let source = try Self.source(path)
      try withFile(text) { path throws in
        #expect(try Self.source(path).canResume(at: source.position))
      }
      for other in [
        try Self.source(path, stride: 2), try Self.source(path, horizon: 1),
        try Self.source(path, buffer: 12), try Self.source(path, batch: 2),
        try Self.source(path, seed: 2), try Self.source(path, seed: nil),
      ] {
        #expect(!other.canResume(at: source.position))
      }
      try withFile(text.replacing(",40,", with: ",40.5,")) { path throws in
        #expect(try !Self.source(path).canResume(at: source.position))
      }
    }
  }

  @Test("Sizes that are none, and scales of columns that are not there, stop the program")
  func preconditions() async throws {
    for (horizon, buffer, batch) in [(0, 8, 4), (5, 8, 4), (1, 0, 4), (1, .max, 4), (1, 8, 0)] {
      await #expect(processExitsWith: .failure) {
        [horizon = horizon as Int, buffer = buffer as Int, batch = batch as Int] in
        try withFile(Self.text()) { path throws in
          _ = try Self.source(path, horizon: horizon, buffer: buffer, batch: batch)
        }
      }
    }
    for (inputs, scaled) in [([], "x"), (["x"], "y")] {
      await #expect(processExitsWith: .failure) {
        [inputs = inputs as [String], scaled = scaled as String] in
        try withFile(Self.text()) { path throws in
          _ = try StreamedWindows(
            TableWindows(path, Self.table, rows: 5, step: .hour), horizon: 1, inputs: inputs,
            targets: ["x"], scales: [scaled: ColumnScale()], shuffleBuffer: 8, batchSize: 4)
        }
      }
    }
  }

  @Test("Copies go on by themselves, at once")
  func copies() async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("t.csv")
    try Self.text().write(toFile: path, atomically: true, encoding: .utf8)
    var source = try Self.source(path)
    for _ in 0..<4 { _ = source.next() }
    let copies = (0..<4).map { _ in source }
    let passes = await withTaskGroup { group in
      for copy in copies {
        group.addTask {
          var copy = copy
          return (0..<40).flatMap { _ in windows(copy.next()) }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let rest = (0..<40).flatMap { _ in windows(source.next()) }
    for pass in passes { #expect(pass == rest) }
  }
}
