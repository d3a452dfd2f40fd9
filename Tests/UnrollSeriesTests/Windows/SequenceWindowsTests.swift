import Foundation
import Testing
import UnrollCore
import UnrollSeries

@Suite("SequenceWindows")
struct SequenceWindowsTests {
  /// Column j of row i is `10 * i + j`.
  private func series(_ rows: Int, _ columns: Int = 2) -> Tensor<Float> {
    Tensor(
      shape: [rows, columns],
      scalars: (0..<rows).flatMap { i in (0..<columns).map { Float(10 * i + $0) } })
  }

  @Test("Inputs are the rows of a window and targets those after it, in the order of time")
  func inOrder() throws {
    var source = try SequenceWindows(
      series(7), shape: WindowShape(length: 3, horizon: 2), batchSize: 2, seed: nil)
    #expect(source.count == 3)
    #expect(source.batchesPerEpoch == 2)
    let batch = source.next()
    #expect(batch.input.shape == [3, 2, 2])
    #expect(batch.input.scalars == [0, 1, 10, 11, 10, 11, 20, 21, 20, 21, 30, 31])
    #expect(batch.target.shape == [2, 4])
    #expect(batch.target.scalars == [30, 31, 40, 41, 40, 41, 50, 51])
    #expect(batch.lengths == nil)
    #expect(batch.streams == .fresh)
  }

  @Test("The last batch is filled up with streams that do not count")
  func lastBatch() throws {
    var source = try SequenceWindows(
      series(7), shape: WindowShape(length: 3, horizon: 2), batchSize: 2, seed: nil)
    _ = source.next()
    let batch = source.next()
    #expect(batch.input.shape == [3, 2, 2])
    #expect(batch.lengths == [3, 0])
    #expect(batch.target.scalars == [50, 51, 60, 61, 0, 0, 0, 0])
    #expect(source.position.epoch == 1)
    var small = try SequenceWindows(
      series(4), shape: WindowShape(length: 3, horizon: 1), batchSize: 5)
    #expect(small.batchesPerEpoch == 1)
    #expect(small.next().lengths == [3, 0, 0, 0, 0])
  }

  @Test("Every step may have a target, of some columns, in their order")
  func everyStep() throws {
    var source = try SequenceWindows(
      series(5, 3),
      shape: WindowShape(length: 2, horizon: 2), targets: .everyStep, targetColumns: [2, 0],
      batchSize: 2, seed: nil)
    let batch = source.next()
    #expect(batch.target.shape == [2, 2, 4])
    #expect(
      batch.target.scalars == [12, 10, 22, 20, 22, 20, 32, 30, 22, 20, 32, 30, 32, 30, 42, 40])
  }

  @Test("With a stride windows are so far apart, counted from the end")
  func strides() throws {
    func firsts(_ stride: Int) throws -> [Float] {
      var source = try SequenceWindows(
        series(10, 1), shape: WindowShape(length: 3, horizon: 1), stride: stride, batchSize: 1,
        seed: nil)
      return (0..<source.count).map { _ in source.next().input[0, 0, 0] / 10 }
    }
    #expect(try firsts(1) == [0, 1, 2, 3, 4, 5, 6])
    #expect(try firsts(3) == [0, 3, 6])
    #expect(try firsts(4) == [2, 6])
    #expect(try firsts(100) == [6])
  }

  @Test("Shuffled, every window comes once in a pass, its target with it")
  func shuffled() throws {
    var source = try SequenceWindows(
      series(30, 1), shape: WindowShape(length: 4, horizon: 1), batchSize: 4)
    var passes: [[Float]] = []
    for _ in 0..<2 {
      var firsts: [Float] = []
      for _ in 0..<source.batchesPerEpoch {
        let batch = source.next()
        for b in 0..<4 where batch.lengths?[b] != 0 {
          firsts.append(batch.input[0, b, 0])
          #expect(batch.target[b, 0] == batch.input[3, b, 0] + 10)
        }
      }
      #expect(firsts.sorted() == (0..<26).map { Float(10 * $0) })
      passes.append(firsts)
    }
    #expect(passes[0] != passes[1])
  }

  @Test("A saved position brings back the batches that followed; that of other data is refused")
  func position() throws {
    let shape = WindowShape(length: 4, horizon: 1)
    func make(
      _ rows: Int = 30, _ shape: WindowShape = shape,
      _ targets: SequenceWindows.Targets = .lastStep,
      stride: Int = 1
    ) throws -> SequenceWindows {
      try SequenceWindows(
        series(rows, 1), shape: shape, targets: targets, stride: stride, batchSize: 4)
    }
    var source = try make()
    for _ in 0..<10 { _ = source.next() }
    let saved = try JSONEncoder().encode(source.position)
    var restored = try make()
    let position = try JSONDecoder().decode(SourcePosition.self, from: saved)
    #expect(restored.canResume(at: position))
    restored.position = position
    for _ in 0..<9 {
      let (a, b) = (source.next(), restored.next())
      #expect(a.input == b.input && a.target == b.target && a.lengths == b.lengths)
    }
    var changed = series(30, 1)
    changed[29, 0] += 1
    for other in [
      try make(31), try make(30, WindowShape(length: 5, horizon: 1)), try make(stride: 2),
      try make(30, WindowShape(length: 4, horizon: 1, spacing: 2)), try make(30, shape, .everyStep),
      try SequenceWindows(changed, shape: shape, batchSize: 4),
    ] {
      #expect(!other.canResume(at: position))
    }
  }

  @Test("Positions are those of version 0.1 where the windows are")
  func earlierPositions() throws {
    for stride in 1...2 {
      let source = try SequenceWindows(
        series(11), shape: WindowShape(length: 4, horizon: 2), targetColumns: [1], stride: stride,
        batchSize: 3, seed: 7)
      var data = Fingerprint("SequenceWindows")
      data.combine(series(11))
      data.combine([1] as [Int32])
      for size in [4, 2, 0, stride] { data.combine(size) }
      let earlier = ShuffledBatches(examples: source.count, batchSize: 3, seed: 7, data: data)
      #expect(source.canResume(at: earlier.position) == (stride == 1))
    }
  }

  @Test("A series just long enough has one window; a shorter one is an error", arguments: 0...6)
  func short(rows: Int) throws {
    let shape = WindowShape(length: 3, horizon: 2)
    guard rows < 5 else {
      #expect(try SequenceWindows(series(rows), shape: shape, batchSize: 2).count == rows - 4)
      return
    }
    let error = #expect(throws: SeriesError.tooShort(rows: rows, needed: 5)) {
      try SequenceWindows(series(rows), shape: shape, batchSize: 2)
    }
    #expect(
      error?.description
        == "a series of \(rows) rows is too short for a window, which takes 5; use more rows or "
        + "shorter windows")
  }

  @Test(
    "A gap is an error, or leaves out the windows that have it", arguments: [Float.nan, .infinity])
  func gaps(value: Float) throws {
    var gappy = series(12)
    gappy[5, 1] = value
    let shape = WindowShape(length: 2, horizon: 1)
    #expect(throws: SeriesError.notFinite(row: 5, column: 1)) {
      try SequenceWindows(gappy, shape: shape, batchSize: 2)
    }
    var source = try SequenceWindows(
      gappy, shape: shape, gaps: .skip, batchSize: 1, seed: nil)
    let firsts = (0..<source.count).map { _ in source.next().input[0, 0, 0] / 10 }
    #expect(firsts == [0, 1, 2, 6, 7, 8, 9])
    let holes = Tensor<Float>(shape: [9, 1], scalars: (0..<9).map { $0 % 3 == 0 ? value : 1 })
    #expect(throws: SeriesError.noWholeWindow) {
      try SequenceWindows(holes, shape: shape, gaps: .skip, batchSize: 1)
    }
  }

  @Test("Every second row of an array, and its targets at every step")
  func spacing() throws {
    let shape = WindowShape(length: 3, horizon: 2, spacing: 2)
    var source = try SequenceWindows(
      series(10, 1), shape: shape, targets: .everyStep, batchSize: 1, seed: nil)
    #expect(source.count == 2)
    _ = source.next()
    let batch = source.next()
    #expect(batch.input.scalars == [10, 30, 50])
    #expect(batch.target.shape == [3, 1, 2])
    #expect(batch.target.scalars == [30, 50, 50, 70, 70, 90])
    let one = WindowShape(length: 1, horizon: 1)
    var steps = try SequenceWindows(
      series(2), shape: one, targets: .everyStep, batchSize: 1, seed: nil)
    #expect(steps.next().target.shape == [1, 1, 2])
  }

  private static let two = WindowShape(length: 2, horizon: 1)

  @Test("Sizes that are none, and columns that are not there, stop the program")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = try SequenceWindows(
        Tensor(shape: [9, 2]), shape: Self.two, targetColumns: [2], batchSize: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = try SequenceWindows(
        Tensor(shape: [9, 2]), shape: Self.two, targetColumns: [], batchSize: 1)
    }
    for shape in [
      WindowShape(length: 2, horizon: 1, leastRows: 1),
      WindowShape(length: 2, horizon: 1, scale: .last),
    ] {
      await #expect(processExitsWith: .failure) { [shape = shape as WindowShape] in
        _ = try SequenceWindows(Tensor(shape: [9, 2]), shape: shape, batchSize: 1)
      }
    }
    await #expect(processExitsWith: .failure) {
      _ = try SequenceWindows(
        Tensor(shape: [9, 2]), shape: Self.two, stride: 0, batchSize: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = try SequenceWindows(
        Tensor(shape: [9]), shape: Self.two, batchSize: 1)
    }
  }
}
