import Foundation
import Testing
import UnrollCore

@Suite("ShuffledBatches")
struct ShuffledBatchesTests {
  private func batches(
    _ examples: Int, of batchSize: Int, seed: UInt64? = 1, lengths: [Int] = [], pool: Int? = nil,
    data: String = "test"
  ) -> ShuffledBatches {
    ShuffledBatches(
      examples: examples, batchSize: batchSize, seed: seed, lengths: lengths, pool: pool,
      data: Fingerprint(data))
  }

  private func pass(_ source: inout ShuffledBatches) -> [[Int]] {
    (0..<source.batchesPerEpoch).map { _ in source.next() }
  }

  @Test(
    "In every pass every example comes once",
    arguments: [(1, 1), (1, 5), (7, 7), (8, 7), (20, 3), (21, 3)])
  func onceAPass(examples: Int, batchSize: Int) {
    for pool in [nil, 1, 2, 100] {
      var source = batches(
        examples, of: batchSize, lengths: (0..<examples).map { $0 % 4 }, pool: pool)
      for epoch in 0..<3 {
        #expect(source.position.epoch == epoch)
        let batches = pass(&source)
        #expect(batches.joined().sorted() == Array(0..<examples))
        #expect(batches.count { $0.count < batchSize } <= 1)
      }
    }
  }

  @Test("Passes and seeds differ in order; equal ones are equal")
  func orders() {
    var (a, b, c) = (batches(50, of: 50), batches(50, of: 50), batches(50, of: 50, seed: 2))
    let first = a.next()
    #expect(first == b.next())
    #expect(first != a.next())
    #expect(first != c.next())
    var inOrder = batches(5, of: 2, seed: nil)
    for _ in 0..<2 { #expect(pass(&inOrder) == [[0, 1], [2, 3], [4]]) }
  }

  @Test("The order of a seed is the same everywhere, for ever")
  func golden() {
    var source = batches(10, of: 10, seed: 42)
    #expect(source.next() == [8, 6, 4, 5, 9, 3, 7, 1, 2, 0])
    #expect(source.next() == [1, 2, 8, 0, 9, 7, 3, 5, 6, 4])
  }

  @Test("Any permutation is as likely as another")
  func uniform() {
    var counts: [[Int]: Int] = [:]
    for seed in 0..<6000 {
      var order = [0, 1, 2]
      order.shuffle(by: RandomSource(seed: UInt64(seed)))
      counts[order, default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 }, "\(counts)")
  }

  @Test("Sequences of similar length go together, and less is padded")
  func similarLengths() {
    let random = RandomSource(seed: 3)
    let lengths = (0..<600).map { Int(random.bits($0) % 100) }
    func padding(_ pool: Int?) -> Int {
      var source = batches(600, of: 8, lengths: lengths, pool: pool)
      return pass(&source).reduce(0) { sum, batch in
        let longest = batch.map { lengths[$0] }.max() ?? 0
        return sum + batch.reduce(0) { $0 + longest - lengths[$1] }
      }
    }
    #expect(padding(20) * 5 < padding(nil))
    var source = batches(600, of: 8, lengths: lengths, pool: 20)
    let passes = (0..<2).map { _ in pass(&source) }
    #expect(passes[0] != passes[1])
    // The batches of a pass are not sorted by length.
    let longest = passes[0].map { $0.map { lengths[$0] }.max() ?? 0 }
    #expect(longest != longest.sorted() && longest != longest.sorted(by: >))
  }

  @Test("A position brings back what followed it, out of nothing but itself", arguments: [nil, 3])
  func positions(pool: Int?) throws {
    let lengths = (0..<23).map { $0 * 7 % 5 }
    var source = batches(23, of: 4, lengths: lengths, pool: pool)
    for _ in 0..<9 { _ = source.next() }
    let saved = try JSONEncoder().encode(source.position)
    let following = (0..<12).map { _ in source.next() }
    var restored = batches(23, of: 4, lengths: lengths, pool: pool)
    _ = restored.next()
    restored.position = try JSONDecoder().decode(SourcePosition.self, from: saved)
    #expect((0..<12).map { _ in restored.next() } == following)
    #expect(restored.position == source.position)
  }

  @Test("Positions of other sources, and those that no source has, are refused")
  func foreign() async {
    let source = batches(23, of: 4)
    for other in [
      batches(22, of: 4), batches(23, of: 5), batches(23, of: 4, seed: 2),
      batches(23, of: 4, seed: nil), batches(23, of: 4, data: "other"),
      batches(23, of: 4, lengths: Array(repeating: 1, count: 23), pool: 2),
    ] {
      #expect(!source.canResume(at: other.position))
    }
    #expect(source.canResume(at: batches(23, of: 4).position))
    for (epoch, batch, isThere) in [
      (3, 5, true), (0, 6, false), (0, -1, false), (-1, 0, false), (Int.max, 0, false),
    ] {
      var position = source.position
      (position.epoch, position.batch) = (epoch, batch)
      #expect(source.canResume(at: position) == isThere)
    }
    await #expect(processExitsWith: .failure) {
      let make = { (seed: UInt64) in
        ShuffledBatches(examples: 9, batchSize: 2, seed: seed, data: Fingerprint(""))
      }
      var source = make(1)
      source.position = make(2).position
    }
    await #expect(processExitsWith: .failure) {
      _ = ShuffledBatches(examples: 9, batchSize: 0, seed: 1, data: Fingerprint(""))
    }
  }
}
