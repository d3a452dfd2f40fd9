import Foundation
import Testing
import UnrollCore
import UnrollFiles

@Suite("PaddedSequences")
struct PaddedSequencesTests {
  private let sequences: [[Int32]] = [[1, 2, 3], [4], [5, 6]]

  @Test("Sequences are padded to the longest of the batch, with a label each")
  func labels() throws {
    var source = try PaddedSequences(sequences, labels: [7, 8, 9], batchSize: 2, seed: nil)
    #expect(source.batchesPerEpoch == 2)
    let first = source.next()
    #expect(first.input == Tokens(time: 3, batch: 2, ids: [1, 4, 2, 0, 3, 0]))
    #expect(first.target == Tokens(time: 1, batch: 2, ids: [7, 8]))
    #expect(first.lengths == [3, 1])
    #expect(first.streams == .fresh)
    let second = source.next()
    #expect(second.input == Tokens(time: 2, batch: 2, ids: [5, 0, 6, 0]))
    #expect(second.target == Tokens(time: 1, batch: 2, ids: [9, Tokens.ignored]))
    #expect(second.lengths == [2, 0])
    #expect(source.position.epoch == 1)
  }

  @Test("Tags are padded with what is ignored")
  func tags() throws {
    var source = try PaddedSequences(
      sequences, tags: [[0, 1, 0], [1], [Tokens.ignored, 1]], batchSize: 4, seed: nil)
    let batch = source.next()
    #expect(batch.input.time == 3 && batch.input.batch == 4)
    #expect(
      batch.target
        == Tokens(time: 3, batch: 4, ids: [0, 1, -1, -1, 1, -1, 1, -1, 0, -1, -1, -1]))
    #expect(batch.lengths == [3, 1, 2, 0])
  }

  @Test("Sequences of features are padded with zeros")
  func features() throws {
    let sequences: [Tensor<Float>] = [
      Tensor(shape: [1, 2], scalars: [1, 2]), Tensor(shape: [2, 2], scalars: [3, 4, 5, 6]),
      Tensor(shape: [0, 2]),
    ]
    var source = try PaddedSequences(sequences, labels: [0, 1, 0], batchSize: 3, seed: nil)
    let batch = source.next()
    #expect(batch.input.shape == [2, 3, 2])
    #expect(batch.input.scalars == [1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 0, 0])
    #expect(batch.lengths == [1, 2, 0])
    var tagged = try PaddedSequences(
      Array(sequences.prefix(2)), tags: [[3], [4, 5]], batchSize: 2, seed: nil)
    #expect(tagged.next().target == Tokens(time: 2, batch: 2, ids: [3, 4, -1, 5]))
  }

  @Test("An empty sequence may have a label, also by itself")
  func empty() throws {
    var source = try PaddedSequences([[], [1]], labels: [0, 1], batchSize: 1, seed: nil)
    let batch = source.next()
    #expect(batch.input == Tokens(time: 1, batch: 1, ids: [0]))
    #expect(batch.target == Tokens(time: 1, batch: 1, ids: [0]))
    #expect(batch.lengths == [0])
  }

  @Test("Nothing to learn from is an error")
  func nothing() throws {
    #expect(throws: SequencesError.none) {
      try PaddedSequences([[Int32]](), labels: [], batchSize: 2)
    }
    #expect(throws: SequencesError.none) {
      try PaddedSequences([Tensor<Float>](), tags: [], batchSize: 2)
    }
    #expect(throws: SequencesError.noTargets(sequence: 1)) {
      try PaddedSequences([[1], []], tags: [[0], []], batchSize: 2)
    }
    #expect(throws: SequencesError.noTargets(sequence: 0)) {
      try PaddedSequences([[1]], tags: [[Tokens.ignored]], batchSize: 2)
    }
    #expect(throws: SequencesError.notFinite(sequence: 1, step: 1, feature: 0)) {
      try PaddedSequences(
        [Tensor(shape: [1, 2]), Tensor(shape: [2, 2], scalars: [0, 1, .nan, 2])],
        labels: [0, 1], batchSize: 2)
    }
  }

  @Test("In every pass every sequence comes once, with what it has", arguments: [false, true])
  func passes(areSimilar: Bool) throws {
    let sequences = (0..<41).map { i in (0..<(i * 7 % 11)).map { Int32(i + $0) } }
    var source = try PaddedSequences(
      sequences, labels: (0..<41).map { Int32($0) },
      batching: areSimilar ? .similarLengths(outOf: 3) : .mixed, batchSize: 4)
    var orders: [[Int32]] = []
    for _ in 0..<2 {
      var order: [Int32] = []
      for _ in 0..<source.batchesPerEpoch {
        let batch = source.next()
        let lengths = try #require(batch.lengths)
        #expect(batch.input.batch == 4 && batch.input.time == max(1, lengths.max() ?? 0))
        for b in 0..<4 where batch.target.ids[b] >= 0 {
          let label = batch.target.ids[b]
          order.append(label)
          #expect(
            (0..<lengths[b]).map { batch.input.ids[$0 * 4 + b] } == sequences[Int(label)])
        }
      }
      #expect(order.sorted() == (0..<41).map { Int32($0) })
      orders.append(order)
    }
    #expect(orders[0] != orders[1])
  }

  @Test("A saved position brings back the batches that followed; that of other data is refused")
  func position() throws {
    let labels: [Int32] = [0, 1, 2]
    var source = try PaddedSequences(sequences, labels: labels, batchSize: 2)
    for _ in 0..<3 { _ = source.next() }
    let saved = try JSONEncoder().encode(source.position)
    let position = try JSONDecoder().decode(SourcePosition.self, from: saved)
    var restored = try PaddedSequences(sequences, labels: labels, batchSize: 2)
    #expect(restored.canResume(at: position))
    restored.position = position
    for _ in 0..<5 {
      let (a, b) = (source.next(), restored.next())
      #expect(a.input == b.input && a.target == b.target && a.lengths == b.lengths)
    }
    for other in [
      try PaddedSequences(sequences, labels: [0, 1, 3], batchSize: 2),
      try PaddedSequences([[1, 2], [3, 4], [5, 6]], labels: labels, batchSize: 2),
      try PaddedSequences(
        sequences, labels: labels, batching: .similarLengths(), batchSize: 2),
      try PaddedSequences(sequences, labels: labels, batchSize: 2, seed: 5),
    ] {
      #expect(!other.canResume(at: position))
    }
  }

  @Test("Labels and tags that do not fit stop the program")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = try PaddedSequences([[1]], labels: [0, 1], batchSize: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = try PaddedSequences([[1]], labels: [-1], batchSize: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = try PaddedSequences([[1, 2]], tags: [[0]], batchSize: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = try PaddedSequences([[-1]], labels: [0], batchSize: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = try PaddedSequences(
        [Tensor(shape: [1, 2]), Tensor(shape: [1, 3])], labels: [0, 0], batchSize: 1)
    }
  }
}
