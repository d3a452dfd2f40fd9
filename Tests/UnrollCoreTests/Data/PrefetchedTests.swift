import Foundation
import Testing
import UnrollCore
import UnrollFiles

@Suite("Batches that are prepared ahead")
struct PrefetchedTests {
  /// What is wrong with a source.
  struct Unreadable: Error, Equatable {
    let batch: Int
  }

  /// Batches of numbers that count on, three to a pass, and a log of those that were prepared.
  private struct Counting: BatchSource {
    struct Position: Codable, Sendable, Equatable {
      var batch: Int
    }

    var position = Position(batch: 0)
    var failure: (any Error)?
    var unreadable: Int?
    let prepared: Locked<[Int]>
    let batchesPerEpoch = 3
    let batchSize = 2

    init(unreadable: Int? = nil) {
      self.unreadable = unreadable
      prepared = Locked([])
    }

    func canResume(at position: Position) -> Bool { position.batch >= 0 }

    mutating func next() -> Batch<Tensor<Float>, Int> {
      let batch = position.batch
      prepared.withLock { $0.append(batch) }
      failure = batch == unreadable ? Unreadable(batch: batch) : nil
      if failure == nil { position.batch += 1 }
      return Batch(input: Tensor(shape: [1, 2, 1], repeating: Float(batch)), target: batch)
    }
  }

  @Test("The batches, the positions and the sizes are those of the source")
  func same() {
    var (source, prefetched) = (Counting(), Prefetched(Counting()))
    #expect(prefetched.batchSize == 2 && prefetched.batchesPerEpoch == 3)
    for _ in 0..<7 {
      #expect(prefetched.position == source.position)
      let (batch, expected) = (prefetched.next(), source.next())
      #expect(batch.target == expected.target && batch.input.scalars == expected.input.scalars)
    }
    #expect(!prefetched.canResume(at: Counting.Position(batch: -1)))
  }

  @Test("One batch is prepared while the one before is used, and no more")
  func ahead() {
    let source = Counting()
    var prefetched = Prefetched(source)
    #expect(source.prepared.withLock(\.self).isEmpty)
    #expect(prefetched.next().target == 0)
    // Nobody asks for it.
    let deadline = Date() + 60
    while source.prepared.withLock(\.count) < 2 && Date() < deadline { usleep(1000) }
    usleep(20_000)
    #expect(source.prepared.withLock(\.self) == [0, 1])
    #expect(prefetched.position == Counting.Position(batch: 1))
    #expect(prefetched.next().target == 1)
  }

  @Test("A new position drops what was prepared")
  func position() {
    var prefetched = Prefetched(Counting())
    let start = prefetched.position
    #expect((0..<5).map { _ in prefetched.next().target } == [0, 1, 2, 3, 4])
    prefetched.position = start
    #expect(prefetched.position == start)
    #expect((0..<2).map { _ in prefetched.next().target } == [0, 1])
    prefetched.position = Counting.Position(batch: 9)
    #expect(prefetched.next().target == 9)
  }

  @Test("Copies go on by themselves, each on a thread of its own")
  func copies() async {
    var first = Prefetched(Counting())
    #expect(first.next().target == 0)
    let copies = (0..<4).map { _ in first }
    let targets = await withTaskGroup { group in
      for (index, copy) in copies.enumerated() {
        group.addTask {
          var copy = copy
          return (0..<(50 + index)).map { _ in copy.next().target }
        }
      }
      return await group.reduce(into: [[Int]]()) { $0.append($1) }
    }
    #expect(targets.map(\.count).sorted() == [50, 51, 52, 53])
    for targets in targets { #expect(targets == Array(1...targets.count)) }
    #expect(first.next().target == 1)
  }

  @Test("A failure comes with its batch, not earlier, and goes with another position")
  func failure() {
    var prefetched = Prefetched(Counting(unreadable: 2))
    #expect(prefetched.next().target == 0 && prefetched.failure == nil)
    #expect(prefetched.next().target == 1 && prefetched.failure == nil)
    let position = prefetched.position
    _ = prefetched.next()
    #expect(prefetched.failure as? Unreadable == Unreadable(batch: 2))
    #expect(prefetched.position == position)
    _ = prefetched.next()
    #expect(prefetched.failure as? Unreadable == Unreadable(batch: 2))
  }
}
