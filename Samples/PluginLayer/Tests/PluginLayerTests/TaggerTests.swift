import Foundation
import PluginLayer
import Testing
import Unroll
import UnrollModels

@Suite("A tagger with an outside cell")
struct TaggerTests {
  @Test("is trained, saved and loaded, and gives the same")
  func tagger() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("plugin-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let sentences = ["a1 b2 c", "b1 a2 d c", "d c", "c a1 b2"].map { text in
      let words = text.split(separator: " ").map(String.init)
      return TaggedSentence(words: words, tags: words.map { $0.count == 2 ? "B-N" : "O" })
    }
    let cell = NamedCell("gilr") { GILRCell<Float>(inputSize: $0, hiddenSize: $1) }
    var tagger = try SequenceTagger(
      vocabulary: TaggerVocabulary(sentences),
      configuration: SequenceTagger.Configuration(
        cell: cell, wordSize: 6, characterSize: 5, hidden: 7, dropout: 0))
    var trainer = Trainer(
      model: tagger.network, source: try tagger.batches(of: sentences, batchSize: 2),
      options: TrainingOptions(schedule: .constant(0.03)))
    try trainer.train(steps: 60)
    tagger.network = trainer.model
    #expect(tagger.tags(of: sentences) == sentences.map(\.tags))
    try tagger.save(to: path)
    var registry = LayerRegistry<Float>.standard
    #expect(throws: ModelFileError.self) {
      try SequenceTagger(contentsOf: path, registry: registry)
    }
    cell.register(in: &registry)
    let loaded = try SequenceTagger(contentsOf: path, registry: registry)
    #expect(loaded.taggings(of: sentences, count: 2) == tagger.taggings(of: sentences, count: 2))
  }
}
