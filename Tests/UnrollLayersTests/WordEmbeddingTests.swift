import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTesting

@Suite("WordEmbedding")
struct WordEmbeddingTests {
  private let words = WordSequences(
    words: Tokens(time: 3, batch: 2, ids: [1, 2, 0, 3, 3, 1]),
    spellings: Tokens(time: 3, batch: 2, ids: [0, 1, 2, 1, 1, 0]),
    characters: Tokens(time: 4, batch: 3, ids: [1, 2, 3, 4, 1, 2, 0, 3, 0, 0, 4, 0]),
    characterCounts: [2, 4, 1], features: [Tokens(time: 3, batch: 2, ids: [0, 1, 1, 0, 1, 1])])

  private func layer(wordDropout: Double = 0) -> WordEmbedding<Float> {
    var layer = WordEmbedding(
      vocabularySize: 4, dimension: 3, features: [(2, 5)], wordDropout: wordDropout
    ) {
      Embedding(vocabularySize: 5, dimension: 2)
      Bidirectional { GRU(inputSize: 2, hiddenSize: 2) }
      BothEnds()
    }
    layer.initialize(seed: 3)
    return layer
  }

  @Test("A vector is that of the word, that of its characters, and those of its features")
  func parts() {
    let layer = layer()
    let y = layer(words)
    #expect(y.shape == [3, 2, 12] && layer.outputSize == 12)
    var state = layer.characters.makeState(batch: 3)
    var cache = layer.characters.makeCache()
    let read = layer.characters.forward(
      words.characters, state: &state, cache: &cache, in: Context(.inference, lengths: [2, 4, 1]))
    for t in 0..<3 {
      for b in 0..<2 {
        let place = t * 2 + b
        let (word, spelling) = (Int(words.words.ids[place]), Int(words.spellings.ids[place]))
        let feature = Int(words.features[0].ids[place])
        let expected =
          (0..<3).map { layer.words.weight.value[word, $0] } + (0..<4).map { read[spelling, $0] }
          + (0..<5).map { layer.features[0].weight.value[feature, $0] }
        #expect((0..<12).map { y[t, b, $0] } == expected)
      }
    }
  }

  @Test("Word dropout takes as many words for the unknown one as it says, in training alone")
  func wordDropout() {
    let layer = layer(wordDropout: 0.25)
    var many = words
    let tokens = { (id: Int32) in
      Tokens(time: 200, batch: 50, ids: Array(repeating: id, count: 10_000))
    }
    (many.words, many.spellings, many.features) = (tokens(2), tokens(1), [tokens(0)])
    var cache = layer.makeCache()
    func unknown(_ mode: Context.Mode) -> Int {
      let y = layer.forward(many, cache: &cache, in: Context(mode))
      return (0..<10_000).count { y[$0 / 50, $0 % 50, 0] == layer.words.weight.value[0, 0] }
    }
    // Within five standard deviations, 43 each.
    #expect(abs(unknown(.training) - 2500) < 217)
    #expect(unknown(.inference) == 0)
  }

  @Test("What the tables do not have is told")
  func unknownIDs() throws {
    let layer = layer()
    try layer.checkInput(words)
    for (change, says): ((inout WordSequences) -> Void, String) in [
      ({ $0.words.ids[3] = 4 }, "the word 4 of 4"), ({ $0.words.ids[0] = -1 }, "the word -1"),
      ({ $0.features[0].ids[1] = 2 }, "the feature 2 of 2"), ({ $0.features = [] }, "0 features"),
    ] {
      var wrong = words
      change(&wrong)
      let error = #expect(throws: InputError.self) { try layer.checkInput(wrong) }
      #expect(error?.description.contains(says) == true, "\(says)")
    }
  }
}

@Suite("A padded batch of a tagger")
struct TaggerPaddingTests {
  typealias Network = Sequential<WordSequences, Tensor<Double>, Double>

  @Test("Gives the gradients of its sentences one at a time")
  func gradients() {
    var network = Network(seed: 4) {
      WordEmbedding<Double>(vocabularySize: 6, dimension: 3, features: [(3, 2)]) {
        Embedding<Double>(vocabularySize: 5, dimension: 4)
        Bidirectional<Double> { LSTM<Double>(inputSize: 4, hiddenSize: 2) }
        BothEnds<Double>()
      }
      Bidirectional<Double> { LSTM<Double>(inputSize: 9, hiddenSize: 5) }
      ConditionalRandomField<Double>(inputSize: 10, labels: 4)
    }
    let (time, lengths) = (5, [3, 5, 0, 1])
    func tokens(_ count: Int32, _ seed: Int32) -> Tokens {
      Tokens(time: time, batch: 4, ids: (0..<20).map { ($0 * 7 + seed) % count })
    }
    let input = WordSequences(
      words: tokens(6, 1), spellings: tokens(3, 2),
      characters: Tokens(time: 4, batch: 3, ids: [1, 2, 3, 4, 1, 2, 0, 3, 0, 0, 4, 0]),
      characterCounts: [2, 4, 1], features: [tokens(3, 0)])
    let targets = tokens(4, 3)

    func gradients(_ stream: Int?) -> (loss: Double, gradients: [String: Tensor<Double>]) {
      let own = stream.map { input.selecting(streams: [$0], steps: lengths[$0]) } ?? input
      let ids = stream.map { b in (0..<lengths[b]).map { targets.ids[$0 * 4 + b] } } ?? targets.ids
      var (state, cache) = (network.makeState(batch: own.batch), network.makeCache())
      let context = Context(lengths: stream == nil ? lengths : nil)
      let loss = network.loss(
        own, of: Tokens(time: own.time, batch: own.batch, ids: ids), state: &state, cache: &cache,
        in: context)
      network.resetGradients()
      var back = network.zeros(like: state)
      _ = network.lossBackward(scale: 1, state: &back, cache: &cache, in: context)
      var gradients: [String: Tensor<Double>] = [:]
      network.visitParameters { gradients[$0] = $1.gradient }
      return (loss.total, gradients)
    }
    let together = gradients(nil)
    var (loss, sum) = (0.0, [String: Tensor<Double>]())
    for b in [0, 1, 3] {
      let one = gradients(b)
      loss += one.loss
      sum.merge(one.gradients) { $0 + $1 }
    }
    #expect(abs(loss - together.loss) < 1e-12)
    #expect(sum.count == together.gradients.count && sum.count > 15)
    for (name, gradient) in together.gradients {
      #expect(gradient.sumOfSquares() > 0, "\(name)")
      #expect(difference(gradient, sum[name] ?? Tensor(shape: [0])) < 1e-12, "\(name)")
    }
  }
}

extension WordSequences {
  /// The first steps of some streams.
  fileprivate func selecting(streams: [Int], steps: Int) -> WordSequences {
    func part(_ tokens: Tokens) -> Tokens {
      tokens.selecting(steps: 0..<steps).selecting(streams: streams)
    }
    return WordSequences(
      words: part(words), spellings: part(spellings), characters: characters,
      characterCounts: characterCounts, features: features.map(part))
  }
}
