import Foundation
import UnrollCore
import UnrollFiles

/// The negative log-likelihood of target tokens, in nats.
///
///     loss = sum of -y[target]        dy[v] = -1 where v is the target, else 0
///
/// It takes log-probabilities, as `DenseSoftmax` gives them, and stops the program where they are none:
/// where one is above 0, or where the probabilities of a position do not add up to 1, which is looked
/// at for a few positions of each call. For logits, as `Dense` gives them, there is ``CrossEntropy``.
///
/// Targets equal to ``Tokens/ignored``, and those beyond a stream's length, are left out; the others count
/// as ``Context/targetWeights`` says.
///
/// # Shapes
/// Output: log-probabilities `[T, B, V]`; target `[T, B]`. Where the steps were pooled, output
/// `[B, V]`; target `[1, B]`, which counts whatever a stream's length.
public struct NegativeLogLikelihood<Element: Scalar>: Loss {
  public init() {}

  @specialized(where Element == Float)
  public func loss(
    _ output: Tensor<Element>, of target: Tokens, in context: Context
  ) -> LossSum {
    let target = target.targets(of: output, in: context, loss: "NegativeLogLikelihood")
    expectLogProbabilities(output, target)
    var sum = LossSum()
    output.withUnsafeBufferPointer { y in
      forEachTarget(target, output.columns, context) { first, t, shares in
        sum.count += 1
        sum.weight += shares.weight
        sum.total -= shares.target * Double(y[first + t])
        guard shares.others != 0 else { return }
        for v in 0..<output.columns {
          sum.total -= shares.others * (shares.classes?[v] ?? 1) * Double(y[first + v])
        }
      }
    }
    return sum
  }

  @specialized(where Element == Float)
  public func gradient(
    _ output: Tensor<Element>, of target: Tokens, scale: Double, in context: Context
  ) -> Tensor<Element> {
    let target = target.targets(of: output, in: context, loss: "NegativeLogLikelihood")
    var gradient = Tensor<Element>(shape: output.shape)
    gradient.withUnsafeMutableBufferPointer { dy in
      forEachTarget(target, output.columns, context) { first, t, shares in
        if shares.others != 0 {
          for v in 0..<output.columns {
            dy[first + v] = Element(-scale * shares.others * (shares.classes?[v] ?? 1))
          }
        }
        dy[first + t] += Element(-scale * shares.target)
      }
    }
    return gradient
  }

  /// What the log-probabilities of a position count: with a weight a of it, `a (1 - e) w_t` that of the
  /// target, and `a e / V` times its own weight each.
  private struct Shares {
    var target, others, weight: Double
    let classes: [Double]?
  }

  /// The first element and the target of every position that has one.
  private func forEachTarget(
    _ target: Tokens, _ classes: Int, _ context: Context, _ body: (Int, Int, Shares) -> Void
  ) {
    let weights = context.targetWeights
    let positions = weights.positions(count: target.ids.count, of: "NegativeLogLikelihood")
    require(
      weights.classes?.count ?? classes == classes,
      "NegativeLogLikelihood: \(weights.classes?.count ?? 0) weights for \(classes) classes")
    for (row, id) in target.ids.enumerated() where id >= 0 {
      let weight = (positions?[row] ?? 1) * (weights.classes?[Int(id)] ?? 1)
      body(
        row * classes, Int(id),
        Shares(
          target: (1 - weights.smoothing) * weight,
          others: weights.smoothing / Double(classes) * (positions?[row] ?? 1), weight: weight,
          classes: weights.classes))
    }
  }

  /// Looks at the value of every target, and at all classes of a few positions that have one. What is
  /// not finite is left to the trainer, which says where it came from.
  @specialized(where Element == Float)
  private func expectLogProbabilities(_ output: Tensor<Element>, _ target: Tokens) {
    let rows = target.ids.indices.filter { target.ids[$0] >= 0 }
    let classes = output.columns
    output.withUnsafeBufferPointer { y in
      for row in rows {
        let value = Double(y[row * classes + Int(target.ids[row])])
        require(
          value <= Self.tolerance || !value.isFinite,
          "\(Self.misuse): the value of a target is \(value), above 0; \(Self.remedy)")
      }
      for row in stride(from: 0, to: rows.count, by: max(1, rows.count / 4)) {
        let first = rows[row] * classes
        let sum = y[first..<(first + classes)].reduce(0) { $0 + exp(Double($1)) }
        require(
          abs(sum - 1) <= Self.tolerance || !sum.isFinite,
          "\(Self.misuse): the probabilities of a position add up to \(sum), not to 1; "
            + Self.remedy)
      }
    }
  }

  /// What single precision and many classes may make of a sum of 1.
  private static var tolerance: Double { 1e-3 }
  private static var misuse: String {
    "NegativeLogLikelihood: the output of the model is no log-probabilities"
  }
  private static var remedy: String {
    "use CrossEntropy, which takes logits, or end the model in DenseSoftmax"
  }
}
