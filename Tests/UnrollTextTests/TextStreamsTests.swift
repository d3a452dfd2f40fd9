import Foundation
import Testing
import UnrollCore
import UnrollText

@Suite("TextStreams")
struct TextStreamsTests {
  /// B 3, T 4: two chunks of each stream, and 5 ids left over.
  let ids = Array(100..<130 as Range<Int32>)

  @Test("Streams are contiguous parts of the text, chunk after chunk")
  func contiguous() throws {
    var source = try TextStreams(ids, batchSize: 3, chunkLength: 4)
    #expect(source.batchSize == 3)
    #expect(source.batchesPerEpoch == 2)
    let first = source.next()
    #expect(
      first.input
        == Tokens(
          time: 4, batch: 3,
          ids: [100, 108, 116, 101, 109, 117, 102, 110, 118, 103, 111, 119]))
    let second = source.next()
    #expect(
      second.input
        == Tokens(
          time: 4, batch: 3,
          ids: [104, 112, 120, 105, 113, 121, 106, 114, 122, 107, 115, 123]))
  }

  @Test("Every target is the character after its input")
  func targets() throws {
    var source = try TextStreams(ids, batchSize: 3, chunkLength: 4)
    for _ in 0..<source.batchesPerEpoch {
      let batch = source.next()
      #expect(batch.target.time == 4)
      #expect(batch.target.batch == 3)
      #expect(batch.target.ids == batch.input.ids.map { $0 + 1 })
      #expect(batch.lengths == nil)
    }
  }

  @Test("The first batch of a pass is fresh, and the others continue it")
  func continuation() throws {
    var source = try TextStreams(ids, batchSize: 3, chunkLength: 2)
    #expect(source.batchesPerEpoch == 4)
    let streams = (0..<6).map { _ in source.next().streams }
    #expect(streams == [.fresh, .continued, .continued, .continued, .fresh, .continued])
  }

  @Test("A new pass begins where the one before began")
  func passes() throws {
    var source = try TextStreams(ids, batchSize: 3, chunkLength: 4)
    let first = source.next().input
    #expect(source.position.epoch == 0 && source.position.batch == 1)
    _ = source.next()
    #expect(source.position.epoch == 1 && source.position.batch == 0)
    #expect(source.next().input == first)
  }

  @Test("A saved position brings back the batches that followed it")
  func position() throws {
    var source = try TextStreams(ids, batchSize: 2, chunkLength: 3)
    for _ in 0..<6 { _ = source.next() }
    #expect(source.position.epoch == 1 && source.position.batch == 2)
    let data = try JSONEncoder().encode(source.position)
    let following = (0..<3).map { _ in source.next() }

    var restored = try TextStreams(ids, batchSize: 2, chunkLength: 3)
    restored.position = try JSONDecoder().decode(SourcePosition.self, from: data)
    for batch in following {
      let again = restored.next()
      #expect(again.input == batch.input)
      #expect(again.target == batch.target)
      #expect(again.streams == batch.streams)
    }
    #expect(restored.position == source.position)
  }

  @Test("A position that the source does not have is told, and traps when it is set")
  func foreignPosition() async throws {
    let source = try TextStreams(Array(0..<30), batchSize: 3, chunkLength: 4)
    func position(_ epoch: Int, _ batch: Int, of source: TextStreams) throws -> SourcePosition {
      let name = source.position.source
      let json = #"{"epoch":\#(epoch),"batch":\#(batch),"source":"\#(name)"}"#
      return try JSONDecoder().decode(SourcePosition.self, from: Data(json.utf8))
    }
    #expect(source.batchesPerEpoch == 2)
    #expect(source.canResume(at: try position(7, 1, of: source)))
    for (epoch, batch) in [(0, 2), (0, -1), (-1, 0), (Int.max, 0)] {
      #expect(!source.canResume(at: try position(epoch, batch, of: source)))
    }
    let others = [
      try TextStreams(Array(0..<29), batchSize: 3, chunkLength: 4),
      try TextStreams(Array((0..<29) + [3]), batchSize: 3, chunkLength: 4),
      try TextStreams(Array(0..<30), batchSize: 4, chunkLength: 3),
    ]
    for other in others { #expect(!source.canResume(at: other.position)) }
    await #expect(processExitsWith: .failure) {
      var source = try TextStreams(Array(0..<30), batchSize: 3, chunkLength: 4)
      source.position = try TextStreams(Array(1..<31), batchSize: 3, chunkLength: 4).position
    }
  }

  @Test("Positions are those that earlier versions saved")
  func fingerprint() throws {
    // Computed from the definition, outside of Swift.
    let ids = Array(0..<30 as Range<Int32>)
    #expect(
      try TextStreams(ids, batchSize: 3, chunkLength: 4).position.source == "2a792d4715b3817e")
    let (training, validation) = try TextSplit.end.split(
      ids, fraction: 0.2, batchSize: 3, chunkLength: 4)
    #expect(training.position.source == "86c59e124f3d4847")
    #expect(validation?.position.source == "cc092dabd81c7432")
    // However the ids are stored.
    let digits = String(String.UnicodeScalarView((0..<30).compactMap { Unicode.Scalar($0) }))
    let narrow = try Vocabulary(digits).tokens(of: digits)
    #expect(
      try TextStreams(narrow, batchSize: 3, chunkLength: 4).position.source == "2a792d4715b3817e")
  }

  /// A source that says nothing about its positions.
  private struct Numbers: BatchSource {
    var position = 0
    let batchesPerEpoch = 1
    let batchSize = 1
    mutating func next() -> Batch<Tokens, Tokens> {
      let tokens = Tokens(time: 1, batch: 1, ids: [Int32(position)])
      position += 1
      return Batch(input: tokens, target: tokens)
    }
  }

  @Test("Any source can be asked whether it has a position; where it does not say, it has")
  func asked() throws {
    func has<Source: BatchSource>(_ source: Source, _ position: Source.Position) -> Bool {
      source.canResume(at: position)
    }
    let streams = try TextStreams(ids, batchSize: 3, chunkLength: 4)
    let others = try TextStreams(ids, batchSize: 3, chunkLength: 2)
    #expect(has(streams, streams.position) && !has(streams, others.position))
    #expect(has(Numbers(), 7))
  }

  @Test("Fewer characters than one batch are left over", arguments: 13...40)
  func leftOver(count: Int) throws {
    let source = try TextStreams(
      Array(repeating: 0, count: count), batchSize: 3, chunkLength: 4)
    let targets = source.batchSize * source.streamLength
    #expect(targets == source.batchesPerEpoch * 12)
    #expect(targets <= count - 1)
    #expect(count - 1 - targets < 12)
  }

  @Test("A text of one batch and one character is just long enough")
  func shortest() throws {
    var source = try TextStreams(Array(0..<13), batchSize: 3, chunkLength: 4)
    #expect(source.batchesPerEpoch == 1)
    #expect(source.next().target.ids.max() == 12)
    #expect(source.next().streams == .fresh)
  }

  @Test("A shorter text is an error that says how many are needed", arguments: [0, 1, 12])
  func tooShort(count: Int) throws {
    let error = #expect(throws: TextStreamsError.self) {
      try TextStreams(Array(repeating: 0, count: count), batchSize: 3, chunkLength: 4)
    }
    #expect(
      error?.description
        == "the text for training has \(count) characters, and at least 13 are needed; "
        + "use more text, fewer streams or shorter chunks")
  }
}
