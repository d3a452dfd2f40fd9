import Foundation
import Testing
import UnrollCore
import UnrollModels
import UnrollText

@Suite("Language model")
struct LanguageModelTests {
  private let text = "the quick brown fox\njumps over the lazy dog"

  private func model(dropout: Double = 0) throws -> LanguageModel {
    LanguageModel(
      vocabulary: try Vocabulary(text),
      configuration: .init(embedding: 6, hidden: 9, layers: 2, dropout: dropout), seed: 3)
  }

  private func temporary() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
  }

  @Test("Saved and loaded it is the same, and saved again the same bytes")
  func roundTrip() throws {
    let (first, second) = (temporary(), temporary())
    defer { for path in [first, second] { try? FileManager.default.removeItem(atPath: path) } }
    let model = try model(dropout: 0.3)
    try model.save(to: first)
    let loaded = try LanguageModel(contentsOf: first)
    #expect(loaded.vocabulary == model.vocabulary)
    #expect(loaded.network.parameters.map(\.name) == model.network.parameters.map(\.name))
    #expect(loaded.network.parameters.map(\.value) == model.network.parameters.map(\.value))
    try loaded.save(to: second)
    #expect(
      FileManager.default.contents(atPath: first) == FileManager.default.contents(atPath: second))
  }

  @Test("Weights have PyTorch's names and shapes")
  func names() throws {
    let shapes = try model().network.parameters.map { "\($0.name) \($0.value.shape)" }
    let v = try model().vocabulary.count
    #expect(
      shapes == [
        "0.weight [\(v), 6]", "1.weight_ih [36, 6]", "1.bias [36]", "1.weight_hh [36, 9]",
        "2.weight_ih [36, 9]", "2.bias [36]", "2.weight_hh [36, 9]", "3.weight [\(v), 9]",
        "3.bias [\(v)]",
      ])
  }

  @Test("A configuration knows its number of parameters", arguments: [1, 2, 3])
  func parameterCount(layers: Int) throws {
    let configuration = LanguageModel.Configuration(
      embedding: 6, hidden: 9, layers: layers, dropout: 0.1)
    let model = LanguageModel(
      vocabulary: try Vocabulary(text), configuration: configuration)
    #expect(
      model.network.parameterCount
        == configuration.parameterCount(vocabulary: model.vocabulary.count))
  }

  @Test("A text is evaluated as its bytes too; what is not known can be left out")
  func evaluationOfBytes() throws {
    let model = try model()
    let plain = try model.evaluate("the fox jumps")
    #expect(try model.evaluate(Array("the fox jumps".utf8)) == plain)
    let error = #expect(throws: VocabularyError.self) { try model.evaluate("the fox, jumps") }
    #expect(error == .unknownCharacter(",", offset: 7, line: 1, column: 8))
    var skipping = try model.evaluate("¡the fox, jumps", unknowns: .skipped)
    #expect(skipping.skipped == 2 && skipping.tokens == 12)
    skipping.skipped = 0
    #expect(skipping == plain)
    #expect(throws: LanguageModel.TextTooShort.self) {
      try model.evaluate("ÄÖÜ", unknowns: .skipped)
    }
  }

  @Test("Of many nats the perplexity is infinite")
  func overflow() {
    #expect(LanguageModel.Evaluation(tokens: 9, nats: 709).perplexity.isFinite)
    #expect(LanguageModel.Evaluation(tokens: 9, nats: 10_000).perplexity == .infinity)
  }

  @Test("A character at a time it predicts what it predicts of the text at once")
  func streaming() throws {
    let model = try model()
    let ids = try model.vocabulary.encode(text)
    let whole = model.network(Tokens(time: ids.count, batch: 1, ids: ids))
    for end in [1, 5, ids.count] {
      let prompt = model.vocabulary.decode(Array(ids[..<end]))
      let generator = try model.generate(prompt: prompt)
      #expect(generator.distribution == whole.step(end - 1).scalars)
    }
    var (state, cache) = (model.network.makeState(batch: 1), model.network.makeCache())
    for (t, id) in ids.enumerated() {
      let one = model.network.forward(
        Tokens(time: 1, batch: 1, ids: [id]), state: &state, cache: &cache,
        in: Context(.inference))
      #expect(one.scalars == whole.step(t).scalars)
    }
  }

  @Test("A seed decides what is written; a copy of a generator goes on from the same place")
  func seeds() throws {
    let model = try model()
    func write(_ seed: UInt64) throws -> String {
      try model.generate(seed: seed).prefix(40).joined()
    }
    #expect(try write(1) == write(1))
    #expect(try write(1) != write(2))
    var generator = try model.generate(prompt: "the ", seed: 5)
    for _ in 0..<7 { _ = generator.next() }
    let copy = generator
    #expect(generator.prefix(20).joined() == copy.prefix(20).joined())
  }

  @Test("The evaluation is the mean over all characters but the first")
  func evaluation() throws {
    let model = try model()
    let ids = try model.vocabulary.encode(text)
    let y = model.network(Tokens(time: ids.count, batch: 1, ids: ids))
    let sum = (1..<ids.count).reduce(0.0) { $0 - Double(y[$1 - 1, 0, Int(ids[$1])]) }
    let result = try model.evaluate(text)
    #expect(result.tokens == ids.count - 1)
    #expect(abs(result.nats - sum / Double(ids.count - 1)) < 1e-6)
    #expect(abs(result.bits - result.nats / 0.6931471805599453) < 1e-12)
    #expect(throws: LanguageModel.TextTooShort.self) { try model.evaluate("t") }
    #expect(throws: VocabularyError.self) { try model.evaluate("the Z") }
  }

  @Test("A model whose vector of outputs is not its vocabulary does not load")
  func otherVocabulary() throws {
    let path = temporary()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let other = LanguageModel(
      vocabulary: try Vocabulary("abc"), network: try model().network)
    try other.save(to: path)
    let error = #expect(throws: ModelFileError.self) {
      try LanguageModel(contentsOf: path)
    }
    #expect(error?.description.contains("outputs for a vocabulary of 3") == true)
  }
}
