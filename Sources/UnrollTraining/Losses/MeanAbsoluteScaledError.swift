import UnrollCore

/// The absolute difference of a forecast and its target, in units of what a naive forecast of the same series was wrong
/// by: MASE (Hyndman and Koehler 2006). Series of all sizes count the same.
///
///     loss = sum of w |y - target|        dy = w times the sign of y - target, 0 where they are equal
///
/// The weights w of a batch are 1 over that unit: `ForecastWindows` gives them where it is told the season. Its mean is
/// over the numbers, not over the weights, as it is for ``MeanAbsoluteError``. Steps beyond a stream's length are left out.
///
/// # Shapes
/// Output and target `[T, B, F]`, a weight for each step `[T, B]`. Where the steps were pooled, `[B, F]` and `[B]`.
public struct MeanAbsoluteScaledError<Element: Scalar>: Loss {
  public init() {}

  public func loss(
    _ output: Tensor<Element>, of target: Tensor<Element>, in context: Context
  ) -> LossSum {
    var sum = MeanAbsoluteError<Element>().loss(output, of: target, in: context)
    sum.weight = Double(sum.count)
    return sum
  }

  public func gradient(
    _ output: Tensor<Element>, of target: Tensor<Element>, scale: Double, in context: Context
  ) -> Tensor<Element> {
    MeanAbsoluteError<Element>().gradient(output, of: target, scale: scale, in: context)
  }
}
