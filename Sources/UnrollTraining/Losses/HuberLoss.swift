import UnrollCore
import UnrollFiles

/// A squared difference up to a threshold and an absolute one beyond it, so that a few wild targets
/// do not decide (Huber 1964).
///
///     r = y - target
///     loss = sum of r^2 / 2 where |r| <= d, else d (|r| - d / 2)
///     dy = r brought into [-d, d]
///
/// Its mean is over the numbers, not over the steps. Steps beyond a stream's length are left out.
///
/// # Shapes
/// Output and target `[T, B, F]`. Where the steps were pooled, `[B, F]`; a stream of length 0 is left
/// out there.
public struct HuberLoss<Element: Scalar>: Loss {
  /// Where the square ends, d.
  public let threshold: Double

  /// - Parameter threshold: d, above 0, in the unit of the targets.
  public init(threshold: Double = 1) {
    require(
      threshold > 0 && threshold.isFinite, "HuberLoss: a threshold above 0, not \(threshold)")
    self.threshold = threshold
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func loss(
    _ output: Tensor<Element>, of target: Tensor<Element>, in context: Context
  ) -> LossSum {
    let d = Element(threshold)
    return Residuals(output, target, in: context, loss: "HuberLoss").sum { r in
      abs(r) <= d ? r * r / 2 : d * (abs(r) - d / 2)
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func gradient(
    _ output: Tensor<Element>, of target: Tensor<Element>, scale: Double, in context: Context
  ) -> Tensor<Element> {
    let (d, factor) = (Element(threshold), Element(scale))
    return Residuals(output, target, in: context, loss: "HuberLoss").map { r in
      factor * (r > d ? d : r < -d ? -d : r)
    }
  }
}
