import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("Bidirectional")
struct BidirectionalTests {
  private func layer(_ merging: DirectionMerging) -> Bidirectional<Double> {
    var layer = Bidirectional<Double>(merging: merging) {
      LSTM<Double>(inputSize: 4, hiddenSize: 5)
    }
    layer.initialize(seed: 3)
    return layer
  }

  @Test("sums or averages what it would put side by side", arguments: [nil, [3, 1]] as [[Int]?])
  func values(lengths: [Int]?) {
    func output(_ merging: DirectionMerging) -> Tensor<Double> {
      Training(layer(merging), noise([3, 2, 4]), batch: 2, Context(lengths: lengths)) { $0 }.output
    }
    let both = output(.concatenation)
    let sum = both.columns(0..<5) + both.columns(5..<10)
    #expect(output(.sum) == sum)
    #expect(output(.average) == sum * 0.5)
    #expect(both.columns(0..<5) != both.columns(5..<10))
  }

  @Test(
    "has the right gradients", arguments: [DirectionMerging.concatenation, .sum, .average],
    [nil, [3, 2], [0, 3]] as [[Int]?])
  func gradients(merging: DirectionMerging, lengths: [Int]?) {
    expectGradients(of: layer(merging), noise([3, 2, 4]), Context(lengths: lengths))
    expectGradients(
      of: layer(merging), noise([3, 2, 4]), Context(lengths: lengths, restarts: [false, true]))
  }

  @Test("gives as many features as its merging leaves")
  func shapes() throws {
    #expect(try layer(.concatenation).outputShape(of: [3, 2, 4]) == [3, 2, 10])
    #expect(try layer(.sum).outputShape(of: [3, 2, 4]) == [3, 2, 5])
    #expect(!layer(.average).isCausal)
  }

  @Test("does not let padding leak", arguments: [DirectionMerging.sum, .average])
  func padding(merging: DirectionMerging) {
    expectPaddingDoesNotLeak(
      Bidirectional(merging: merging) { Dense(inputSize: 4, outputSize: 3) }, features: 4)
  }
}
