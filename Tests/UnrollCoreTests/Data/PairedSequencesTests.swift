import Foundation
import Testing
import UnrollCore

@Suite("Pairs of sequences")
struct PairedSequencesTests {
  /// Pairs of lengths that differ, each with ids of its own.
  private static let pairs: [PairedSequences.Pair] = (0..<11).map { i in
    let n = Int32(i)
    return (
      source: (0..<Int32(i % 4)).map { 10 * n + $0 },
      target: (0..<Int32((i * 3) % 5)).map { 10 * n + $0 + 5 }
    )
  }
  private static let boundary: Int32 = 999

  private static func source(
    _ pairs: [PairedSequences.Pair] = pairs, batchSize: Int = 4, pool: Int? = 50,
    sampling: ScheduledSampling = .never, seed: UInt64? = 1
  ) throws -> PairedSequences {
    try PairedSequences(
      pairs, boundary: boundary, pool: pool, batchSize: batchSize, sampling: sampling, seed: seed)
  }

  @Test("are padded on both sides, between boundaries")
  func shapes() throws {
    var source = try Self.source(
      [([1, 2, 3], [4]), ([5], [6, 7]), ([], [])], batchSize: 4, seed: nil)
    let batch = source.next()
    #expect(batch.input.source.time == 3 && batch.input.source.batch == 4)
    // Short ones first, as they are sorted by their lengths; and one stream that fills up.
    #expect(batch.input.source.ids == [0, 5, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0])
    #expect(batch.input.sourceLengths == [0, 1, 3, 0])
    #expect(batch.input.decoderInput.ids == [999, 999, 999, 0, 0, 6, 4, 0, 0, 7, 0, 0])
    #expect(batch.target.ids == [999, 6, 4, -1, -1, 7, 999, -1, -1, 999, -1, -1])
    #expect(batch.lengths == [1, 3, 2, 0] && batch.streams == .fresh)
    #expect(batch.input.sampling == 0)
  }

  @Test("come once in a pass each, in another order in every pass")
  func passes() throws {
    var source = try Self.source()
    #expect(source.batchesPerEpoch == 3)
    func pass() -> [String] {
      (0..<3).flatMap { _ in
        let batch = source.next()
        return (0..<4).compactMap { b -> String? in
          let length = batch.lengths?[b] ?? 0
          guard length > 0 else { return nil }
          func stream(_ tokens: Tokens, _ count: Int) -> [Int32] {
            (0..<count).map { tokens.ids[$0 * 4 + b] }
          }
          let target = stream(batch.target, length)
          #expect(stream(batch.input.decoderInput, length) == [999] + target.dropLast())
          return "\(stream(batch.input.source, batch.input.sourceLengths[b])) \(target)"
        }
      }
    }
    let (first, second) = (pass(), pass())
    let all = Self.pairs.map { "\($0.source) \($0.target + [999])" }
    #expect(first.sorted() == all.sorted() && second.sorted() == all.sorted())
    #expect(first != second)
  }

  @Test("of similar lengths go together")
  func padding() throws {
    let random = RandomSource(seed: 5)
    let many: [PairedSequences.Pair] = (0..<640).map { i in
      let n = Int(random.bits(i) % 60)
      return (Array(repeating: 1, count: n), Array(repeating: 2, count: n))
    }
    func padded(_ pool: Int?) throws -> Int {
      var source = try Self.source(many, batchSize: 16, pool: pool)
      return (0..<40).reduce(0) { sum, _ in sum + source.next().target.ids.count { $0 < 0 } }
    }
    #expect(try padded(40) * 8 < padded(nil))
  }

  @Test("go on from a position, and from that of equal pairs alone")
  func positions() throws {
    var source = try Self.source(sampling: .linear(to: 0.5, over: 10))
    for _ in 0..<4 { _ = source.next() }
    let position = source.position
    let next = source.next()
    var other = try Self.source(sampling: .linear(to: 0.5, over: 10))
    other.position = position
    let again = other.next()
    #expect(again.input == next.input && again.target == next.target)
    #expect(abs(next.input.sampling - 0.2) < 1e-15)
    for different in [
      try Self.source(sampling: .linear(to: 0.5, over: 11)), try Self.source(),
      try Self.source(seed: 2), try Self.source(batchSize: 3), try Self.source(pool: nil),
      try Self.source(Array(Self.pairs.reversed())),
    ] { #expect(!different.canResume(at: position)) }
  }

  @Test("must be some")
  func none() {
    #expect(throws: SequencesError.none) { try Self.source([]) }
  }

  @Test("are sampled by schedules that rise from 0, as their formulas say")
  func schedules() {
    #expect(
      [0, 5, 10, 20].map { ScheduledSampling.linear(to: 0.5, over: 10).probability(at: $0) } == [
        0, 0.25, 0.5, 0.5,
      ])
    #expect(ScheduledSampling.constant(0.3).probability(at: 7) == 0.3)
    #expect(ScheduledSampling.never.probability(at: 7) == 0)
    for i in [0, 3, 40] {
      let (k, x) = (20.0, Double(i))
      #expect(
        abs(ScheduledSampling.exponential(0.9).probability(at: i) - (1 - pow(0.9, x))) < 1e-15)
      let truth = 1 - k / (k + exp(x / k))
      #expect(abs(ScheduledSampling.inverseSigmoid(k).probability(at: i) - truth) < 1e-15)
    }
    // Far on, where exp(i / k) is no number any more.
    #expect(ScheduledSampling.inverseSigmoid(1).probability(at: 1_000_000) == 1)
  }
}
