import Foundation
import UnrollCore
import UnrollFiles

/// The cross-entropy in which what is known already counts less, so that many easy examples do not outweigh a few hard ones
/// (Lin et al. 2017).
///
///     p = softmax(y)        loss = sum of -(1 - p_t)^g log p_t        t the target
///
///     dy_v = ((1 - p_t)^g - g (1 - p_t)^(g-1) p_t log p_t) (p_v - [v = t])
///
/// With g = 0 it is ``CrossEntropy``. It takes logits, as `Dense` gives them. Targets equal to ``Tokens/ignored``, and those
/// beyond a stream's length, are left out; the others count as ``TargetWeights/classes`` and ``TargetWeights/positions`` say.
/// Labels are not smoothed.
///
/// # Shapes
/// Output: logits `[T, B, V]`; target `[T, B]`. Where the steps were pooled, output `[B, V]`; target `[1, B]`, which
/// counts whatever a stream's length.
public struct FocalLoss<Element: Scalar>: Loss {
  /// How much less what is known counts, g.
  public let focus: Double

  /// - Parameter focus: g, at least 0; 2 in the paper.
  public init(focus: Double = 2) {
    require(focus >= 0 && focus.isFinite, "FocalLoss: a focus of at least 0, not \(focus)")
    self.focus = focus
  }

  public func loss(_ output: Tensor<Element>, of target: Tokens, in context: Context) -> LossSum {
    var sum = LossSum()
    forEachTarget(output, target, context) { _, t, weight, p in
      sum.total += weight * pow(1 - p[t], focus) * -log(max(p[t], .leastNormalMagnitude))
      sum.weight += weight
      sum.count += 1
    }
    return sum
  }

  public func gradient(
    _ output: Tensor<Element>, of target: Tokens, scale: Double, in context: Context
  ) -> Tensor<Element> {
    var gradient = Tensor<Element>(shape: output.shape)
    gradient.withUnsafeMutableBufferPointer { dy in
      forEachTarget(output, target, context) { first, t, weight, p in
        let rest = 1 - p[t]
        // The limit at p = 1 is 0, also of exponents below 1.
        let slope =
          rest > 0
          ? pow(rest, focus)
            - focus * pow(rest, focus - 1) * p[t] * log(max(p[t], .leastNormalMagnitude))
          : focus == 0 ? 1 : 0
        for v in p.indices {
          dy[first + v] = Element(scale * weight * slope * (p[v] - (v == t ? 1 : 0)))
        }
      }
    }
    return gradient
  }

  /// The first element, the target, the weight and the probabilities of every position that has a target.
  private func forEachTarget(
    _ output: Tensor<Element>, _ target: Tokens, _ context: Context,
    _ body: (Int, Int, Double, [Double]) -> Void
  ) {
    let target = target.targets(of: output, in: context, loss: "FocalLoss")
    let weights = context.targetWeights
    let positions = weights.positions(count: target.ids.count, of: "FocalLoss")
    let classes = output.columns
    require(
      weights.classes?.count ?? classes == classes,
      "FocalLoss: \(weights.classes?.count ?? 0) weights for \(classes) classes")
    require(weights.smoothing == 0, "FocalLoss: labels cannot be smoothed; use CrossEntropy")
    output.withUnsafeBufferPointer { y in
      for (row, id) in target.ids.enumerated() where id >= 0 {
        let first = row * classes
        let most = (0..<classes).reduce(-Double.infinity) { max($0, Double(y[first + $1])) }
        let shares = (0..<classes).map { exp(Double(y[first + $0]) - most) }
        let sum = shares.reduce(0, +)
        body(
          first, Int(id), (positions?[row] ?? 1) * (weights.classes?[Int(id)] ?? 1),
          shares.map { $0 / sum })
      }
    }
  }
}
