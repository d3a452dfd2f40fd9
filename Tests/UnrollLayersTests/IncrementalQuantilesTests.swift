import Testing
import UnrollCore
import UnrollLayers

@Suite("IncrementalQuantiles")
struct IncrementalQuantilesTests {
  /// torch: `y[1] = x[1]; y[2] = y[1] + softplus(x[2]); y[3] = y[2] + softplus(x[3]);
  /// y[0] = y[1] - softplus(x[0])`, and its gradient for 1, 2, 3, 4, in double precision.
  @Test("agrees with PyTorch")
  func golden() {
    var layer = IncrementalQuantiles<Double>(count: 4)
    var cache = layer.makeCache()
    let x = Tensor<Double>(shape: [1, 4], scalars: [0.3, -1.2, 2, -40])
    let y = layer.forward(x, cache: &cache, in: Context(.training))
    let expected = [-2.0543552444685274, -1.2, 0.9269280110429727, 0.9269280110429727]
    for (a, b) in zip(y.scalars, expected) { #expect(abs(a - b) < 1e-14) }
    let dx = layer.backward(
      Tensor(shape: [1, 4], scalars: [1, 2, 3, 4]), cache: &cache, in: Context(.training))
    let slopes = [-0.5744425168116589, 10, 6.165579545845177, 1.6993417021166355e-17]
    for (a, b) in zip(dx.scalars, slopes) { #expect(abs(a - b) < 1e-14) }
  }

  @Test("never crosses, whatever comes in", arguments: [1, 2, 5, 9])
  func rises(count: Int) {
    let layer = IncrementalQuantiles<Float>(count: count)
    var cache = layer.makeCache()
    let values: [Float] = (0..<(count * 8)).map { i in
      let part = Float((i * 37) % 23 - 11)
      return i % 3 == 0 ? part * 1e4 : i % 3 == 1 ? part : part * 1e-4
    }
    let y = layer.forward(
      Tensor(shape: [2, 4 * count], scalars: values), cache: &cache, in: Context(.inference))
    for first in stride(from: 0, to: y.count, by: count) {
      for i in (first + 1)..<max(first + 1, first + count) {
        #expect(y[flat: i] >= y[flat: i - 1])
      }
    }
    #expect(cache == nil)
  }

  @Test("refuses features that are no whole number of predictions")
  func misuse() async throws {
    #expect(throws: ShapeError.self) {
      try IncrementalQuantiles<Float>(count: 3).outputShape(of: [2, 7])
    }
    await #expect(processExitsWith: .failure) { _ = IncrementalQuantiles<Float>(count: 0) }
  }
}
