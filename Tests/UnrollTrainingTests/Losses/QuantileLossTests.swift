import TestSupport
import Testing
import UnrollCore
import UnrollTraining

@Suite("Losses of forecasts")
struct QuantileLossTests {
  private let levels = [0.1, 0.5, 0.8]

  @Test(
    "The pinball loss of each quantile is that of the formula, and the mean is over all of them")
  func values() {
    // Two numbers with three quantiles each.
    let y = Tensor<Double>(shape: [1, 6], scalars: [1, 2, 5, -1, 0, 4])
    let target = Tensor<Double>(shape: [1, 2], scalars: [3, 0])
    let loss = QuantileLoss<Double>(levels: levels)
    let expected: Double = 0.1 * 2 + 0.5 * 1 + 0.2 * 2 + 0.1 * 1 + 0 + 0.2 * 4
    let sum = loss.loss(y, of: target, in: Context())
    #expect(abs(sum.total - expected) < 1e-12 && sum.count == 6 && sum.weight == 6)
    let gradient = loss.gradient(y, of: target, scale: 2, in: Context()).scalars
    for (a, b) in zip(gradient, [-0.2, -1, 0.4, -0.2, 0, 0.4]) { #expect(abs(a - b) < 1e-12) }
  }

  @Test("Gradients are what numerical differences say", arguments: [nil, [3, 1]])
  func gradients(lengths: [Int]?) {
    let (y, target): (Tensor<Double>, Tensor<Double>) = (
      noise([3, 2, 12]), noise([3, 2, 4], seed: 2)
    )
    let loss = QuantileLoss<Double>(levels: levels)
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

  @Test("What makes it least is the quantile of what came")
  func least() {
    let came: [Double] = (1...99).map { Double($0 * 37 % 100) }
    let target = Tensor<Double>(shape: [99, 1], scalars: came)
    let loss = QuantileLoss<Double>(levels: levels)
    func total(_ quantiles: [Double]) -> Double {
      let rows = came.flatMap { _ in quantiles }
      return loss.loss(Tensor(shape: [99, 3], scalars: rows), of: target, in: Context()).total
    }
    let best = total([10, 50, 80])
    for i in 0..<3 {
      for change in [-1.0, 1] {
        var other: [Double] = [10, 50, 80]
        other[i] += change
        #expect(total(other) > best - 1e-9)
      }
    }
  }

  @Test("MASE is the mean of errors in units of each series, not the mean by weight")
  func scaled() {
    let y = Tensor<Double>(shape: [2, 3], scalars: [1, 2, 3, 10, 20, 30])
    let target = Tensor<Double>(shape: [2, 3], scalars: [2, 2, 1, 0, 0, 0])
    var context = Context()
    context.targetWeights.positions = [0.5, 0.01]
    let loss = MeanAbsoluteScaledError<Double>()
    let sum = loss.loss(y, of: target, in: context)
    #expect(abs(sum.mean - (0.5 * 3 + 0.01 * 60) / 6) < 1e-12)
    let gradient = loss.gradient(y, of: target, scale: 1 / sum.weight, in: context).scalars
    let expected = [-0.5, 0, 0.5, 0.01, 0.01, 0.01].map { $0 / 6 }
    for (a, b) in zip(gradient, expected) { #expect(abs(a - b) < 1e-15) }
  }

  @Test("Levels that are none, and shapes that do not agree, stop the program")
  func preconditions() async {
    await #expect(processExitsWith: .failure) { _ = QuantileLoss<Float>(levels: []) }
    await #expect(processExitsWith: .failure) { _ = QuantileLoss<Float>(levels: [0.5, 0.1]) }
    await #expect(processExitsWith: .failure) { _ = QuantileLoss<Float>(levels: [0, 0.5]) }
    await #expect(processExitsWith: .failure) {
      _ = QuantileLoss<Float>(levels: [0.1, 0.9]).loss(
        Tensor(shape: [2, 3]), of: Tensor(shape: [2, 3]), in: Context())
    }
    await #expect(processExitsWith: .failure) {
      _ = QuantileLoss<Float>(levels: [0.1, 0.9]).loss(
        Tensor(shape: [3, 6]), of: Tensor(shape: [2, 3]), in: Context())
    }
  }
}
