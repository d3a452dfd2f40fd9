import Testing
import UnrollCore
import UnrollFiles
import UnrollText

@Suite("TextSplit")
struct TextSplitTests {
  /// The targets of one pass, sorted.
  func targets(_ source: TextStreams) -> [Int32] {
    var source = source
    return (0..<source.batchesPerEpoch).flatMap { _ in source.next().target.ids }.sorted()
  }

  func inputs(_ source: TextStreams) -> [Int32] {
    var source = source
    return (0..<source.batchesPerEpoch).flatMap { _ in source.next().input.ids }.sorted()
  }

  @Test("Without a fraction there is no validation", arguments: TextSplit.allCases)
  func noValidation(split: TextSplit) throws {
    let (training, validation) = try split.split(
      Array(0..<30), fraction: 0, batchSize: 3, chunkLength: 4)
    #expect(validation == nil)
    #expect(targets(training) == Array(1...24))
  }

  @Test("Split at the end, training sees nothing of the last part of the text")
  func endIsDisjoint() throws {
    let (training, validation) = try TextSplit.end.split(
      Array(0..<100), fraction: 0.2, batchSize: 3, chunkLength: 4, validationChunkLength: 5)
    #expect(targets(training) == Array(1...72))
    #expect(inputs(training) == Array(0...71))
    #expect(inputs(try #require(validation)) == Array(80...98))
    #expect(targets(try #require(validation)) == Array(81...99))
  }

  @Test("Split at the end, training uses all chunks that fit before the last part")
  func endIsExhaustive() throws {
    let (training, _) = try TextSplit.end.split(
      Array(0..<92), fraction: 0.2, batchSize: 2, chunkLength: 4)
    #expect(targets(training) == Array(1...72))
  }

  @Test("Validation at the end is one stream whose last chunk may be shorter")
  func lastChunk() throws {
    let (_, split) = try TextSplit.end.split(
      Array(0..<100), fraction: 0.2, batchSize: 3, chunkLength: 4, validationChunkLength: 8)
    var validation = try #require(split)
    #expect(validation.batchesPerEpoch == 3)
    #expect(validation.batchSize == 1)
    let batches = (0..<4).map { _ in validation.next() }
    #expect(batches.map(\.input.time) == [8, 8, 3, 8])
    #expect(batches.map(\.target.time) == [8, 8, 3, 8])
    #expect(batches.map(\.streams) == [.fresh, .continued, .continued, .fresh])
    #expect(batches.flatMap(\.target.ids) == Array(81...99) + Array(81...88))
    #expect(validation.position.epoch == 1 && validation.position.batch == 1)
  }

  @Test("Validation chunks have 512 steps unless told otherwise")
  func defaultChunk() throws {
    let (_, split) = try TextSplit.end.split(
      Array(0..<2000), fraction: 0.5, batchSize: 2, chunkLength: 4)
    var validation = try #require(split)
    #expect([validation.next().input.time, validation.next().input.time] == [512, 487])
  }

  @Test("Split by streams, validation has the last chunks of every stream")
  func streams() throws {
    // B 3, T 4: ten chunks in each stream, of 40 characters.
    let ids = Array(0..<125 as Range<Int32>)
    let (training, split) = try TextSplit.streams.split(
      ids, fraction: 0.3, batchSize: 3, chunkLength: 4)
    var validation = try #require(split)
    #expect(training.batchesPerEpoch == 7)
    #expect(validation.batchesPerEpoch == 3)
    let first = validation.next()
    #expect(first.streams == .fresh)
    #expect(first.input.time == 4)
    #expect(Array(first.input.ids.prefix(3)) == [28, 68, 108])
    #expect(first.target.ids == first.input.ids.map { $0 + 1 })
    #expect(validation.next().streams == .continued)
  }

  @Test("Split by streams, every target is in one of the parts and in one only")
  func streamsAreExhaustive() throws {
    let ids = Array(0..<125 as Range<Int32>)
    for fraction in [0.01, 0.3, 0.5, 0.99] {
      let (training, validation) = try TextSplit.streams.split(
        ids, fraction: fraction, batchSize: 3, chunkLength: 4)
      let both = targets(training) + targets(try #require(validation))
      #expect(both.sorted() == Array(1...120), "\(fraction)")
    }
  }

  @Test("Split by streams, each part has at least one chunk")
  func streamsHaveChunks() throws {
    let ids = [Int32](repeating: 0, count: 125)
    for (fraction, chunks) in [(0.01, 1), (0.99, 9)] {
      let (training, validation) = try TextSplit.streams.split(
        ids, fraction: fraction, batchSize: 3, chunkLength: 4)
      #expect(validation?.batchesPerEpoch == chunks)
      #expect(training.batchesPerEpoch == 10 - chunks)
    }
  }

  @Test("Validation needs two characters")
  func validationTooShort() throws {
    let error = #expect(throws: TextStreamsError.self) {
      try TextSplit.end.split(Array(0..<100), fraction: 0.01, batchSize: 3, chunkLength: 4)
    }
    #expect(
      error?.description
        == "the text for validation has 1 characters, and at least 2 are needed; "
        + "use more text, or validate on a larger part of it")
    let (_, validation) = try TextSplit.end.split(
      Array(0..<100), fraction: 0.02, batchSize: 3, chunkLength: 4)
    #expect(targets(try #require(validation)) == [99])
  }

  @Test("A limit leaves the first targets of the validation part, and training as it was")
  func limit() throws {
    let ids = Array(0..<125 as Range<Int32>)
    for limit in [1, 9, 24, 25, 1000] {
      let (training, validation) = try TextSplit.end.split(
        ids, fraction: 0.2, batchSize: 3, chunkLength: 4, validationChunkLength: 7,
        validationLimit: limit)
      // 25 ids, of which 24 are targets.
      #expect(targets(try #require(validation)) == Array((101..<125).prefix(limit)))
      let (whole, _) = try TextSplit.end.split(
        ids, fraction: 0.2, batchSize: 3, chunkLength: 4)
      #expect(training.position == whole.position)
    }
  }

  @Test("A limit leaves the first chunks of each stream's part, and one at least")
  func streamsLimit() throws {
    // Ten chunks of each stream, five of them held: 60 targets.
    let ids = Array(0..<125 as Range<Int32>)
    for (limit, chunks) in [(1, 1), (12, 1), (35, 2), (36, 3), (60, 5), (99, 5)] {
      let (training, validation) = try TextSplit.streams.split(
        ids, fraction: 0.5, batchSize: 3, chunkLength: 4, validationLimit: limit)
      #expect(validation?.batchesPerEpoch == chunks && training.batchesPerEpoch == 5)
      var source = try #require(validation)
      #expect(source.next().input.ids.prefix(3) == [20, 60, 100])
    }
  }

  @Test("What is left for training must be long enough", arguments: TextSplit.allCases)
  func trainingTooShort(split: TextSplit) {
    let error = #expect(throws: TextStreamsError.self) {
      try split.split(Array(0..<24), fraction: 0.5, batchSize: 3, chunkLength: 4)
    }
    #expect(error?.part == .training)
    #expect(error?.characters == (split == .end ? 12 : 24))
    #expect(error?.needed == (split == .end ? 13 : 25))
  }

  @Test("A fraction that is none traps", arguments: [1, -0.1])
  func wrongFraction(fraction: Double) async {
    await #expect(processExitsWith: .failure) { [fraction] in
      _ = try TextSplit.end.split(
        Array(0..<100), fraction: fraction, batchSize: 1, chunkLength: 1)
    }
  }
}
