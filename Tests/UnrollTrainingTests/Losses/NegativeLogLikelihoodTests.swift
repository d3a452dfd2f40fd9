import Testing
import TestSupport
import UnrollCore
import UnrollLayers
import UnrollTraining

@Suite("NegativeLogLikelihood")
struct NegativeLogLikelihoodTests {
  private let loss = NegativeLogLikelihood<Double>()

  @Test("leaves out targets that are ignored, and those beyond a length")
  func sequences() {
    let y: Tensor<Double> = noise([3, 2, 4])
    let targets = Tokens(time: 3, batch: 2, ids: [3, 0, 1, 2, Tokens.ignored, 1])
    let context = Context(lengths: [3, 1])
    let sum = loss.loss(y, of: targets, in: context)
    #expect(sum.count == 3)
    #expect(abs(sum.total + y[0, 0, 3] + y[0, 1, 0] + y[1, 0, 1]) < 1e-15)
    let dy = loss.gradient(y, of: targets, scale: 0.5, in: context)
    #expect(dy[0, 0, 3] == -0.5 && dy[0, 1, 0] == -0.5 && dy[1, 0, 1] == -0.5)
    #expect(dy.sum() == -1.5)
  }

  @Test(
    "after pooling has a target for each stream, of whatever length", arguments: [[3, 1], [0, 2]])
  func pooled(lengths: [Int]) {
    let y: Tensor<Double> = noise([2, 4])
    let targets = Tokens(time: 1, batch: 2, ids: [3, 1])
    let context = Context(lengths: lengths)
    let sum = loss.loss(y, of: targets, in: context)
    #expect(sum.count == 2)
    #expect(abs(sum.total + y[0, 3] + y[1, 1]) < 1e-15)
    let dy = loss.gradient(y, of: targets, scale: 2, in: context)
    #expect(dy.scalars == [0, 0, 0, -2, 0, -2, 0, 0])
  }

  @Test("stops the program where there are not as many targets as outputs")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = NegativeLogLikelihood<Float>().loss(
        Tensor(shape: [2, 4]), of: Tokens(time: 2, batch: 1, ids: [0, 1]), in: Context())
    }
    await #expect(processExitsWith: .failure) {
      _ = NegativeLogLikelihood<Float>().loss(
        Tensor(shape: [2, 1, 4]), of: Tokens(time: 1, batch: 2, ids: [0, 1]), in: Context())
    }
  }
}
