import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTraining

@Suite("NegativeLogLikelihood")
struct NegativeLogLikelihoodTests {
  private let loss = NegativeLogLikelihood<Double>()

  /// The logarithm of the softmax of noise.
  private static func logProbabilities<E: Scalar>(_ shape: [Int]) -> Tensor<E> {
    var y: Tensor<E> = noise(shape)
    let classes = y.columns
    for row in 0..<y.rows {
      let range = (row * classes)..<((row + 1) * classes)
      let sum = range.reduce(0) { $0 + exp(Double(y[flat: $1])) }
      for i in range { y[flat: i] -= E(log(sum)) }
    }
    return y
  }

  @Test("leaves out targets that are ignored, and those beyond a length")
  func sequences() {
    let y: Tensor<Double> = Self.logProbabilities([3, 2, 4])
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
    let y: Tensor<Double> = Self.logProbabilities([2, 4])
    let targets = Tokens(time: 1, batch: 2, ids: [3, 1])
    let context = Context(lengths: lengths)
    let sum = loss.loss(y, of: targets, in: context)
    #expect(sum.count == 2)
    #expect(abs(sum.total + y[0, 3] + y[1, 1]) < 1e-15)
    let dy = loss.gradient(y, of: targets, scale: 2, in: context)
    #expect(dy.scalars == [0, 0, 0, -2, 0, -2, 0, 0])
  }

  @Test("stops the program at the first call where the output is no log-probabilities")
  func misuse() async {
    let targets = Tokens(time: 1, batch: 2, ids: [1, 0])
    // Above 0; all below 0; all below 0 where the target is, and nowhere else; of one class.
    let outputs: [[Float]] = [
      [0.5, 2, -1, 0.1, 0.2, 0.3], [-3, -4, -5, -1, -2, -3], [-1, -0.1, -9, -0.5, 4, 8],
      [-130, 0, -1, 0, -130, -1],
    ]
    for scalars in outputs {
      await #expect(processExitsWith: .failure) { [scalars = scalars as [Float]] in
        _ = NegativeLogLikelihood<Float>().loss(
          Tensor(shape: [2, 3], scalars: scalars), of: Tokens(time: 1, batch: 2, ids: [1, 0]),
          in: Context())
      }
      await #expect(processExitsWith: .failure) { [scalars = scalars as [Float]] in
        _ = NegativeLogLikelihood<Double>().loss(
          Tensor(shape: [1, 2, 3], scalars: scalars.map { Double($0) }),
          of: Tokens(time: 1, batch: 2, ids: [1, 0]), in: Context(.inference))
      }
    }
    // What is right is taken: certain, of one class, of very many.
    let certain = Tensor<Float>(
      shape: [2, 3], scalars: [-.infinity, 0, -.infinity, 0, -200, -300])
    #expect(NegativeLogLikelihood().loss(certain, of: targets, in: Context()).total == 0)
    let one = Tensor<Float>(shape: [2, 1])
    #expect(
      NegativeLogLikelihood().loss(
        one, of: Tokens(time: 1, batch: 2, ids: [0, 0]), in: Context()
      ).count == 2)
    let many: Tensor<Float> = Self.logProbabilities([2, 60_000])
    #expect(NegativeLogLikelihood().loss(many, of: targets, in: Context()).mean > 9)
    // And what is not finite is left to the trainer.
    let unknown = Tensor<Float>(shape: [2, 3], repeating: .nan)
    #expect(NegativeLogLikelihood().loss(unknown, of: targets, in: Context()).total.isNaN)
    let nothing = Tensor<Float>(shape: [2, 3], repeating: 7)
    let ignored = Tokens(time: 1, batch: 2, ids: [-1, -1])
    #expect(NegativeLogLikelihood().loss(nothing, of: ignored, in: Context()).count == 0)
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
