import TestSupport
import Testing
import UnrollCore
import UnrollModels

@Suite("Batches of sentences")
struct SentenceBatchesTests {
  private let sentences = SequenceTaggerTests.sentences(23, seed: 5).map {
    TaggedSentence(words: $0.words, columns: [$0.words.map { String($0.count) }], tags: $0.tags)
  }

  private func tagger() throws -> SequenceTagger {
    try SequenceTagger(
      vocabulary: TaggerVocabulary(sentences, minimumCount: 1),
      configuration: SequenceTaggerTests.small())
  }

  @Test("Have each sentence once in a pass, padded, with the ids of its own words")
  func pass() throws {
    let tagger = try tagger()
    var source = try tagger.batches(of: sentences, batchSize: 4)
    #expect(source.batchesPerEpoch == 6)
    var seen: [String] = []
    for _ in 0..<6 {
      let batch = source.next()
      let lengths = try #require(batch.lengths)
      #expect(batch.input.batch == 4 && lengths.count == 4)
      #expect(batch.input.time == max(1, lengths.max() ?? 0))
      for b in 0..<4 {
        let words = (0..<lengths[b]).map { t in
          let id = batch.input.words.ids[t * 4 + b]
          let spelling = Int(batch.input.spellings.ids[t * 4 + b])
          let characters = (0..<batch.input.characterCounts[spelling]).map {
            tagger.vocabulary.characters.name(
              of: batch.input.characters.ids[$0 * batch.input.characters.batch + spelling] - 1)
          }.joined()
          #expect(tagger.vocabulary.words.name(of: id - 1) == characters.lowercased())
          let count = batch.input.features[1].ids[t * 4 + b]
          #expect(tagger.vocabulary.columns[0].name(of: count - 1) == "\(characters.count)")
          return characters
        }
        if !words.isEmpty { seen.append(words.joined(separator: " ")) }
        for t in lengths[b]..<batch.input.time {
          #expect(batch.target.ids[t * 4 + b] == Tokens.ignored)
        }
      }
    }
    #expect(seen.sorted() == sentences.map { $0.words.joined(separator: " ") }.sorted())
  }

  @Test("Go on from a position, and not from that of others")
  func positions() throws {
    let tagger = try tagger()
    var source = try tagger.batches(of: sentences, batchSize: 4)
    for _ in 0..<8 { _ = source.next() }
    let position = source.position
    let next = source.next()
    var other = try tagger.batches(of: sentences, batchSize: 4)
    #expect(other.canResume(at: position))
    other.position = position
    #expect(other.next().input == next.input)
    #expect(try !tagger.batches(of: sentences, batchSize: 4, seed: 2).canResume(at: position))
    #expect(
      try !tagger.batches(of: Array(sentences.dropLast()), batchSize: 4).canResume(at: position))
  }

  @Test("Words that occur once are unknown, and capitals and digits are features")
  func vocabulary() throws {
    let few = [
      TaggedSentence(
        words: ["The", "the", "1984", "2001", "Zyx"], tags: ["A", "A", "B", "B", "C"])
    ]
    let vocabulary = try TaggerVocabulary(few)
    #expect(vocabulary.words.names == ["0000", "the"])
    #expect(vocabulary.labels.names == ["A", "B", "C"] && vocabulary.scheme == nil)
    let tagger = try SequenceTagger(
      vocabulary: vocabulary, configuration: SequenceTaggerTests.small())
    var source = try tagger.batches(of: few, batchSize: 1, seed: nil)
    let input = source.next().input
    #expect(input.words.ids == [2, 2, 1, 1, 0])
    #expect(input.features[0].ids == [1, 0, 4, 4, 1])
  }

  @Test("Vectors of a file are the first weights of their words")
  func vectors() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("v.txt", "3 12\nthe \(row(1))\nThe \(row(2))\nnew\t\(row(3)) \r\n")
    let vectors = try WordVectors(contentsOf: path)
    #expect(vectors.words == ["the", "The", "new"] && vectors.dimension == 12)
    let few = [TaggedSentence(words: ["The", "the", "old", "old"], tags: ["A", "A", "B", "B"])]
    let vocabulary = try TaggerVocabulary(few, further: vectors.words)
    #expect(vocabulary.words.names == ["new", "old", "the"])
    let tagger = try SequenceTagger(
      vocabulary: vocabulary, configuration: SequenceTaggerTests.small(), vectors: vectors)
    let weight = try #require(tagger.network.parameters.first { $0.name == "0.words.weight" }).value
    // Of two spellings the first counts.
    #expect((0..<12).map { weight[3, $0] } == (0..<12).map { 1 + Float($0) / 8 })
    #expect((0..<12).map { weight[1, $0] } == (0..<12).map { 3 + Float($0) / 8 })
    #expect(throws: TaggerError.self) {
      var other = SequenceTaggerTests.small()
      other.wordSize = 11
      _ = try SequenceTagger(vocabulary: vocabulary, configuration: other, vectors: vectors)
    }
    for (text, line, says) in [
      ("a 1 2\nb 1\n", 2, "1 numbers"), ("a 1 x\n", 1, "\"x\""), ("a 1\nb nan\n", 2, "finite"),
      ("a\n", 1, "0 numbers"), ("\n", 1, "no vector"),
    ] {
      let wrong = try folder.write("w.txt", text)
      let error = #expect(throws: WordVectorsError.self) { try WordVectors(contentsOf: wrong) }
      #expect(error?.line == line && error?.reason.contains(says) == true, "\(text)")
    }
  }

  private func row(_ first: Float) -> String {
    (0..<12).map { "\(first + Float($0) / 8)" }.joined(separator: " ")
  }
}
