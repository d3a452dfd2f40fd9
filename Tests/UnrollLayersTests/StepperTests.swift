import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("Steps of a stack")
struct StepperTests {
  typealias TextStack = Sequential<Tokens, Tensor<Double>, Double>
  typealias SeriesStack = Sequential<Tensor<Double>, Tensor<Double>, Double>

  private static let cells: [any Layer<Double>] = [
    LSTM<Double>(inputSize: 4, hiddenSize: 5),
    LSTM<Double>(
      inputSize: 4, hiddenSize: 6, options: LSTMOptions(peepholes: .diagonal, projectionSize: 5)),
    GRU<Double>(inputSize: 4, hiddenSize: 5),
    GRU<Double>(inputSize: 4, hiddenSize: 5, resetGate: .beforeProduct),
    RNN<Double>(inputSize: 4, hiddenSize: 5),
    Recurrent(LSTMCell<Double>(inputSize: 4, hiddenSize: 5), initialState: .learned),
    LayerNormLSTM<Double>(inputSize: 4, hiddenSize: 5),
    Zoneout(LSTMCell<Double>(inputSize: 4, hiddenSize: 5), hiddenRate: 0.2),
    MinLSTM<Double>(inputSize: 4, hiddenSize: 5), SRU<Double>(inputSize: 4, hiddenSize: 5),
    QRNN<Double>(inputSize: 4, hiddenSize: 5), Dense<Double>(inputSize: 4, outputSize: 5),
  ]

  private static func text(_ cell: any Layer<Double>) throws -> TextStack {
    try TextStack(
      layers: [
        Embedding<Double>(vocabularySize: 7, dimension: 4), cell, Dropout<Double>(rate: 0.5),
        LSTM<Double>(inputSize: 5, hiddenSize: 3),
        DenseSoftmax<Double>(inputSize: 3, classes: 7),
      ], seed: 3)
  }

  private static func ids(_ t: Int) -> [Int32] { (0..<3).map { Int32((t * t + 5 * $0) % 7) } }

  @Test("give the numbers of forward, to the last bit, from tokens", arguments: cells)
  func tokens(cell: any Layer<Double>) throws {
    let stack = try Self.text(cell)
    let context = Context(.inference, threads: 1)
    var (state, cache) = (stack.makeState(batch: 3), stack.makeCache())
    var stepper = Stepper(stack, batch: 3, in: context)
    for t in 0..<6 {
      // Another one takes over where the first is.
      if t == 3 { stepper = Stepper(stack, from: stepper.state, batch: 3, in: context) }
      let expected = stack.forward(
        Tokens(time: 1, batch: 3, ids: Self.ids(t)), state: &state, cache: &cache, in: context)
      #expect(stepper.step(Self.ids(t)) == expected.step(0))
    }
    #expect(named(stack, stepper.state) == named(stack, state))
  }

  @Test("give the numbers of forward, to the last bit, from rows", arguments: cells)
  func rows(cell: any Layer<Double>) throws {
    let stack = try SeriesStack(
      layers: [LayerNorm<Double>(inputSize: 4), cell, Dense<Double>(inputSize: 5, outputSize: 2)],
      seed: 4)
    let context = Context(.inference, threads: 1)
    var (state, cache) = (stack.makeState(batch: 3), stack.makeCache())
    var stepper = Stepper(stack, batch: 3, in: context)
    for t in 0..<5 {
      let x: Tensor<Double> = noise([1, 3, 4], seed: UInt64(t))
      let expected = stack.forward(x, state: &state, cache: &cache, in: context)
      #expect(stepper.step(x.step(0)) == expected.step(0))
    }
    #expect(named(stack, stepper.state) == named(stack, state))
  }

  @Test("do not touch a copy")
  func copies() throws {
    var stepper = Stepper(
      try Self.text(LSTM<Double>(inputSize: 4, hiddenSize: 5)), batch: 3,
      in: Context(.inference, threads: 1))
    _ = stepper.step(Self.ids(0))
    var copy = stepper
    let first = copy.step(Self.ids(1))
    _ = copy.step(Self.ids(2))
    #expect(stepper.step(Self.ids(1)) == first)
  }

  @Test("with weights of 8 bits are those of forward with them")
  func int8() throws {
    let stack = Sequential<Tokens, Tensor<Float>, Float>(seed: 1) {
      Embedding(vocabularySize: 7, dimension: 40)
      LSTM(inputSize: 40, hiddenSize: 48)
      DenseSoftmax(inputSize: 48, classes: 7)
    }
    for threads in [1, 2] {
      let context = Context(.inference, weights: .int8, threads: threads)
      var (state, cache) = (stack.makeState(batch: 3), stack.makeCache())
      var stepper = Stepper(stack, batch: 3, in: context)
      for t in 0..<4 {
        let expected = stack.forward(
          Tokens(time: 1, batch: 3, ids: Self.ids(t)), state: &state, cache: &cache, in: context)
        #expect(stepper.step(Self.ids(t)) == expected.step(0))
      }
    }
  }

  private func named<Input>(
    _ stack: Sequential<Input, Tensor<Double>, Double>,
    _ state: Sequential<Input, Tensor<Double>, Double>.State
  ) -> [String: Tensor<Double>] {
    var (state, tensors) = (state, [String: Tensor<Double>]())
    stack.visitState(&state) { tensors[$0] = $1 }
    return tensors
  }
}

@Suite("Threads within a recurrent layer")
struct ThreadsOfCellsTests {
  private static let cells: [any RecurrentCell<Float>] = [
    LSTMCell(inputSize: 5, hiddenSize: 19),
    LSTMCell(
      inputSize: 5, hiddenSize: 19,
      options: LSTMOptions(
        peepholes: .diagonal, forgetGate: .coupled, clipping: .cell(limit: 0.2), projectionSize: 7)),
    GRUCell(inputSize: 5, hiddenSize: 19),
    GRUCell(inputSize: 5, hiddenSize: 19, options: .init(clip: 1)),
    GRUCell(inputSize: 5, hiddenSize: 19, resetGate: .beforeProduct),
    RNNCell(inputSize: 5, hiddenSize: 19), LayerNormLSTMCell(inputSize: 5, hiddenSize: 19),
    RecurrentDropoutCell(LSTMCell<Float>(inputSize: 5, hiddenSize: 19), rate: 0.3),
    ZoneoutCell(GRUCell<Float>(inputSize: 5, hiddenSize: 19), hiddenRate: 0.3),
    // So wide that threads which share a step share its gates too.
    LSTMCell(
      inputSize: 5, hiddenSize: 130,
      options: LSTMOptions(peepholes: .diagonal, projectionSize: 7)),
    LSTMCell(inputSize: 5, hiddenSize: 130), LayerNormLSTMCell(inputSize: 5, hiddenSize: 130),
    GRUCell(inputSize: 5, hiddenSize: 180), RNNCell(inputSize: 5, hiddenSize: 450),
    GRUCell(inputSize: 5, hiddenSize: 180, resetGate: .beforeProduct),
    MinGRUCell(inputSize: 5, hiddenSize: 19), QRNNCell(inputSize: 5, hiddenSize: 19, width: 3),
  ]

  // Streams enough for every thread to have rows of its own, and too few for that.
  @Test("leave every byte as it is", arguments: cells, [37, 3])
  func bytes(cell: any RecurrentCell<Float>, batch: Int) throws {
    func check<Cell: RecurrentCell<Float>>(_ cell: Cell) {
      var layer = Recurrent(cell)
      layer.initialize(seed: 5)
      let random = RandomSource(seed: 6)
      func draw(_ shape: [Int], _ name: String) -> Tensor<Float> {
        let random = random.child(name)
        return Tensor(
          shape: shape, scalars: (0..<shape.reduce(1, *)).map { Float(random.normal($0)) })
      }
      func results(_ threads: Int) -> [Tensor<Float>] {
        var layer = layer
        var context = Context(.training, threads: threads, random: RandomSource(seed: 7))
        context.lengths = (0..<batch).map { $0 % 5 }
        context.restarts = (0..<batch).map { $0 % 3 == 1 }
        var (state, cache) = (layer.makeState(batch: batch), layer.makeCache())
        state.values = draw(state.values.shape, "state")
        let y = layer.forward(
          draw([4, batch, 5], "input"), state: &state, cache: &cache, in: context)
        let final = state.values
        state.values = draw(state.values.shape, "state gradient")
        let dx = layer.backward(
          draw(y.shape, "gradient"), state: &state, cache: &cache, in: context)
        var all = [y, final, dx, state.values]
        layer.visitParameters { all.append($1.gradient) }
        return all
      }
      let one = results(1)
      for threads in [2, 3, 8] { #expect(results(threads) == one, "\(threads) threads") }
    }
    check(cell)
  }
}
