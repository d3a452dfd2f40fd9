import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollModels
import UnrollTraining

@Suite("SequenceTagger")
struct SequenceTaggerTests {
  /// Names of two words behind a title, and places of one word that end in "ton".
  static func sentences(_ count: Int, seed: UInt64) -> [TaggedSentence] {
    let random = RandomSource(seed: seed)
    func pick(_ from: [String], _ i: Int) -> String {
      from[Int(random.bits(i) % UInt64(from.count))]
    }
    let stems = ["Mor", "Kel", "Ash", "Bel", "Dun", "El", "Far", "Gor", "Hal", "Ing"]
    return (0..<count).map { i in
      let (stem, other) = (pick(stems, 4 * i), pick(stems, 4 * i + 1))
      switch random.bits(4 * i + 2) % 3 {
      case 0:
        return TaggedSentence(
          words: ["Mr", stem, other, "went", "to", other + "ton"],
          tags: ["O", "B-PER", "I-PER", "O", "O", "B-LOC"])
      case 1:
        return TaggedSentence(words: [stem + "ton", "is", "far"], tags: ["B-LOC", "O", "O"])
      default:
        return TaggedSentence(
          words: ["Near", stem + "ton", "lives", "Ms", other, stem],
          tags: ["O", "B-LOC", "O", "O", "B-PER", "I-PER"])
      }
    }
  }

  static func small(
    _ cell: NamedCell = .gru, field: Bool = true
  ) -> SequenceTagger.Configuration {
    SequenceTagger.Configuration(
      cell: cell, wordSize: 12, characterSize: 8, columnSize: 3, hidden: 10, hasRandomField: field,
      dropout: 0.1, wordDropout: 0.2)
  }

  static func trained(
    field: Bool = true, labelScheme: TagScheme? = .bioes, steps: Int = 120
  ) throws -> SequenceTagger {
    let sentences = sentences(120, seed: 1)
    var tagger = try SequenceTagger(
      vocabulary: TaggerVocabulary(sentences, labelScheme: labelScheme),
      configuration: small(field: field), seed: 2)
    var trainer = Trainer(
      model: tagger.network, source: try tagger.batches(of: sentences, batchSize: 10),
      options: TrainingOptions(schedule: .constant(0.01)))
    try trainer.train(steps: steps)
    tagger.network = trainer.model
    return tagger
  }

  @Test("Learns names and places, of words that it has never seen too", arguments: [true, false])
  func learns(field: Bool) throws {
    let tagger = try Self.trained(field: field)
    let test = Self.sentences(60, seed: 9)
    let right = zip(tagger.tags(of: test), test).count { $0 == $1.tags }
    #expect(right > 55)
    let unseen = TaggedSentence(words: ["Mr", "Qua", "Zed", "went", "to", "Quaton"])
    #expect(tagger.tags(of: [unseen]) == [["O", "B-PER", "I-PER", "O", "O", "B-LOC"]])
  }

  @Test("A sentence is tagged the same alone and among others, and one without words has no tags")
  func batching() throws {
    let tagger = try Self.trained(steps: 20)
    let empty = TaggedSentence(words: [])
    let sentences = Self.sentences(90, seed: 3) + [empty, TaggedSentence(words: ["Ashton"])]
    let together = tagger.taggings(of: sentences, count: 3)
    for (sentence, taggings) in zip(sentences, together) {
      let alone = tagger.taggings(of: [sentence], count: 3, threads: 1)[0]
      #expect(alone.map(\.tags) == taggings.map(\.tags))
      for (a, b) in zip(alone, taggings) {
        #expect(abs(a.logProbability - b.logProbability) < 1e-4)
      }
    }
    #expect(together[90] == [SequenceTagger.Tagging(tags: [], logProbability: 0)])
    // One word is a place or nothing: names of people have two.
    #expect(Set(together[91].map(\.tags)) == [["B-LOC"], ["O"]])
    #expect(tagger.tags(of: []) == [])
  }

  @Test("Tags keep to their scheme, whatever the weights")
  func scheme() throws {
    for labelScheme in TagScheme.allCases {
      let sentences = Self.sentences(40, seed: 1)
      var tagger = try SequenceTagger(
        vocabulary: TaggerVocabulary(sentences, labelScheme: labelScheme),
        configuration: Self.small(), seed: 5)
      tagger.network.visitParameters { $1.value = noise($1.shape, seed: UInt64($1.count)) * 4 }
      for tagging in tagger.taggings(of: sentences, count: 4).joined() {
        for (before, after) in zip(
          [nil] + tagging.tags, tagging.tags.map(Optional.some) + [nil])
        {
          #expect(TagScheme.bio.allows(after, after: before))
        }
      }
    }
  }

  @Test("Is saved and loaded as one file")
  func file() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("t.safetensors")
    let tagger = try Self.trained(steps: 10)
    try tagger.save(to: path, metadata: ["note": "kept"])
    let loaded = try SequenceTagger(contentsOf: path)
    #expect(loaded.vocabulary == tagger.vocabulary)
    #expect(try ModelFile(contentsOf: path).metadata["note"] == "kept")
    let test = Self.sentences(30, seed: 4)
    #expect(loaded.taggings(of: test) == tagger.taggings(of: test))
    #expect(loaded.network.parameters.map(\.value) == tagger.network.parameters.map(\.value))
  }

  @Test("Data that are none, and a network that does not fit, are told")
  func mistakes() throws {
    let sentences = Self.sentences(10, seed: 1)
    #expect(throws: TaggerError.self) { try TaggerVocabulary([]) }
    #expect(throws: TaggerError.self) { try TaggerVocabulary([TaggedSentence(words: ["a"])]) }
    #expect(throws: TaggerError.self) {
      try TaggerVocabulary([TaggedSentence(words: ["a"], tags: [])])
    }
    #expect(throws: TaggerError.self) {
      try TaggerVocabulary(
        sentences + [TaggedSentence(words: ["a"], columns: [["X"]], tags: ["O"])])
    }
    let vocabulary = try TaggerVocabulary(sentences)
    let tagger = try SequenceTagger(vocabulary: vocabulary, configuration: Self.small())
    #expect(throws: TaggerError.self) { try tagger.batches(of: [], batchSize: 2) }
    // Of other sentences: another number of labels, of words, of columns.
    let others = try [
      TaggerVocabulary(sentences, labelScheme: .bioes),
      TaggerVocabulary(Self.sentences(200, seed: 7), minimumCount: 1),
      TaggerVocabulary(
        sentences.map {
          TaggedSentence(words: $0.words, columns: [$0.words], tags: $0.tags)
        }),
    ]
    for other in others {
      #expect(throws: TaggerError.self) {
        try SequenceTagger(vocabulary: other, network: tagger.network)
      }
    }
  }

  @Test("A file that does not hold together is refused")
  func hostile() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("t.safetensors")
    let tagger = try SequenceTagger(
      vocabulary: TaggerVocabulary(Self.sentences(30, seed: 1)), configuration: Self.small())
    let text = try ModelFile.text(of: tagger.vocabulary)
    for (part, other, says) in [
      ("\"scheme\":\"bio\"", "\"scheme\":\"iob\"", "iob"),
      ("\"B-LOC\"", "\"A-LOC\"", "scheme"), ("\"B-LOC\",", "", "3 labels"),
      ("\"names\":[", "\"names\":[\"\\u0001\",", "scheme"),
      ("\"labels\":", "\"label\":", "label"),
      ("\"labelScheme\":\"bio\"", "\"labelScheme\":\"bioes\"", "rules"),
    ] {
      #expect(text.contains(part), "\(part)")
      let changed =
        part == "\"names\":["
        ? text.replacingOccurrences(of: part, with: other) : text.replacing(part, with: other)
      try ModelFile.write(
        tagger.network, metadata: [SequenceTagger.vocabularyKey: changed], to: path)
      let error = #expect(throws: ModelFileError.self, "\(other)") {
        _ = try SequenceTagger(contentsOf: path)
      }
      #expect(error?.description.contains(says) ?? true, "\(other): \(error?.description ?? "")")
    }
    try ModelFile.write(tagger.network, to: path)
    let error = #expect(throws: ModelFileError.self) { _ = try SequenceTagger(contentsOf: path) }
    #expect(error?.description.contains("no tagger") == true)
  }
}
