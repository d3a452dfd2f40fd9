import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTesting

@Suite("Layers that keep the laws pass")
struct KeptLawTests {
  typealias Stack = Sequential<Tensor<Double>, Tensor<Double>, Double>
  private let x: Tensor<Double> = noise([3, 2, 4])
  private let tokens = Tokens(time: 3, batch: 2, ids: [6, 0, 3, 3, 1, 6])

  @Test("Dense, of sequences and of rows") func dense() throws {
    try checkLayer(Dense<Double>(inputSize: 4, outputSize: 5), input: x)
    try checkLayer(Dense<Double>(inputSize: 4, outputSize: 5), input: noise([2, 4]))
  }

  @Test("DenseSoftmax") func denseSoftmax() throws {
    try checkLayer(DenseSoftmax<Double>(inputSize: 4, classes: 6), input: x)
  }

  @Test("LSTM, of few streams and of more than one slice holds", arguments: [1, 2, 9])
  func lstm(batch: Int) throws {
    try checkLayer(LSTM<Double>(inputSize: 4, hiddenSize: 5), input: noise([3, batch, 4]))
  }

  @Test("RNN, of one step to five", arguments: [1, 2, 4, 5])
  func rnn(time: Int) throws {
    try checkLayer(RNN<Double>(inputSize: 4, hiddenSize: 5), input: noise([time, 3, 4]))
  }

  @Test("Embedding") func embedding() throws {
    try checkLayer(Embedding<Double>(vocabularySize: 7, dimension: 4), input: tokens)
  }

  @Test("Dropout, which is random") func dropout() throws {
    try checkLayer(Dropout<Double>(rate: 0.4), input: x)
  }

  @Test("Bidirectional, which is not causal") func bidirectional() throws {
    try checkLayer(
      Bidirectional<Double> { LSTM<Double>(inputSize: 4, hiddenSize: 5) }, input: x,
      registry: .standard)
  }

  @Test("Residual") func residual() throws {
    try checkLayer(
      Residual<Double> { LSTM<Double>(inputSize: 4, hiddenSize: 4) }, input: x,
      registry: .standard)
  }

  @Test("A stack, also of what may let padding into its gradients") func stack() throws {
    let stack = Stack {
      Dense<Double>(inputSize: 4, outputSize: 6)
      LSTM<Double>(inputSize: 6, hiddenSize: 5)
      DenseSoftmax<Double>(inputSize: 5, classes: 3)
    }
    try checkLayer(stack, input: x, registry: .standard)
  }

  @Test("A random stack of everything, from tokens") func tokenStack() throws {
    let stack = Sequential<Tokens, Tensor<Double>, Double> {
      Embedding<Double>(vocabularySize: 7, dimension: 4)
      LSTM<Double>(inputSize: 4, hiddenSize: 3)
      Dropout<Double>(rate: 0.3)
      Bidirectional<Double> { RNN<Double>(inputSize: 3, hiddenSize: 2) }
      Residual<Double> { LSTM<Double>(inputSize: 4, hiddenSize: 4) }
      DenseSoftmax<Double>(inputSize: 4, classes: 5)
    }
    try checkLayer(stack, input: tokens, registry: .standard)
  }

  @Test("Outside layers, stateless and with a state") func outside() throws {
    try checkLayer(Scale(), input: x)
    try checkLayer(Total(), input: x)
  }

  @Test("A state that grows, alone and in a stack") func growing() throws {
    try checkLayer(GrowingTotal(), input: x)
    var registry = LayerRegistry<Double>.standard
    registry.register(GrowingTotal.self)
    let stack = Stack {
      LSTM<Double>(inputSize: 4, hiddenSize: 4)
      GrowingTotal()
    }
    try checkLayer(stack, input: x, registry: registry)
  }

  @Test("Pooling, alone and in a stack") func pooling() throws {
    try checkLayer(MeanPooling(), input: noise([3, 5, 4]))
    var registry = LayerRegistry<Double>.standard
    registry.register(MeanPooling.self)
    let stack = Stack {
      LSTM<Double>(inputSize: 4, hiddenSize: 3)
      MeanPooling()
      Dense<Double>(inputSize: 3, outputSize: 2)
    }
    try checkLayer(stack, input: noise([3, 5, 4]), registry: registry)
  }
}
