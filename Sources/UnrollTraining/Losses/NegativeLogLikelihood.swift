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
/// Targets equal to ``Tokens/ignored``, and those beyond a stream's length, are left out.
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
      for (row, id) in target.ids.enumerated() where id >= 0 {
        sum.total -= Double(y[row * output.columns + Int(id)])
        sum.count += 1
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
      for (row, id) in target.ids.enumerated() where id >= 0 {
        dy[row * output.columns + Int(id)] = Element(-scale)
      }
    }
    return gradient
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
