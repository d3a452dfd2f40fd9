import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("TiedEmbedding")
struct TiedEmbeddingTests {
  private let tokens = Tokens(time: 3, batch: 2, ids: [6, 0, 3, 3, 1, 6])

  private func layer<E: Scalar>(_ type: E.Type = E.self) -> TiedEmbedding<E> {
    var layer = TiedEmbedding<E>(vocabularySize: 7, dimension: 4) {
      LSTM<E>(inputSize: 4, hiddenSize: 5)
      Dropout<E>(rate: 0.2)
      Dense<E>(inputSize: 5, outputSize: 4)
    }
    layer.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
    return layer
  }

  @Test("has the right gradients", arguments: [nil, [3, 2], [0, 1]] as [[Int]?])
  func gradients(lengths: [Int]?) {
    expectGradients(of: layer(), tokens, Context(lengths: lengths))
    expectGradients(of: layer(), tokens, Context(lengths: lengths, restarts: [true, false]))
  }

  @Test("is the embedding, the layers inside and the softmax of one weight")
  func composition() {
    let tied = layer(Float.self)
    var apart = Sequential<Tokens, Tensor<Float>, Float> {
      Embedding(vocabularySize: 7, dimension: 4)
      LSTM(inputSize: 4, hiddenSize: 5)
      Dense(inputSize: 5, outputSize: 4)
      DenseSoftmax(inputSize: 4, classes: 7)
    }
    let values = Dictionary(uniqueKeysWithValues: tied.parameters.map { ($0.name, $0.value) })
    let names = [
      "0.weight": "weight", "1.weight_ih": "inner.0.weight_ih", "1.bias": "inner.0.bias",
      "1.weight_hh": "inner.0.weight_hh", "2.weight": "inner.2.weight", "2.bias": "inner.2.bias",
      "3.weight": "weight", "3.bias": "bias",
    ]
    apart.visitParameters { name, parameter in
      if let value = names[name].flatMap({ values[$0] }) { parameter.value = value }
    }
    #expect(tied(tokens, batch: 2) == apart(tokens, batch: 2))
    #expect(tied.parameterCount == apart.parameterCount - 7 * 4)
  }

  @Test("is one weight, visited once, and saved once")
  func oneWeight() throws {
    let tied = layer(Float.self)
    #expect(
      tied.parameters.map(\.name) == [
        "weight", "bias", "inner.0.weight_ih", "inner.0.bias", "inner.0.weight_hh",
        "inner.2.weight", "inner.2.bias",
      ])
    try tied.audit()
    let model = Sequential<Tokens, Tensor<Float>, Float>(seed: 4) { tied }
    #expect(model.endsInLoss)
    #expect(try reloaded(model)(tokens, batch: 2) == model(tokens, batch: 2))
  }

  @Test("begins with logits of about 1, whatever its dimension", arguments: [16, 256])
  func initializer(dimension: Int) {
    let model = Sequential<Tokens, Tensor<Float>, Float>(seed: 4) {
      TiedEmbedding(vocabularySize: 90, dimension: dimension) { Dropout(rate: 0) }
    }
    let weight = model.parameters[0].value
    let square = weight.sumOfSquares() / Double(weight.shape[0])
    #expect(abs(square - 1) < 0.1)
  }

  @Test("keeps the memory of its gradient from step to step")
  func steady() {
    var tied = layer(Float.self)
    var cache = tied.makeCache()
    func step() {
      var state = tied.makeState(batch: 2)
      tied.resetGradients()
      _ = tied.loss(tokens, of: tokens, state: &state, cache: &cache, in: Context(threads: 1))
      var gradient = tied.zeros(like: state)
      _ = tied.lossBackward(scale: 1, state: &gradient, cache: &cache, in: Context(threads: 1))
    }
    step()
    let address = tied.output.dense.weight.gradient.withUnsafeBufferPointer { $0.baseAddress }
    for _ in 0..<3 { step() }
    #expect(
      tied.output.dense.weight.gradient.withUnsafeBufferPointer { $0.baseAddress } == address)
  }

  @Test("stops the program where the layers inside give another dimension")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = TiedEmbedding<Float>(vocabularySize: 7, dimension: 4) {
        LSTM(inputSize: 4, hiddenSize: 5)
      }
    }
    await #expect(processExitsWith: .failure) {
      _ = TiedEmbedding<Float>(vocabularySize: 7, dimension: 4) { LastStep() }
    }
  }
}
