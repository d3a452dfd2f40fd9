import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// Layers that were there before lengths were thought of.
@Suite("Padding does not leak")
struct PaddingTests {
  @Test("through Dense and DenseSoftmax")
  func dense() {
    expectPaddingDoesNotLeak(Dense(inputSize: 4, outputSize: 6), features: 4)
    expectPaddingDoesNotLeak(DenseSoftmax(inputSize: 4, classes: 6), features: 4)
  }

  @Test("through layers that leave padding as it is")
  func stack() {
    expectPaddingDoesNotLeak(
      Sequential<Tensor<Float>, Tensor<Float>, Float> {
        Residual { Dropout(rate: 0) }
        Dense(inputSize: 4, outputSize: 6)
        Bidirectional { Dense(inputSize: 6, outputSize: 3) }
        Residual { LSTM(inputSize: 6, hiddenSize: 6) }
        DenseSoftmax(inputSize: 6, classes: 7)
      }, features: 4)
  }

  @Test("into the gradients of Dense, also at the padding itself", arguments: [[3, 1], [0, 2]])
  func gradients(lengths: [Int]) {
    let context = Context(lengths: lengths)
    expectGradients(of: Dense<Double>(inputSize: 4, outputSize: 5), noise([3, 2, 4]), context)
    expectGradients(of: DenseSoftmax<Double>(inputSize: 4, classes: 5), noise([3, 2, 4]), context)
  }

  @Test("into the fused loss")
  func loss() {
    var layer = DenseSoftmax<Float>(inputSize: 4, classes: 5)
    layer.initialize(seed: 1)
    var x: Tensor<Float> = noise([3, 2, 4])
    let clean = x
    for f in 0..<4 { x[2, 1, f] = .nan }
    let targets = Tokens(time: 3, batch: 2, ids: [0, 4, 3, 2, 1, 3])
    func run(_ x: Tensor<Float>) -> [Tensor<Float>] {
      var (layer, cache) = (layer, layer.makeCache())
      var none: Void = ()
      let context = Context(lengths: [3, 2])
      let sum = layer.loss(x, of: targets, state: &none, cache: &cache, in: context)
      #expect(sum.count == 5)
      let dx = layer.lossBackward(scale: 1, state: &none, cache: &cache, in: context)
      return [
        dx, layer.dense.weight.gradient, layer.dense.bias.gradient,
        Tensor(shape: [], scalars: [Float(sum.total)]),
      ]
    }
    #expect(run(x) == run(clean))
  }

  @Test("out of what has no time, though there are lengths")
  func rankTwo() {
    let x: Tensor<Double> = noise([3, 3])
    let lengths = Context(lengths: [0, 2, 1])
    let layer = Dense<Double>(inputSize: 3, outputSize: 4)
    expectGradients(of: layer, x, lengths)
    let plain = Training(layer, x, batch: 3) { $0 }
    let padded = Training(layer, x, batch: 3, lengths) { $0 }
    #expect(plain.output == padded.output)
    #expect(plain.input == padded.input)
    #expect(plain.gradients == padded.gradients)
  }

  @Test("where lengths are not those of the streams: that stops the program")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = Context(lengths: [1, 2]).resolvedLengths(time: 3, batch: 3)
    }
    await #expect(processExitsWith: .failure) {
      _ = Context(lengths: [1, 4]).resolvedLengths(time: 3, batch: 2)
    }
    #expect(Context(lengths: [1, 3]).resolvedLengths(time: 3, batch: 2) == [1, 3])
    #expect(Context().resolvedLengths(time: 3, batch: 2) == [3, 3])
  }
}
