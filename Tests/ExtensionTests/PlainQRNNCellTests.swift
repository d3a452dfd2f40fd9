import Testing
import Unroll
import UnrollTesting

@Suite("A linear cell of one's own")
struct PlainQRNNCellTests {
  private func noise(_ shape: [Int], _ seed: UInt64 = 5) -> Tensor<Double> {
    let random = RandomSource(seed: seed)
    return Tensor(
      shape: shape, scalars: (0..<shape.reduce(1, *)).map { random.uniform($0) * 2 - 1 })
  }

  @Test("It keeps all laws, alone, with noise around it, and in both directions")
  func laws() throws {
    let x = noise([6, 3, 4])

    try checkLayer(Recurrent(PlainQRNNCell<Double>(inputSize: 4, hiddenSize: 5)), input: x)

    var registry = LayerRegistry<Double>.standard
    registry.register(PlainQRNNCell<Double>.self)
    let cell = PlainQRNNCell<Double>(inputSize: 4, hiddenSize: 5)
    try checkLayer(
      Recurrent(ZoneoutCell(cell, hiddenRate: 0.2, memoryRate: 0.3)), input: x, registry: registry)
    try checkLayer(Bidirectional<Double> { Recurrent(cell) }, input: x, registry: registry)
  }

  @Test("The built-in one computes the same")
  func builtIn() {
    var plain = Recurrent(PlainQRNNCell<Double>(inputSize: 4, hiddenSize: 5))
    plain.visitParameters { $1.value = noise($1.shape) }
    var fused = QRNN<Double>(inputSize: 4, hiddenSize: 5)
    fused.cell.projection = plain.cell.projection

    func train<L: Layer<Double>>(_ layer: inout L) -> [Tensor<Double>]
    where L.Input == Tensor<Double>, L.Output == Tensor<Double> {
      var (state, cache) = (layer.makeState(batch: 9), layer.makeCache())
      let context = Context(lengths: [7, 3, 0, 1, 7, 6, 5, 2, 4])
      let y = layer.forward(noise([7, 9, 4]), state: &state, cache: &cache, in: context)
      let dx = layer.backward(
        noise([7, 9, 5], 6).zeroingSteps(beyond: context.lengths), state: &state, cache: &cache,
        in: context)
      var found = [y, dx]
      layer.visitParameters { found.append($1.gradient) }
      return found
    }
    for (a, b) in zip(train(&plain), train(&fused)) {
      #expect(a.shape == b.shape)
      for (x, y) in zip(a.scalars, b.scalars) { #expect(abs(x - y) < 1e-12) }
    }
  }
}
