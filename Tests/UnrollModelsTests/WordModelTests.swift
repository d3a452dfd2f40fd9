import Foundation
import Testing
import UnrollCore
import UnrollFiles
import UnrollModels
import UnrollText

@Suite("Language model of words")
struct WordModelTests {
  private let text = """
    "Go," she said (twice): "go!"
    He didn't -- not then. He said so.

    """

  private func model(maximumSize: Int = 100) throws -> LanguageModel {
    LanguageModel(
      vocabulary: try Vocabulary(words: text, maximumSize: maximumSize),
      configuration: .init(embedding: 6, hidden: 9, layers: 1), seed: 3)
  }

  @Test("Saved and loaded it has the same words and weights")
  func roundTrip() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try model()
    try model.save(to: path)
    let loaded = try LanguageModel(contentsOf: path)
    #expect(loaded.vocabulary == model.vocabulary && loaded.vocabulary.unit == .word)
    #expect(loaded.network.parameters.map(\.value) == model.network.parameters.map(\.value))
  }

  @Test("What is written goes on from the prompt with the space that belongs there, without <unk>")
  func prompt() throws {
    let model = try model(maximumSize: 12)
    let prompt = "\"Go,\" he zipped (not"
    for seed in 0..<20 as Range<UInt64> {
      let written = try model.generate(prompt: prompt, seed: seed).prefix(15).joined()
      #expect(!written.contains(Vocabulary.unknownText))
      let whole = WordTokenizer.tokens(of: prompt + written)
      #expect(whole.count == 8 + 15)
      // A word has a space before it after "not", punctuation has none.
      let first = try #require(WordTokenizer.tokens(of: written).first)
      #expect(written.hasPrefix(first) == ["\n", ".", ",", ":", "!", ")"].contains(first))
    }
  }

  @Test("A text of its own begins without a space")
  func beginning() throws {
    for seed in 0..<10 as Range<UInt64> {
      var generator = try model().generate(seed: seed)
      #expect(generator.next()?.hasPrefix(" ") == false)
    }
  }

  @Test("With nothing but <unk> left, that is what is written")
  func nothingElse() {
    #expect(Sampling().choose(from: [0], uniform: 0.5, excluding: 0) == 0)
  }

  @Test("The evaluation counts words and those that are not known; progress goes to the end")
  func evaluation() throws {
    let model = try model()
    var parts: [Double] = []
    let result = try model.evaluate("He said zip. Zip!") { parts.append($0) }
    #expect(result.tokens == 5 && result.unknown == 2)
    #expect(parts == [1])
    let error = #expect(throws: LanguageModel.TextTooShort.self) { try model.evaluate("said ") }
    #expect(error?.description == "a text needs two words, one to predict the other from")
    var long: [Double] = []
    _ = try model.evaluate(String(repeating: "so ", count: 1200)) { long.append($0) }
    #expect(long.count == 3 && long == long.sorted() && long.last == 1)
  }
}

@Suite("BigramModel")
struct BigramModelTests {
  /// 0 1 0 2 0 1, 3 never: pairs 01 10 02 20 01.
  private func model() throws -> BigramModel {
    BigramModel(
      counting: try TextStreams([0, 1, 0, 2, 0, 1], batchSize: 1, chunkLength: 5),
      vocabularySize: 4)
  }

  @Test("Probabilities are those of the formulas")
  func formulas() throws {
    let model = try model()
    // N 5 targets, V 4: 0 and 1 came twice, 2 once.
    let single = (0..<4).map { model.probability(of: $0) }
    #expect(single == [3.0 / 9.0, 3.0 / 9.0, 2.0 / 9.0, 1.0 / 9.0])
    func expect(_ p: Double, _ numerator: Double, _ denominator: Double) {
      #expect(abs(p - numerator / denominator) < 1e-15)
    }
    // After 0 came 1 twice and 2 once: two different ones.
    expect(model.probability(of: 1, after: 0), 2 + 2 * single[1], 5)
    expect(model.probability(of: 3, after: 0), 2 * single[3], 5)
    expect(model.probability(of: 0, after: 1), 1 + single[0], 2)
    #expect(model.probability(of: 2, after: 3) == model.probability(of: 2))
  }

  @Test("Probabilities add up to one", arguments: 0..<4)
  func sums(v: Int32) throws {
    let model = try model()
    let after = (0..<4).reduce(0.0) { $0 + model.probability(of: $1, after: v) }
    #expect(abs(after - 1) < 1e-15)
    let single = (0..<4).reduce(0.0) { $0 + model.probability(of: $1) }
    #expect(abs(single - 1) < 1e-15)
  }

  @Test("Counting ends with the batch that reaches the limit")
  func limit() throws {
    let ids = (0..<61).map { Int32($0 % 4) }
    let source = try TextStreams(ids, batchSize: 3, chunkLength: 4)
    for (limit, pairs) in [(1, 12), (12, 12), (13, 24), (1000, 60)] {
      #expect(
        BigramModel(counting: source, vocabularySize: 4, limit: limit).pairCount == pairs)
    }
  }

  @Test("A large vocabulary, whose pairs are kept otherwise, gives the same counts")
  func largeVocabulary() throws {
    let random = RandomSource(seed: 8)
    let ids = (0..<2000).map { Int32(random.bits($0) % 30) }
    let source = try TextStreams(ids, batchSize: 2, chunkLength: 50)
    let (small, large) = (1000, 5000)
    let models = [small, large].map { BigramModel(counting: source, vocabularySize: $0) }
    for v in 0..<30 as Range<Int32> {
      for w in 0..<30 as Range<Int32> {
        // The part of the pairs in it: that of single ids depends on the size.
        let pairs = models.map { model in
          model.probability(of: w, after: v) - model.probability(of: 999, after: v)
            * model.probability(of: w) / model.probability(of: 999)
        }
        #expect(abs(pairs[0] - pairs[1]) < 1e-12)
      }
    }
  }

  @Test("Losses are means over the targets of a source")
  func losses() throws {
    let model = try model()
    let losses = model.losses(
      over: try TextStreams([3, 1, 0], batchSize: 1, chunkLength: 2))
    #expect(losses.unigram.count == 2 && losses.bigram.count == 2)
    let (p, q) = (3.0 / 9.0, (1 + 3.0 / 9.0) / 2)
    #expect(abs(losses.unigram.total + 2 * log(p)) < 1e-12)
    #expect(abs(losses.bigram.total + log(p) + log(q)) < 1e-12)
  }
}
