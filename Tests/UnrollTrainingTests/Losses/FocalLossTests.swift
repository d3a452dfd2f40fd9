import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollTraining

@Suite("FocalLoss")
struct FocalLossTests {
  private let y: Tensor<Double> = noise([3, 2, 4], seed: 1)
  private let target = Tokens(time: 3, batch: 2, ids: [0, 3, -1, 2, 1, 1])

  private func contexts() -> [Context] {
    var weighted = Context(lengths: [3, 2])
    weighted.targetWeights = TargetWeights(
      classes: [1, 0.5, 2, 0], positions: [1, 2, 3, 0.5, 1, 1])
    return [Context(), Context(lengths: [2, 1]), weighted]
  }

  @Test("Without a focus it is the cross-entropy")
  func crossEntropy() {
    for context in contexts() {
      let (a, b) = (FocalLoss<Double>(focus: 0), CrossEntropy<Double>())
      let (x, z) = (a.loss(y, of: target, in: context), b.loss(y, of: target, in: context))
      #expect(abs(x.total - z.total) < 1e-12 && x.weight == z.weight && x.count == z.count)
      let gradient = a.gradient(y, of: target, scale: 0.7, in: context)
      #expect(
        difference(gradient, b.gradient(y, of: target, scale: 0.7, in: context)) < 1e-12)
    }
  }

  @Test("Gradients are what numerical differences say", arguments: [0.5, 1, 2, 5])
  func gradients(focus: Double) {
    let loss = FocalLoss<Double>(focus: focus)
    for context in contexts() {
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

  @Test("What is known counts less, by the formula; what is certain has no gradient")
  func values() {
    let logits = Tensor<Double>(shape: [2, 2], scalars: [log(9), 0, 800, -800])
    let sum = FocalLoss<Double>(focus: 2).loss(
      logits, of: Tokens(time: 1, batch: 2, ids: [0, 0]), in: Context())
    #expect(abs(sum.total - 0.01 * -log(0.9)) < 1e-12)
    let gradient = FocalLoss<Double>(focus: 0.5).gradient(
      logits, of: Tokens(time: 1, batch: 2, ids: [0, 0]), scale: 1, in: Context())
    #expect(gradient[1, 0] == 0 && gradient[1, 1] == 0)
    let wrong = FocalLoss<Double>().loss(
      logits, of: Tokens(time: 1, batch: 2, ids: [0, 1]), in: Context())
    #expect(wrong.total.isFinite && wrong.total > 500)
  }

  @Test("A focus below 0, and smoothed labels, stop the program")
  func misuse() async {
    await #expect(processExitsWith: .failure) { _ = FocalLoss<Float>(focus: -1) }
    await #expect(processExitsWith: .failure) {
      var context = Context()
      context.targetWeights = TargetWeights(smoothing: 0.1)
      _ = FocalLoss<Float>().loss(
        Tensor(shape: [1, 2]), of: Tokens(time: 1, batch: 1, ids: [0]), in: context)
    }
  }
}
