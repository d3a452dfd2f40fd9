import UnrollCore

/// The absolute difference of an output and its target, which makes a forecast the median of what
/// may come, where ``MeanSquaredError`` makes it the mean.
///
///     loss = sum of |y - target|        dy = the sign of y - target, 0 where they are equal
///
/// Its mean is over the numbers, not over the steps. Steps beyond a stream's length are left out.
///
/// # Shapes
/// Output and target `[T, B, F]`. Where the steps were pooled, `[B, F]`; a stream of length 0 is left
/// out there.
public struct MeanAbsoluteError<Element: Scalar>: Loss {
  public init() {}

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func loss(
    _ output: Tensor<Element>, of target: Tensor<Element>, in context: Context
  ) -> LossSum {
    Residuals(output, target, in: context, loss: "MeanAbsoluteError").sum { abs($0) }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func gradient(
    _ output: Tensor<Element>, of target: Tensor<Element>, scale: Double, in context: Context
  ) -> Tensor<Element> {
    let factor = Element(scale)
    // What is not a number goes on as such, and is told of.
    return Residuals(output, target, in: context, loss: "MeanAbsoluteError").map {
      $0 > 0 ? factor : $0 < 0 ? -factor : $0
    }
  }
}
