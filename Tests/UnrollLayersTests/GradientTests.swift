import Testing
import TestSupport
import UnrollCore
import UnrollLayers
import UnrollTesting

/// T 3, B 2, I 4, H 5: sizes pairwise different, so that a transposed weight cannot hide.
@Suite("Gradients agree with central differences")
struct GradientTests {
  private static let bound = 1e-8

  private func check<L: Layer<Double>>(
    _ layer: L, _ input: L.Input, _ lengths: [Int]? = nil, restarts: [Bool]? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) where L.Output == Tensor<Double> {
    var layer = layer
    layer.initialize(seed: 3)
    // Biases that begin at zero would hide a bias that is added to the wrong gate.
    layer.visitParameters { name, parameter in
      if name.hasSuffix("bias") { parameter.value = noise(parameter.shape, seed: 5) }
    }
    let context = Context(lengths: lengths, restarts: restarts, threads: 2)
    let errors = gradientErrors(of: layer, input: input, context: context)
    #expect(!errors.isEmpty, sourceLocation: sourceLocation)
    for error in errors {
      #expect(error.error < Self.bound, "\(error)", sourceLocation: sourceLocation)
    }
  }

  private let x: Tensor<Double> = noise([3, 2, 4])
  private let tokens = Tokens(time: 3, batch: 2, ids: [6, 0, 3, 3, 1, 6])

  @Test("LSTM", arguments: [nil, [3, 2], [1, 3], [0, 3]] as [[Int]?])
  func lstm(lengths: [Int]?) {
    check(LSTM<Double>(inputSize: 4, hiddenSize: 5), x, lengths)
  }

  @Test("RNN", arguments: [nil, [3, 2], [1, 3]] as [[Int]?])
  func rnn(lengths: [Int]?) {
    check(RNN<Double>(inputSize: 4, hiddenSize: 5), x, lengths)
  }

  @Test(
    "Every cell", arguments: cells, [nil, [3, 2], [1, 3]] as [[Int]?])
  func cell(cell: any RecurrentCell<Double>, lengths: [Int]?) {
    func check<Cell: RecurrentCell<Double>>(_ cell: Cell) {
      self.check(Recurrent(cell), x, lengths)
      self.check(Recurrent(cell), x, lengths, restarts: [false, true])
    }
    check(cell)
  }

  private static let cells: [any RecurrentCell<Double>] =
    [
      RNNCell<Double>(inputSize: 4, hiddenSize: 5, activation: .identity),
      GRUCell<Double>(inputSize: 4, hiddenSize: 5),
      GRUCell<Double>(inputSize: 4, hiddenSize: 5, resetGate: .beforeProduct),
      LayerNormLSTMCell<Double>(inputSize: 4, hiddenSize: 5),
      ZoneoutCell(LSTMCell<Double>(inputSize: 4, hiddenSize: 5), hidden: 0.3, memory: 0.5),
      ZoneoutCell(RNNCell<Double>(inputSize: 4, hiddenSize: 5), hidden: 0.4),
      ZoneoutCell(
        LSTMCell<Double>(
          inputSize: 4, hiddenSize: 5,
          options: LSTMOptions(peepholes: .diagonal, projectionSize: 3)),
        hidden: 0.4, memory: 0.5),
      RecurrentDropoutCell(LSTMCell<Double>(inputSize: 4, hiddenSize: 5), rate: 0.3),
      RecurrentDropoutCell(GRUCell<Double>(inputSize: 4, hiddenSize: 5), rate: 0.3),
      RecurrentDropoutCell(
        GRUCell<Double>(inputSize: 4, hiddenSize: 5, resetGate: .beforeProduct), rate: 0.3),
      RecurrentDropoutCell(LayerNormLSTMCell<Double>(inputSize: 4, hiddenSize: 5), rate: 0.3),
      RecurrentDropoutCell(
        ZoneoutCell(GRUCell<Double>(inputSize: 4, hiddenSize: 5), hidden: 0.2), rate: 0.3),
    ]
    + [
      LSTMOptions(projectionSize: 3), LSTMOptions(peepholes: .diagonal),
      LSTMOptions(forgetGate: .coupled), LSTMOptions(peepholes: .diagonal, forgetGate: .coupled),
      LSTMOptions(peepholes: .diagonal, clipping: .cell(limit: 0.25), projectionSize: 3),
      LSTMOptions(clipping: .activationInputs(limit: 0.5)),
      LSTMOptions(gate: .hardSigmoid(), candidate: .identity, output: .tanh),
      LSTMOptions(gate: .tanh, candidate: .sigmoid, output: .identity, forgetGate: .coupled),
    ].map { LSTMCell<Double>(inputSize: 4, hiddenSize: 5, options: $0) }

  @Test("A stream that begins anew")
  func restarts() {
    check(LSTM<Double>(inputSize: 4, hiddenSize: 5), x, restarts: [false, true])
  }

  @Test("More streams than one slice holds")
  func slices() {
    check(
      LSTM<Double>(inputSize: 2, hiddenSize: 3), noise([2, 9, 2]), [2, 1, 2, 2, 1, 2, 0, 2, 1])
  }

  @Test("Bidirectional", arguments: [nil, [3, 2], [1, 3]] as [[Int]?])
  func bidirectional(lengths: [Int]?) {
    check(Bidirectional<Double> { LSTM<Double>(inputSize: 4, hiddenSize: 5) }, x, lengths)
  }

  @Test("Residual", arguments: [nil, [3, 2]] as [[Int]?])
  func residual(lengths: [Int]?) {
    check(Residual<Double> { LSTM<Double>(inputSize: 4, hiddenSize: 4) }, x, lengths)
  }

  @Test("Dense")
  func dense() {
    check(Dense<Double>(inputSize: 4, outputSize: 5), x)
  }

  @Test("DenseSoftmax")
  func denseSoftmax() {
    check(DenseSoftmax<Double>(inputSize: 4, classes: 6), x)
  }

  @Test("Dropout, whose backward draws the mask of its forward")
  func dropout() {
    check(Dropout<Double>(0.4), x)
  }

  @Test("Embedding, with tokens that come more than once")
  func embedding() {
    check(Embedding<Double>(vocabularySize: 7, dimension: 4), tokens)
  }

  @Test("A stack of them, with lengths", arguments: [nil, [3, 2]] as [[Int]?])
  func stack(lengths: [Int]?) {
    let model = Sequential<Tokens, Tensor<Double>, Double> {
      Embedding<Double>(vocabularySize: 7, dimension: 4)
      LSTM<Double>(inputSize: 4, hiddenSize: 5)
      Dropout<Double>(0.3)
      Bidirectional<Double> { RNN<Double>(inputSize: 5, hiddenSize: 3) }
      Residual<Double> { LSTM<Double>(inputSize: 6, hiddenSize: 6) }
      DenseSoftmax<Double>(inputSize: 6, classes: 7)
    }
    check(model, tokens, lengths)
  }

  @Test("The loss of DenseSoftmax, against its forward and the loss of its output")
  func loss() {
    var layer = DenseSoftmax<Double>(inputSize: 4, classes: 7)
    layer.initialize(seed: 2)
    layer.dense.bias.value = noise([7], seed: 4)
    let targets = Tokens(time: 3, batch: 2, ids: [6, 0, Tokens.ignored, 3, 1, 2])
    let context = Context(lengths: [3, 2])
    var cache = layer.makeCache()
    var state: Void = ()
    let sum = layer.loss(x, of: targets, state: &state, cache: &cache, in: context)
    let dx = layer.lossBackward(scale: 0.3, state: &state, cache: &cache, in: context)
    let fused = [layer.dense.weight.gradient, layer.dense.bias.gradient]

    layer.resetGradients()
    let y = layer.forward(x, state: &state, cache: &cache, in: context)
    var total = 0.0
    var dy = Tensor<Double>(shape: y.shape)
    for (t, b, target) in [(0, 0, 6), (0, 1, 0), (1, 1, 3), (2, 0, 1)] {
      total -= y[t, b, target]
      dy[t, b, target] = -0.3
    }
    let unfused = layer.backward(dy, state: &state, cache: &cache, in: context)
    #expect(sum.count == 4)
    #expect(abs(sum.total - total) < 1e-12)
    #expect(difference(dx, unfused) < 1e-14)
    #expect(difference(fused[0], layer.dense.weight.gradient) < 1e-14)
    #expect(difference(fused[1], layer.dense.bias.gradient) < 1e-14)
  }
}
