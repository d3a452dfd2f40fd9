import Testing
import Unroll
import UnrollTesting

@Suite("Cells that look at their input")
struct InputCellTests {
  private func noise(_ shape: [Int]) -> Tensor<Double> {
    let random = RandomSource(seed: 8)
    return Tensor(
      shape: shape, scalars: (0..<shape.reduce(1, *)).map { random.uniform($0) * 2 - 1 })
  }

  @Test("A simple recurrent unit, with its highway, keeps all laws")
  func sru() throws {
    try checkLayer(Recurrent(PeepholeSRUCell<Double>(size: 4)), input: noise([6, 3, 4]))
  }

  @Test("A cell that projects its input itself keeps all laws, with a learned initial state too")
  func mogrifier() throws {
    let cell = MogrifierCell<Double>(inputSize: 4, hiddenSize: 5)
    try checkLayer(Recurrent(cell), input: noise([6, 3, 4]))
    try checkLayer(Recurrent(cell, initialState: .learned), input: noise([6, 3, 4]))
  }

  @Test("So do they with noise around them")
  func wrapped() throws {
    var registry = LayerRegistry<Double>.standard
    registry.register(PeepholeSRUCell<Double>.self)
    registry.register(MogrifierCell<Double>.self)
    let cell = ZoneoutCell(PeepholeSRUCell<Double>(size: 4), hiddenRate: 0.2, memoryRate: 0.1)
    try checkLayer(Recurrent(cell), input: noise([6, 3, 4]), registry: registry)
    try checkLayer(
      Recurrent(ZoneoutCell(MogrifierCell<Double>(inputSize: 4, hiddenSize: 5), hiddenRate: 0.2)),
      input: noise([6, 3, 4]), registry: registry)
  }

  @Test("One step alone gives the gradient of the input too")
  func alone() {
    var cell = PeepholeSRUCell<Double>(size: 3)
    cell.visitParameters { name, parameter in
      parameter.value = noise(parameter.shape)
    }
    let (x, s) = (noise([2, 3]), noise([2, 6]))
    let (_, run) = cell.step(x, from: s)
    let ones = Tensor<Double>(shape: [2, 6], repeating: 1)
    let gradient = cell.stepBackward(ones, through: run).input
    for i in 0..<6 {
      func sum(_ delta: Double) -> Double {
        var moved = x
        moved[flat: i] += delta
        return cell.step(moved, from: s).state.sum()
      }
      #expect(abs((sum(1e-5) - sum(-1e-5)) / 2e-5 - gradient[flat: i]) < 1e-8)
    }
  }
}
