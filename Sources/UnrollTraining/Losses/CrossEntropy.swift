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
/// Targets equal to ``Tokens/ignored``, and those beyond a stream's length, are left out; the others count
/// as ``Context/targetWeights`` says.
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
    return softmax(output, target, context).sum
  }

  public func gradient(
    _ output: Tensor<Element>, of target: Tokens, scale: Double, in context: Context
  ) -> Tensor<Element> {
    let target = target.targets(of: output, in: context, loss: "CrossEntropy")
    var gradient = softmax(output, target, context).gradient
    gradient *= Element(scale)
    return gradient
  }

  /// The loss, and its gradient.
  private func softmax(
    _ output: Tensor<Element>, _ target: Tokens, _ context: Context
  ) -> (sum: LossSum, gradient: Tensor<Element>) {
    let weights = context.targetWeights
    _ = weights.positions(count: target.ids.count, of: "CrossEntropy")
    var gradient = output
    let sum = gradient.softmaxLoss(
      of: target.ids[...], weights: weights, threads: context.threads)
    return (sum, gradient)
  }
}
