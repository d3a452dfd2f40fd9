import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("A stack of a list of layers")
struct RuntimeStackTests {
  private typealias Model = Sequential<Tokens, Tensor<Float>, Float>

  private func layers(_ depth: Int) -> [any Layer<Float>] {
    let recurrent = (0..<depth).map { LSTM<Float>(inputSize: $0 == 0 ? 3 : 5, hiddenSize: 5) }
    return [Embedding<Float>(vocabularySize: 7, dimension: 3)] + recurrent
      + [DenseSoftmax<Float>(inputSize: 5, classes: 7)]
  }

  @Test("is the stack that is written out, of any depth")
  func same() throws {
    let written = Model(seed: 4) {
      Embedding(vocabularySize: 7, dimension: 3)
      LSTM(inputSize: 3, hiddenSize: 5)
      LSTM(inputSize: 5, hiddenSize: 5)
      DenseSoftmax(inputSize: 5, classes: 7)
    }
    let tokens = Tokens(time: 2, batch: 1, ids: [6, 1])
    #expect(try Model(layers: layers(2), seed: 4)(tokens) == written(tokens))
    #expect(try Model(layers: layers(5), seed: nil).count == 7)
  }

  @Test("is refused where a layer does not take what it is given, and the layer is named")
  func refused() {
    func refusal(_ layers: [any Layer<Float>]) -> String? {
      let error = #expect(throws: StackError.self) { try Model(layers: layers) }
      return error?.description
    }
    #expect(refusal([]) == "a stack needs at least one layer")
    #expect(
      refusal(layers(1).reversed())
        == "layer 0, DenseSoftmax, takes Tensor<Float>, and gets Tokens")
    #expect(
      refusal(layers(0) + layers(0)) == "layer 2, Embedding, takes Tokens, and gets Tensor<Float>")
    let both = Bidirectional<Float> { GRU(inputSize: 3, hiddenSize: 2) }
    #expect(
      refusal([layers(0)[0], both, LastStep<Float>()])?.hasPrefix("layer 2, LastStep: ") == true)
    #expect(throws: StackError.self) {
      try Sequential<Tokens, Tokens, Float>(layers: [
        Embedding<Float>(vocabularySize: 2, dimension: 2)
      ])
    }
  }
}
