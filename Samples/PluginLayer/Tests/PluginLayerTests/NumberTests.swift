import PluginLayer
import Testing
import Unroll

@Suite("Computed by hand")
struct NumberTests {
  @Test("RMSNorm: mean(x^2) is 12, with epsilon 16, so that s = 1/4")
  func norm() {
    var norm = RMSNorm<Double>(3, epsilon: 4)
    norm.weight.value = Tensor(shape: [3], scalars: [1, 2, -1])
    var cache = norm.makeCache()
    let x = Tensor(shape: [1, 1, 3], scalars: [2.0, 4, 4])
    let y = norm.forward(x, cache: &cache, in: Context())
    #expect(y.scalars == [0.5, 2, -1])

    // n = (0.5, 1, 1) and g = (4, 2, -1), so that mean(g n) = 1.
    let dy = Tensor(shape: [1, 1, 3], scalars: [4.0, 1, 1])
    let dx = norm.backward(dy, cache: &cache, in: Context())
    #expect(dx.scalars == [0.875, 0.25, -0.5])
    #expect(norm.weight.gradient.scalars == [2, 1, 1])
  }

  @Test("One step of GILR: p_g is 0, so that g = 1/2, and p_i is 0, so that i = 0")
  func step() {
    var cell = GILRCell<Double>(inputSize: 1, hiddenSize: 1)
    cell.projection.weight.value = Tensor(shape: [2, 1], scalars: [3, 0.5])
    cell.projection.bias?.value = Tensor(shape: [2], scalars: [-6, -1])
    let x = Tensor(shape: [1, 1], scalars: [2.0])
    let h = Tensor(shape: [1, 1], scalars: [6.0])
    let (after, run) = cell.step(x, from: h)
    #expect(after.scalars == [3])

    // da = 8 * 6 and db = 8, so that dp_g = 48 / 4 and dp_i = 8 / 2.
    let before = cell.stepBackward(Tensor(shape: [1, 1], scalars: [8]), through: run)
    #expect(before.run.projected.scalars == [12, 4])
    #expect(before.state.scalars == [4])
    #expect(before.input.scalars == [38])
    #expect(cell.projection.weight.gradient.scalars == [24, 8])
    #expect(cell.projection.bias?.gradient.scalars == [12, 4])
  }
}
