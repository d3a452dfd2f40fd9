import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("LayerNorm")
struct LayerNormTests {
  @Test("brings features to mean 0 and variance 1, then scales and shifts")
  func numbers() {
    var layer = LayerNorm<Double>(inputSize: 2, epsilon: 7)
    layer.weight.value = Tensor(shape: [2], scalars: [2, 10])
    layer.bias.value = Tensor(shape: [2], scalars: [0.5, -1])
    // Mean 3, variance 9, and 9 + 7 is 16: n is -3/4 and 3/4.
    let y = layer(Tensor(shape: [1, 1, 2], scalars: [0, 6]))
    #expect(y.scalars == [-1, 6.5])
  }

  @Test("gives its bias where all features are equal")
  func constant() {
    var layer = LayerNorm<Float>(inputSize: 3)
    layer.initialize(seed: 1)
    layer.bias.value = Tensor(shape: [3], scalars: [1, 2, 3])
    #expect(layer(Tensor(shape: [1, 3], repeating: 1e20)).scalars == [1, 2, 3])
  }

  @Test("has the right gradients", arguments: [nil, [3, 2], [0, 1]] as [[Int]?])
  func gradients(lengths: [Int]?) {
    expectGradients(
      of: LayerNorm<Double>(inputSize: 5, epsilon: 0.1), noise([3, 2, 5]), Context(lengths: lengths)
    )
  }

  @Test("takes what has no time, with the lengths of a sequence before")
  func rankTwo() {
    expectGradients(
      of: LayerNorm<Double>(inputSize: 5), noise([4, 5]), Context(lengths: [2, 0, 1, 1]))
  }

  @Test("does not let padding leak")
  func padding() {
    expectPaddingDoesNotLeak(LayerNorm(inputSize: 7), features: 7)
  }

  @Test("gives the same bytes for any number of threads")
  func threads() {
    func results(_ threads: Int) -> [Tensor<Float>] {
      let trained = Training(
        layer(130), noise([31, 9, 130]), batch: 9, Context(threads: threads)
      ) { _ in noise([31, 9, 130], seed: 2) }
      return [trained.output, trained.input, trained.gradients["weight"] ?? trained.input]
    }
    #expect(results(2) == results(1))
    #expect(results(3) == results(1))
  }

  private func layer(_ size: Int) -> LayerNorm<Float> {
    var layer = LayerNorm<Float>(inputSize: size)
    layer.weight.value = noise([size], seed: 3)
    layer.bias.value = noise([size], seed: 4)
    return layer
  }

  @Test("stops the program where the features are not as many")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = LayerNorm<Float>(inputSize: 3)(Tensor(shape: [2, 1, 4]))
    }
    await #expect(processExitsWith: .failure) { _ = LayerNorm<Float>(inputSize: 0) }
    await #expect(processExitsWith: .failure) { _ = LayerNorm<Float>(inputSize: 3, epsilon: 0) }
    #expect(throws: ShapeError.self) {
      try LayerNorm<Float>(inputSize: 3).outputShape(of: [2, 1, 4])
    }
  }
}
