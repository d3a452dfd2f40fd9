import Testing
import UnrollCore
import UnrollFiles
import UnrollText

@Suite("SplitText")
struct SplitTextTests {
  /// The targets of a pass.
  private func targets(_ source: TextStreams) -> Set<Int32> {
    var source = source
    return Set((0..<source.batchesPerEpoch).flatMap { _ in source.next().target.ids })
  }

  /// 190 words of five kinds, then 10 of a sixth.
  private let words =
    (0..<190).map { "kind\($0 % 5)" }.joined(separator: " ")
    + String(repeating: " late", count: 10)

  @Test("A word of the validation part alone is <unk>, however often it is there")
  func end() throws {
    let parts = try TextSplit.end.split(
      words, into: .words(maximumSize: 50, minimumCount: 2), fraction: 0.05, batchSize: 3,
      chunkLength: 4)
    #expect(parts.vocabulary.words == ["kind0", "kind1", "kind2", "kind3", "kind4"])
    #expect(parts.tokens.count == 200 && parts.tokens.count(of: 0) == 10)
    #expect(targets(try #require(parts.validation)) == [0])
    #expect(!targets(parts.training).contains(0))
    #expect(parts.heldTargets == 9 && parts.untrained.isEmpty)
    // Of all of the text it is known: that was the leak.
    #expect(try Vocabulary(words: words, maximumSize: 50, minimumCount: 2).words.contains("late"))
  }

  @Test("Without a validation part all words count")
  func whole() throws {
    let parts = try TextSplit.end.split(
      words, into: .words(), fraction: 0, batchSize: 3, chunkLength: 4)
    #expect(parts.vocabulary.words.contains("late") && parts.validation == nil)
  }

  @Test("Split by streams, only what the streams train on counts")
  func streams() throws {
    // B 3, T 4, 61 words: five chunks of each stream, of which validation has the last two.
    let list = (0..<61).map { i in i % 20 > 12 && i < 60 ? "held\(i % 3)" : "seen\(i % 2)" }
    let parts = try TextSplit.streams.split(
      list.joined(separator: "\t"), into: .words(maximumSize: 50, minimumCount: 1),
      fraction: 0.4, batchSize: 3, chunkLength: 4)
    #expect(parts.vocabulary.words == ["seen0", "seen1"])
    #expect(targets(parts.training) == [1, 2])
    // The last target of a stream is the first word of the next one.
    #expect(targets(try #require(parts.validation)) == [0, 1])
    #expect(parts.heldTargets == 24)
  }

  @Test("The minimum count and the maximum size hold in the training part")
  func rules() throws {
    // "b" is there twice, once of it in the validation part; "c" twice in training.
    let text = "a a a c b c d d " + "a a a a a a a b"
    let parts = try TextSplit.end.split(
      text, into: .words(maximumSize: 9, minimumCount: 2), fraction: 0.5, batchSize: 1,
      chunkLength: 3)
    #expect(parts.vocabulary.words == ["a", "c", "d"])
    let short = try TextSplit.end.split(
      text, into: .words(maximumSize: 3, minimumCount: 2), fraction: 0.5, batchSize: 1,
      chunkLength: 3)
    #expect(short.vocabulary.words == ["a", "c"])
    let letters = try TextSplit.end.split(
      text, into: .frequentCharacters(minimumCount: 2), fraction: 0.5, batchSize: 1,
      chunkLength: 3)
    #expect(letters.vocabulary.decode([0, 1, 2, 3, 4]) == "\u{FFFD} acd")
    #expect(throws: VocabularyError.noEntries) {
      try TextSplit.end.split(
        text, into: .words(maximumSize: 9, minimumCount: 4), fraction: 0.5, batchSize: 1,
        chunkLength: 3)
    }
  }

  @Test("Without <unk> characters of the validation part have ids, and are told of")
  func characters() throws {
    let text = String(repeating: "abba", count: 20) + "aéz!"
    let parts = try TextSplit.end.split(
      text, into: .characters, fraction: 0.05, batchSize: 2, chunkLength: 5)
    #expect(parts.vocabulary == (try Vocabulary(text)))
    #expect(Array(parts.tokens) == (try parts.vocabulary.encode(text)))
    #expect(parts.vocabulary.decode(parts.untrained) == "!zé")
    let usual = try TextSplit.end.split(
      String(text.dropLast(4)), into: .characters, fraction: 0.05, batchSize: 2, chunkLength: 5)
    #expect(usual.untrained.isEmpty)
  }

  @Test("The sources are those of the ids, also where a position is asked for")
  func sources() throws {
    let text = String(repeating: "so it goes, é and so on. ", count: 40)
    for split in TextSplit.allCases {
      let parts = try split.split(
        text, into: .characters, fraction: 0.2, batchSize: 4, chunkLength: 7)
      let (training, validation) = try split.split(
        try Vocabulary(text).encode(text), fraction: 0.2, batchSize: 4, chunkLength: 7)
      #expect(parts.training.position == training.position)
      #expect(parts.validation?.position == validation?.position)
      #expect(targets(parts.training) == targets(training))
    }
  }

  @Test("Bytes are split as they are, with all 256 in the vocabulary")
  func bytes() throws {
    let bytes = (0..<300).map { UInt8($0 % 7 * 40) }
    let parts = try TextSplit.end.split(
      bytes, into: .bytes, fraction: 0.1, batchSize: 2, chunkLength: 5)
    #expect(parts.vocabulary == .allBytes)
    #expect(Array(parts.tokens) == bytes.map { Int32($0) })
    #expect(throws: VocabularyError.notUTF8(offset: 4, line: 1)) {
      try TextSplit.end.split(
        bytes, into: .characters, fraction: 0.1, batchSize: 2, chunkLength: 5)
    }
  }

  @Test("A vocabulary that there is is taken as it is")
  func existing() throws {
    let vocabulary = try Vocabulary("0123456789")
    let parts = try TextSplit.end.split(
      "31415926535897932384", into: .existing(vocabulary), fraction: 0, batchSize: 1,
      chunkLength: 6)
    #expect(parts.vocabulary == vocabulary && parts.tokens[0] == 3)
    #expect(throws: VocabularyError.unknownCharacter(",", offset: 1, line: 1, column: 2)) {
      try TextSplit.end.split(
        "3,1415926", into: .existing(vocabulary), fraction: 0, batchSize: 1, chunkLength: 6)
    }
  }

  @Test("A text that is too short is an error that says so, whatever its words")
  func tooShort() {
    let error = #expect(throws: TextStreamsError.self) {
      try TextSplit.end.split(
        "a b c d", into: .words(), fraction: 0.25, batchSize: 2, chunkLength: 2)
    }
    #expect(error?.characters == 3 && error?.needed == 5)
  }
}
