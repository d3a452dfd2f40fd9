import Testing
import UnrollCore
import UnrollModels
import UnrollText
import UnrollTraining

@Suite("A language model with weights of 8 bits")
struct Int8Tests {
  private static let text = String(
    repeating: "the quick brown fox jumps over the lazy dog\nand the dog barks at the fox\n",
    count: 30)

  /// A model that has learned most of the text.
  private static let model: LanguageModel? = {
    guard let vocabulary = try? Vocabulary(text), let ids = try? vocabulary.encode(text) else {
      return nil
    }
    var model = LanguageModel(
      vocabulary: vocabulary, configuration: .init(embedding: 10, hidden: 40, layers: 2))
    guard let source = try? TextStreams(ids, batchSize: 5, chunkLength: 20) else { return nil }
    var trainer = Trainer(model: model.network, source: source, options: TrainingOptions())
    for _ in 0..<150 { _ = try? trainer.trainStep() }
    model.network = trainer.model
    return model
  }()

  @Test("loses less than a hundredth of a nat")
  func evaluation() throws {
    let model = try #require(Self.model)
    let full = try model.evaluate(Self.text)
    let int8 = try model.evaluate(Self.text, weights: .int8)
    #expect(full.nats < 1.5)
    #expect(abs(int8.nats - full.nats) < 0.01 && int8.nats != full.nats)
    #expect(try model.evaluate(Self.text, weights: .int8, threads: 1) == int8)
    #expect(try model.evaluate(Self.text, weights: .int8, threads: 3) == int8)
    #expect(try model.evaluate(Self.text) == full)
  }

  @Test("writes with nearly the same probabilities, the same text for the same seed")
  func sampling() throws {
    let model = try #require(Self.model)
    var full = try model.generate(prompt: "the ")
    var int8 = try model.generate(prompt: "the ", weights: .int8)
    let pairs = zip(full.distribution, int8.distribution)
    #expect(pairs.allSatisfy { abs($0 - $1) < 0.15 } && pairs.contains { $0 != $1 })
    var again = try model.generate(prompt: "the ", weights: .int8)
    let texts = (0..<80).map { _ in (int8.next(), again.next(), full.next()) }
    #expect(texts.allSatisfy { $0.0 == $0.1 && $0.0 != nil })
  }

  @Test("Every cell, read step by step, is near what it is in full precision")
  func cells() throws {
    let vocabulary = try Vocabulary(Self.text)
    for cell in LanguageModel.Cell.standard {
      let model = LanguageModel(
        vocabulary: vocabulary,
        configuration: .init(
          cell: cell, embedding: 10, hidden: 16, layers: 2, isTied: true, hasLayerNorm: true))
      let full = try model.evaluate(Self.text)
      let int8 = try model.evaluate(Self.text, weights: .int8)
      // Of 16 units, and drawn at random, they average less than those that have learned.
      let difference = abs(full.nats - int8.nats)
      #expect(difference < 0.05 && difference > 0, "\(cell.name) \(difference)")
    }
  }
}
