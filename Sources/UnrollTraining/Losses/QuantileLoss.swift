import UnrollCore
import UnrollFiles

/// The pinball loss, which makes an output a quantile of what may come (Koenker and Bassett 1978).
///
///     r = target - y
///     loss = sum over the levels p of max(p r, (p - 1) r)        dy = (1 where r < 0, else 0) - p; 0 where r = 0
///
/// So what comes is above the quantile p with the probability 1 - p. Its mean is over the quantiles: half the
/// absolute error for the level 0.5 alone. Steps beyond a stream's length are left out. `IncrementalQuantiles` at the
/// end of the model keeps quantiles from crossing.
///
/// # Shapes
/// Output `[T, B, F Q]`, the Q quantiles of the first number, then of the second; target `[T, B, F]`. Where the steps
/// were pooled, `[B, F Q]` and `[B, F]`; a stream of length 0 is left out there.
public struct QuantileLoss<Element: Scalar>: Loss {
  /// The probabilities of the quantiles, Q of them.
  public let levels: [Double]

  /// - Parameter levels: the probabilities of the quantiles, above 0, below 1 and rising.
  public init(levels: [Double]) {
    require(
      !levels.isEmpty && levels.allSatisfy { $0 > 0 && $0 < 1 }
        && zip(levels, levels.dropFirst()).allSatisfy { $0 < $1 },
      "QuantileLoss: levels that rise within 0 and 1, not \(levels)")
    self.levels = levels
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func loss(
    _ output: Tensor<Element>, of target: Tensor<Element>, in context: Context
  ) -> LossSum {
    let levels = levels.map { Element($0) }
    return residuals(output, target, context).sum(byColumn: { column, r in
      let p = levels[column % levels.count]
      return r > 0 ? (1 - p) * r : -p * r
    })
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func gradient(
    _ output: Tensor<Element>, of target: Tensor<Element>, scale: Double, in context: Context
  ) -> Tensor<Element> {
    let levels = levels.map { Element($0) }
    let factor = Element(scale)
    return residuals(output, target, context).map(byColumn: { column, r in
      let p = levels[column % levels.count]
      // What is not a number goes on as such, and is told of.
      return r > 0 ? factor * (1 - p) : r < 0 ? -factor * p : r
    })
  }

  /// The differences of each quantile and its number.
  private func residuals(
    _ output: Tensor<Element>, _ target: Tensor<Element>, _ context: Context
  ) -> Residuals<Element> {
    require(
      output.rank >= 2 && output.rank == target.rank
        && output.shape.dropLast() == target.shape.dropLast()
        && output.columns == target.columns * levels.count,
      "QuantileLoss: \(levels.count) quantiles of targets of shape \(target.shape), and outputs of "
        + "shape \(output.shape)")
    let count = levels.count
    let repeated = Tensor<Element>(uninitialized: output.shape) { y in
      target.withUnsafeBufferPointer { x in
        for i in y.indices { y[i] = x[i / count] }
      }
    }
    return Residuals(output, repeated, in: context, loss: "QuantileLoss")
  }
}
