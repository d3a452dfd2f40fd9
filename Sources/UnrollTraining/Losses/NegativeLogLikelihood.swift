import UnrollCore

/// The negative log-likelihood of target tokens, in nats.
///
///     loss = sum of -y[target]        dy[v] = -1 where v is the target, else 0
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
    let target = checked(target, output, context)
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
    let target = checked(target, output, context)
    var gradient = Tensor<Element>(shape: output.shape)
    gradient.withUnsafeMutableBufferPointer { dy in
      for (row, id) in target.ids.enumerated() where id >= 0 {
        dy[row * output.columns + Int(id)] = Element(-scale)
      }
    }
    return gradient
  }

  private func checked(
    _ target: Tokens, _ output: Tensor<Element>, _ context: Context
  ) -> Tokens {
    let isSequence = output.rank > 2
    let positions = isSequence ? [target.time, target.batch] : [target.batch]
    require(
      output.shape == positions + [output.columns] && (isSequence || target.time == 1)
        && target.ids.allSatisfy { $0 < output.columns },
      "NegativeLogLikelihood: targets [T \(target.time), B \(target.batch)] up to "
        + "\(target.ids.max() ?? -1) for an output of shape \(output.shape)")
    return isSequence ? target.ignoring(beyond: context.lengths) : target
  }
}
