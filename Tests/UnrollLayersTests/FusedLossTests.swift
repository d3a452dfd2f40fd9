import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("The fused loss")
struct FusedLossTests {
  @Test("The loss of DenseSoftmax, against its forward and the loss of its output")
  func loss() {
    var layer = DenseSoftmax<Double>(inputSize: 4, classes: 7)
    layer.initialize(seed: 2)
    layer.dense.bias.value = noise([7], seed: 4)
    let x: Tensor<Double> = noise([3, 2, 4])
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
