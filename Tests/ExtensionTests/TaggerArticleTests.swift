// The program of the article Tag Words.
import Foundation
import Testing
import Unroll
import UnrollModels

@Suite("The article about tags")
struct TaggerArticleTests {
  private let data = catalogue.appendingPathComponent("../../../Samples/Tag/Data")

  @Test("Names are learned, and found in sentences that were never seen")
  func names() throws {
    let trainPath = data.appendingPathComponent("journeys-train.conll").path
    let testPath = data.appendingPathComponent("journeys-test.conll").path
    let modelPath = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: modelPath) }

    func sentences(_ path: String) throws -> [TaggedSentence] {
      let table = try TokenTable(conll: path)
      let (words, parts, tags) = try (table.column("1"), table.column("2"), table.column("3"))
      return words.indices.map {
        TaggedSentence(words: words[$0], columns: [parts[$0]], tags: tags[$0])
      }
    }
    let all = try sentences(trainPath)
    let (training, kept) = (Array(all.dropLast(40)), Array(all.suffix(40)))

    let vocabulary = try TaggerVocabulary(training, labelScheme: .bioes)
    var tagger = try SequenceTagger(
      vocabulary: vocabulary,
      configuration: SequenceTagger.Configuration(
        cell: .gru, wordSize: 24, characterSize: 16, hidden: 32, dropout: 0.2, wordDropout: 0.2))
    var trainer = Trainer(
      model: tagger.network, source: try tagger.batches(of: training, batchSize: 12),
      options: TrainingOptions(schedule: .warmUpAndDecay(peak: 0.01, warmUp: 20, steps: 300)))
    try trainer.train(
      untilStep: 300, validation: try tagger.batches(of: kept, batchSize: 40, seed: nil),
      validationInterval: 60, observers: [ProgressLine(unit: "words")])
    tagger.network = trainer.bestModel

    let test = try sentences(testPath)
    var report = TagReport()
    for (sentence, tags) in zip(test, tagger.tags(of: test)) {
      report.add(expected: sentence.tags ?? [], predicted: tags)
    }
    print("accuracy \(report.accuracy), F1 \(report.allSpans.f1)")
    #expect(report.accuracy > 0.97 && report.allSpans.f1 > 0.93)

    try tagger.save(to: modelPath)
    let loaded = try SequenceTagger(contentsOf: modelPath)
    let sentence = TaggedSentence(
      words: ["Captain", "Quora", "sailed", "to", "Lower", "Velmouth", "."],
      columns: [["NNP", "NNP", "VBD", "TO", "NNP", "NNP", "."]])
    for tagging in loaded.taggings(of: [sentence], count: 3)[0] {
      print(tagging.logProbability, tagging.tags.joined(separator: " "))
    }
    #expect(loaded.tags(of: test) == tagger.tags(of: test))
    #expect(
      loaded.tags(of: [sentence]) == [["O", "B-PER", "O", "O", "B-LOC", "I-LOC", "O"]])
  }
}
