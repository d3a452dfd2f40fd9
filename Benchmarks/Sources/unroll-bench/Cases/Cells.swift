import Unroll

/// A recurrent layer by itself, forward and backward: to compare cells with each other.
struct CellPasses<Cell: RecurrentCell<Float>>: Workload {
  private var layer: Recurrent<Cell>
  private var cache: Recurrent<Cell>.Cache
  private let input, gradient: Tensor<Float>
  private let context: Context
  let operations: Double

  /// - Parameter products: how many numbers each unit multiplies with each of the input's: 8 for four
  ///   gates of input and state.
  init(_ cell: Cell, products: Int, threads: Int) {
    let (steps, batch, size) = (40, 32, 96)
    layer = Recurrent(cell)
    layer.initialize(seed: 1)
    cache = layer.makeCache()
    input = Tensor(shape: [steps, batch, size], repeating: 0.1)
    gradient = Tensor(shape: [steps, batch, size], repeating: 0.01)
    context = Context(.training, threads: threads)
    operations = 2 * 3 * Double(steps * batch * size * size * products)
  }

  mutating func run() {
    var state = layer.makeState(batch: input.shape[1])
    _ = layer.forward(input, state: &state, cache: &cache, in: context)
    state = layer.makeState(batch: input.shape[1])
    _ = layer.backward(gradient, state: &state, cache: &cache, in: context)
  }
}

extension Case {
  private static func cell(
    _ name: String, products: Int, _ make: @escaping @Sendable () -> any RecurrentCell<Float>
  ) -> Case {
    Case(name: "cell-\(name)", summary: "forward and backward, [40, 32, 96] to 96") { threads in
      func passes<Cell: RecurrentCell<Float>>(_ cell: Cell) -> any Workload {
        CellPasses(cell, products: products, threads: threads)
      }
      return passes(make())
    }
  }

  static let cells = [
    cell("lstm", products: 8) { LSTMCell(inputSize: 96, hiddenSize: 96) },
    cell("lstm-peepholes", products: 8) {
      LSTMCell(inputSize: 96, hiddenSize: 96, options: LSTMOptions(peepholes: .diagonal))
    },
    cell("lstm-zoneout", products: 8) {
      ZoneoutCell(LSTMCell<Float>(inputSize: 96, hiddenSize: 96), hiddenRate: 0.1)
    },
    cell("lstm-recurrent-dropout", products: 8) {
      RecurrentDropoutCell(LSTMCell<Float>(inputSize: 96, hiddenSize: 96), rate: 0.2)
    },
    cell("layer-norm-lstm", products: 8) { LayerNormLSTMCell(inputSize: 96, hiddenSize: 96) },
    cell("gru", products: 6) { GRUCell(inputSize: 96, hiddenSize: 96) },
    cell("gru-reset-before", products: 6) {
      GRUCell(inputSize: 96, hiddenSize: 96, resetGate: .beforeProduct)
    },
    cell("rnn", products: 2) { RNNCell(inputSize: 96, hiddenSize: 96) },
    cell("min-gru", products: 2) { MinGRUCell(inputSize: 96, hiddenSize: 96) },
    cell("sru", products: 3) { SRUCell(inputSize: 96, hiddenSize: 96) },
    cell("qrnn", products: 6) { QRNNCell(inputSize: 96, hiddenSize: 96) },
  ]
}
