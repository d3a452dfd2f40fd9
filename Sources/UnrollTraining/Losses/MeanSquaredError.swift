import UnrollCore

/// The squared difference of an output and its target: for forecasts and other regressions.
///
///     loss = sum of (y - target)^2        dy = 2 (y - target)
///
/// Its mean is over the numbers, not over the steps. Steps beyond a stream's length are left out.
///
/// # Shapes
/// Output and target `[T, B, F]`. Where the steps were pooled, `[B, F]`; a stream of length 0 is left
/// out there.
public struct MeanSquaredError<Element: Scalar>: Loss {
  public init() {}

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func loss(
    _ output: Tensor<Element>, of target: Tensor<Element>, in context: Context
  ) -> LossSum {
    Residuals(output, target, in: context, loss: "MeanSquaredError").sum { $0 * $0 }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func gradient(
    _ output: Tensor<Element>, of target: Tensor<Element>, scale: Double, in context: Context
  ) -> Tensor<Element> {
    let factor = Element(2 * scale)
    return Residuals(output, target, in: context, loss: "MeanSquaredError").map { factor * $0 }
  }
}
