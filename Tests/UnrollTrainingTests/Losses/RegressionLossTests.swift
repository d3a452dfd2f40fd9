import TestSupport
import Testing
import UnrollCore
import UnrollTraining

@Suite("Losses of differences")
struct RegressionLossTests {
  typealias Difference = Loss<Tensor<Double>, Tensor<Double>>

  private static let losses: [any Difference] = [
    MeanSquaredError<Double>(), MeanAbsoluteError<Double>(), HuberLoss<Double>(threshold: 0.7),
    QuantileLoss<Double>(levels: [0.3]), MeanAbsoluteScaledError<Double>(),
  ]

  private let y: Tensor<Double> = noise([3, 2, 4], seed: 1)
  private let target: Tensor<Double> = noise([3, 2, 4], seed: 2)

  @Test("Gradients are what numerical differences say", arguments: 0..<5)
  func gradients(index: Int) {
    let loss = Self.losses[index]
    for (y, target, lengths) in [
      (y, target, nil), (y, target, [3, 1]),
      (y.reshaped([6, 4]), target.reshaped([6, 4]), nil),
      (y.reshaped([6, 4]), target.reshaped([6, 4]), [1, 0, 9, 2, 0, 1]),
    ] as [(Tensor<Double>, Tensor<Double>, [Int]?)] {
      let context = Context(lengths: lengths)
      let gradient = loss.gradient(y, of: target, scale: 0.3, in: context)
      for i in 0..<y.count {
        var (above, below) = (y, y)
        above[flat: i] += 1e-6
        below[flat: i] -= 1e-6
        let slope =
          (loss.loss(above, of: target, in: context).total
            - loss.loss(below, of: target, in: context).total) / 2e-6
        #expect(abs(gradient[flat: i] - 0.3 * slope) < 1e-8)
      }
    }
  }

  @Test("Values are those of the formulas, and the mean is over the numbers")
  func values() {
    let y = Tensor<Double>(shape: [1, 1, 4], scalars: [1, 2, 3, 5])
    let target = Tensor<Double>(shape: [1, 1, 4], scalars: [1, 2.5, 1, 9])
    #expect(
      MeanSquaredError().loss(y, of: target, in: Context()) == LossSum(total: 20.25, count: 4))
    #expect(
      MeanAbsoluteError().loss(y, of: target, in: Context()) == LossSum(total: 6.5, count: 4))
    #expect(
      HuberLoss(threshold: 2).loss(y, of: target, in: Context())
        == LossSum(total: 0.125 + 2 + 2 * 3, count: 4))
    #expect(
      HuberLoss(threshold: 2).gradient(y, of: target, scale: 1, in: Context()).scalars
        == [0, -0.5, 2, -2])
    #expect(
      MeanAbsoluteError().gradient(y, of: target, scale: 3, in: Context()).scalars
        == [0, -3, 3, -3])
  }

  @Test("What lies beyond a length does not count, whatever it holds", arguments: 0..<5)
  func masked(index: Int) {
    let loss = Self.losses[index]
    var (noisy, wild) = (y, target)
    for (t, b) in [(1, 1), (2, 1)] {
      for f in 0..<4 {
        noisy[t, b, f] = .nan
        wild[t, b, f] = .infinity
      }
    }
    let context = Context(lengths: [3, 1])
    let sum = loss.loss(noisy, of: wild, in: context)
    #expect(sum == loss.loss(y, of: target, in: context))
    #expect(sum.count == 16)
    let gradient = loss.gradient(noisy, of: wild, scale: 1, in: context)
    #expect(gradient == loss.gradient(y, of: target, scale: 1, in: context))
    #expect((0..<4).allSatisfy { gradient[1, 1, $0] == 0 && gradient[2, 1, $0] == 0 })
  }

  @Test("After pooling a stream of length 0 does not count", arguments: 0..<5)
  func pooled(index: Int) {
    let loss = Self.losses[index]
    let (y, target) = (y.step(0), target.step(0))
    let context = Context(lengths: [0, 7])
    #expect(loss.loss(y, of: target, in: context).count == 4)
    let gradient = loss.gradient(y, of: target, scale: 1, in: context)
    #expect(gradient.step(0).scalars == [0, 0, 0, 0])
    #expect(gradient.step(1).scalars.allSatisfy { $0 != 0 })
    #expect(loss.loss(y, of: target, in: Context()).count == 8)
  }

  @Test("What is no number is no small loss", arguments: 0..<5)
  func notANumber(index: Int) {
    let loss = Self.losses[index]
    var y = y
    y[1, 0, 2] = .nan
    #expect(loss.loss(y, of: target, in: Context()).total.isNaN)
    #expect(loss.gradient(y, of: target, scale: 1, in: Context())[1, 0, 2].isNaN)
  }

  @Test("Single precision gives the same, nearly")
  func single() {
    let (a, b): (Tensor<Float>, Tensor<Float>) = (noise([3, 2, 4]), noise([3, 2, 4], seed: 2))
    let sum = MeanSquaredError<Float>().loss(a, of: b, in: Context())
    #expect(abs(sum.total - MeanSquaredError().loss(y, of: target, in: Context()).total) < 1e-5)
  }

  @Test("Shapes that differ, and thresholds that are none, stop the program")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = MeanSquaredError<Float>().loss(
        Tensor(shape: [2, 3, 1]), of: Tensor(shape: [3, 2, 1]), in: Context())
    }
    await #expect(processExitsWith: .failure) {
      _ = MeanAbsoluteError<Float>().gradient(
        Tensor(shape: [4]), of: Tensor(shape: [4]), scale: 1, in: Context())
    }
    await #expect(processExitsWith: .failure) { _ = HuberLoss<Float>(threshold: 0) }
    await #expect(processExitsWith: .failure) {
      _ = MeanSquaredError<Float>().loss(
        Tensor(shape: [2, 3]), of: Tensor(shape: [2, 3]), in: Context(lengths: [1, 1, 1]))
    }
  }
}
