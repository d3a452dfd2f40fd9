import CUnrollKernels
import UnrollCore

/// The cross-entropy of logits and target tokens, in nats: the negative log-likelihood of the softmax.
///
///     loss = sum of log(sum of exp(z)) - z[target]        dz = softmax(z) - 1 where v is the target
///
/// For a model that ends in a `Dense`; it agrees with `DenseSoftmax`, which goes from its input to the
/// loss without storing the logits of all positions. The greatest logit of a position is taken from
/// the others first, so that nothing overflows. For log-probabilities there is
/// ``NegativeLogLikelihood``.
///
/// Targets equal to ``Tokens/ignored``, and those beyond a stream's length, are left out.
///
/// # Shapes
/// Output: logits `[T, B, V]`; target `[T, B]`. Where the steps were pooled, output `[B, V]`; target
/// `[1, B]`, which counts whatever a stream's length.
public struct CrossEntropy<Element: Scalar>: Loss {
  public init() {}

  public func loss(
    _ output: Tensor<Element>, of target: Tokens, in context: Context
  ) -> LossSum {
    let target = target.targets(of: output, in: context, loss: "CrossEntropy")
    let losses = softmax(output, target, context).losses
    return LossSum(total: losses.reduce(0, +), count: target.ids.count { $0 >= 0 })
  }

  public func gradient(
    _ output: Tensor<Element>, of target: Tokens, scale: Double, in context: Context
  ) -> Tensor<Element> {
    let target = target.targets(of: output, in: context, loss: "CrossEntropy")
    var gradient = softmax(output, target, context).gradient
    gradient *= Element(scale)
    return gradient
  }

  /// The loss of each position, and its gradient.
  private func softmax(
    _ output: Tensor<Element>, _ target: Tokens, _ context: Context
  ) -> (losses: [Double], gradient: Tensor<Element>) {
    let (rows, classes) = (target.ids.count, output.columns)
    var gradient = output
    let losses = [Double](unsafeUninitializedCapacity: rows) { losses, count in
      gradient.withUnsafeMutableBufferPointer { logits in
        target.ids.withUnsafeBufferPointer { targets in
          nonisolated(unsafe) let z = logits.baseAddress
          nonisolated(unsafe) let y = targets.baseAddress
          nonisolated(unsafe) let l = losses.baseAddress
          Threads.forEachRange(rows, threads: context.threads, grain: 64) { range in
            guard let z, let y, let l else { return }
            unroll_softmax_loss(
              Element.kernelType, range.count, classes, z + range.lowerBound * classes,
              y + range.lowerBound, l + range.lowerBound)
          }
        }
      }
      count = rows
    }
    return (losses, gradient)
  }
}
