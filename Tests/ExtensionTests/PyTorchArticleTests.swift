// The programs of the article for those who come from PyTorch.
import Foundation
import Testing
import Unroll

@Suite("The article for those who come from PyTorch")
struct PyTorchArticleTests {
  private let vocabulary = 7
  private let tags = 3
  /// Sequences of tokens, and for each of these the remainder of it and the one before by 3.
  private let sequences: [[Int32]] = (0..<40).map { (i: Int) -> [Int32] in
    (0..<(2 + i % 5)).map { (t: Int) -> Int32 in Int32((i * 5 + t * t) % 7) }
  }

  private var tagsOfSteps: [[Int32]] {
    sequences.map { ids in ids.indices.map { (ids[$0] + ($0 > 0 ? ids[$0 - 1] : 0)) % 3 } }
  }

  private var tagger: Sequential<Tokens, Tensor<Float>, Float> {
    let model = Sequential(seed: 1) {
      Embedding(vocabularySize: vocabulary, dimension: 32)
      LSTM(inputSize: 32, hiddenSize: 64)
      Dropout(rate: 0.2)
      LSTM(inputSize: 64, hiddenSize: 64)
      Dense(inputSize: 64, outputSize: tags)
    }
    return model
  }

  @Test("The trainer is the loop, and so is one written out")
  func loops() throws {
    let (model, tags) = (tagger, tagsOfSteps)

    let loader = try PaddedSequences(
      sequences, tags: tags, batching: .similarLengths(), batchSize: 8)
    var trainer = Trainer(
      model: model, source: loader, loss: CrossEntropy(),
      options: TrainingOptions(
        optimizer: Adam(weightDecay: 0.01), schedule: .constant(0.01), clipping: .globalNorm(1)))
    try trainer.train(steps: 100)

    #expect(try trainer.validate(loader).mean < 0.1)
    #expect(try byHand(model, loader) < 0.2)
  }

  /// The loss of the last step.
  private func byHand(
    _ model: Sequential<Tokens, Tensor<Float>, Float>, _ loader: PaddedSequences<Tokens>
  ) throws -> Double {
    var (model, loader) = (model, loader)
    var last = 0.0

    let loss = CrossEntropy<Float>()
    var optimizer = Adam<Float>(weightDecay: 0.01)
    var cache = model.makeCache()
    for step in 1...100 {
      let batch = loader.next()
      let context = Context(
        .training, lengths: batch.lengths, random: RandomSource(seed: 1).child(step))
      var state = model.makeState(batch: loader.batchSize)
      model.resetGradients()
      let y = model.forward(batch.input, state: &state, cache: &cache, in: context)
      let sum = loss.loss(y, of: batch.target, in: context)
      let dy = loss.gradient(y, of: batch.target, scale: 1 / sum.weight, in: context)
      var stateGradient = model.zeros(like: state)
      _ = model.backward(dy, state: &stateGradient, cache: &cache, in: context)
      GradientClipping.globalNorm(1).clip(&model)
      optimizer.update(&model, step: step, learningRate: 0.01)
      last = sum.mean
    }

    return last
  }

  @Test("Lengths take the place of packing, a state that of a hidden tuple")
  func states() throws {
    let model = tagger
    let ids = Tokens(time: 4, batch: 2, ids: [1, 2, 3, 4, 5, 6, 0, 1])

    let y = model(ids, batch: 2)

    let lstm = LSTM<Float>(inputSize: 3, hiddenSize: 5)
    let random = RandomSource(seed: 2)
    let x = Tensor(shape: [4, 3, 3], scalars: (0..<36).map { Float(random.uniform($0)) })
    do {
      let context = Context(.inference, lengths: [4, 2, 3])
      var (state, cache) = (lstm.makeState(batch: 3), lstm.makeCache())
      let y = lstm.forward(x, state: &state, cache: &cache, in: context)
      let (h, c) = (state.values.columns(0..<5), state.values.columns(5..<10))

      #expect(y.step(3).step(1).sumOfSquares() == 0 && h.shape == [3, 5] && c.shape == [3, 5])
      #expect(h.step(1) == y.step(1).step(1))
    }

    let chunks = [ids, ids]
    let context = Context(.inference)
    var cache = model.makeCache()
    var outputs: [Tensor<Float>] = []

    var state = model.makeState(batch: 2)
    for chunk in chunks {
      outputs.append(model.forward(chunk, state: &state, cache: &cache, in: context))
    }

    #expect(outputs[0] == y && outputs[1] != y)
  }

  @Test("A decoder begins where an encoder ended")
  func handingOver() {
    let encoder = Sequential(seed: 1) {
      Embedding(vocabularySize: 7, dimension: 4)
      LSTM(inputSize: 4, hiddenSize: 5)
    }
    let decoder = Sequential(seed: 2) {
      Embedding(vocabularySize: 7, dimension: 4)
      LSTM(inputSize: 4, hiddenSize: 5)
      DenseSoftmax(inputSize: 5, classes: 7)
    }
    let source = Tokens(time: 3, batch: 1, ids: [1, 2, 3])
    var encoding = encoder.makeState(batch: 1)
    var cache = encoder.makeCache()
    _ = encoder.forward(source, state: &encoding, cache: &cache, in: Context(.inference))

    var decoding = decoder.makeState(batch: 1)
    decoding[1, as: LSTM<Float>.self] = encoding[1, as: LSTM<Float>.self]

    let h = decoding[1, as: LSTM<Float>.self].values
    #expect(h == encoding[1, as: LSTM<Float>.self].values && h.sumOfSquares() > 0)
  }

  @Test("The gradient of a state that was handed over goes back into the encoder")
  func handingBack() throws {
    var encoder = Sequential(seed: 1) {
      Embedding(vocabularySize: 7, dimension: 4)
      LSTM(inputSize: 4, hiddenSize: 5)
    }
    var decoder = Sequential(seed: 2) {
      Embedding(vocabularySize: 6, dimension: 3)
      LSTM(inputSize: 3, hiddenSize: 5)
      DenseSoftmax(inputSize: 5, classes: 6)
    }
    let source = Tokens(time: 3, batch: 1, ids: [1, 2, 3])
    let written = Tokens(time: 2, batch: 1, ids: [0, 4])
    let next = Tokens(time: 2, batch: 1, ids: [4, 5])
    let context = Context(.training)
    var (encoding, decoding) = (encoder.makeState(batch: 1), decoder.makeState(batch: 1))
    var (encoderCache, decoderCache) = (encoder.makeCache(), decoder.makeCache())
    let encoded = encoder.forward(source, state: &encoding, cache: &encoderCache, in: context)
    decoding[1, as: LSTM<Float>.self] = encoding[1, as: LSTM<Float>.self]

    let sum = decoder.loss(written, of: next, state: &decoding, cache: &decoderCache, in: context)
    var decodingGradient = decoder.zeros(like: decoding)
    _ = decoder.lossBackward(
      scale: 1 / sum.weight, state: &decodingGradient, cache: &decoderCache, in: context)

    var encodingGradient = encoder.zeros(like: encoding)
    encodingGradient[1, as: LSTM<Float>.self] = decodingGradient[1, as: LSTM<Float>.self]
    _ = encoder.backward(
      Tensor(shape: encoded.shape), state: &encodingGradient, cache: &encoderCache, in: context)

    var norms: [Float] = []
    encoder.visitParameters { norms.append(Float($1.gradient.sumOfSquares())) }
    #expect(norms.count == 4 && norms.allSatisfy { $0 > 0 })
  }

  @Test("Weights have names, and are saved with the architecture")
  func weights() throws {
    let model = tagger
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }

    for (name, value) in model.parameters { print(name, value.shape) }
    try ModelFile.write(model, to: path)
    let loaded = try ModelFile(contentsOf: path).model(type(of: model), registry: .standard)

    #expect(loaded.parameters.map(\.name) == model.parameters.map(\.name))
    #expect(loaded.parameters[1].name == "1.weight_ih")
  }
}
