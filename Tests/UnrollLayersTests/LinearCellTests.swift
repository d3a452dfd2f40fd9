import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("Cells without a product in their recurrence")
struct LinearCellTests {
  private func drawn<Cell: RecurrentCell<Float>>(_ cell: Cell) -> Recurrent<Cell> {
    var layer = Recurrent(cell)
    layer.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
    return layer
  }

  /// What training on a long batch makes, byte for byte.
  private func bits<Cell: RecurrentCell<Float>>(_ cell: Cell, threads: Int) -> [UInt32] {
    let context = Context(lengths: (0..<70).map { $0 % 10 }, threads: threads)
    let training = Training(drawn(cell), noise([9, 70, 6]), batch: 70, context) { $0 }
    let gradients = training.gradients.sorted { $0.key < $1.key }.map(\.value)
    return ([training.output, training.input] + gradients).flatMap(\.scalars).map(\.bitPattern)
  }

  @Test("The number of threads changes no byte", arguments: [2, 3, 8])
  func threads(count: Int) {
    func check(_ cell: some RecurrentCell<Float>) {
      #expect(bits(cell, threads: count) == bits(cell, threads: 1))
    }
    check(MinGRUCell(inputSize: 6, hiddenSize: 40))
    check(MinLSTMCell(inputSize: 6, hiddenSize: 40))
    check(QRNNCell(inputSize: 6, hiddenSize: 40))
    check(SRUCell(inputSize: 6, hiddenSize: 40))
  }

  @Test("One step after another gives what all at once give")
  func steps() {
    func check(_ cell: some RecurrentCell<Float>) {
      let cell = drawn(cell).cell
      let x: Tensor<Float> = noise([4, 3, cell.inputSize])
      let whole = Recurrent(cell)(x)
      var state = cell.makeState(batch: 3)
      for t in 0..<4 {
        state = cell.step(x.step(t), from: state).state
        #expect(state.columns(0..<cell.outputSize) == whole.step(t))
      }
    }
    check(MinGRUCell(inputSize: 6, hiddenSize: 7))
    check(MinLSTMCell(inputSize: 6, hiddenSize: 7))
    check(QRNNCell(inputSize: 6, hiddenSize: 7, width: 1))
    check(SRUCell(inputSize: 6, hiddenSize: 6, activation: .tanh))
  }

  @Test("A QRNN of width 2 is one of width 1 that reads the input before beside each")
  func width() {
    let wide = drawn(QRNNCell(inputSize: 3, hiddenSize: 5, width: 2))
    var narrow = drawn(QRNNCell(inputSize: 6, hiddenSize: 5, width: 1))
    narrow.cell.projection = wide.cell.projection
    let x: Tensor<Float> = noise([5, 2, 3])
    var earlier = Tensor<Float>(shape: [5, 2, 3])
    earlier.setSteps(1..<5, to: x.steps(0..<4))
    #expect(wide(x) == narrow(.concatenatingColumns(earlier, x)))
  }

  @Test("The gates of a MinLSTM may be shut as tightly as can be")
  func shut() {
    let layer = Recurrent(MinLSTMCell<Float>(inputSize: 3, hiddenSize: 4))
    for (forget, input, kept) in [
      (-1e4, -1e4, 0.5), (-3e3, -2e3, 0), (-2e3, -3e3, 1), (1e4, 1e4, 0.5), (1e4, -1e4, 1),
      (-1e4, 1e4, 0), (-120, -121, 0.731_058_58),
    ] as [(Float, Float, Float)] {
      var layer = layer
      layer.cell.projection.bias?.value = Tensor(
        shape: [12], scalars: [forget, input, 1].flatMap { Array(repeating: $0, count: 4) })
      layer.cell.projection.weight.value = Tensor(shape: [12, 3])
      let training = Training(layer, noise([2, 1, 3]), batch: 1) { $0 }
      let once = 1 - kept
      let expected = [once, once + kept * once]
      for t in 0..<2 { #expect(abs(training.output[t, 0, 2] - expected[t]) < 1e-6) }
      for gradient in training.gradients.values {
        #expect(gradient.scalars.allSatisfy { $0.isFinite })
      }
    }
  }

  @Test("An SRU with the forget gate open and the highway shut adds up nothing")
  func kept() {
    var layer = Recurrent(SRUCell<Float>(inputSize: 2, hiddenSize: 2))
    layer.cell.projection.bias?.value = Tensor(shape: [6], scalars: [1, 1, 30, 30, 30, 30])
    layer.cell.projection.weight.value = Tensor(shape: [6, 2])
    var (state, cache) = (layer.makeState(batch: 1), layer.makeCache())
    state.values = Tensor(shape: [1, 4], scalars: [9, 9, 0.5, -2])
    let y = layer.forward(noise([3, 1, 2]), state: &state, cache: &cache, in: Context(.inference))
    #expect(y.scalars == [0.5, -2, 0.5, -2, 0.5, -2])
    #expect(state.values.scalars == [0.5, -2, 0.5, -2])
  }

  @Test("Sizes below 1 stop the program")
  func wrongSizes() async {
    await #expect(processExitsWith: .failure) { _ = MinGRUCell(inputSize: 0, hiddenSize: 1) }
    await #expect(processExitsWith: .failure) { _ = MinLSTMCell(inputSize: 1, hiddenSize: 0) }
    await #expect(processExitsWith: .failure) {
      _ = QRNNCell(inputSize: 1, hiddenSize: 1, width: 0)
    }
    await #expect(processExitsWith: .failure) { _ = SRUCell(inputSize: 1, hiddenSize: -1) }
  }
}
