import UnrollCore

/// How far a model's numbers are from their targets, over a source.
///
/// ```
/// let report = RegressionReport(of: model, over: test) { scales.original($0, columns: [0]) }
/// print(report.meanAbsoluteError)
/// ```
///
/// Steps beyond a stream's length, and pooled streams of length 0, do not count.
public struct RegressionReport: Sendable, Equatable {
  /// How many numbers were compared.
  public private(set) var count = 0
  private var absolute = 0.0
  private var square = 0.0

  /// The mean of the absolute differences; not a number where there are none.
  public var meanAbsoluteError: Double { absolute / Double(count) }
  /// The square root of the mean of the squared differences; not a number where there are none.
  public var rootMeanSquareError: Double { (square / Double(count)).squareRoot() }

  /// Compares outputs and targets over one pass of a source.
  ///
  /// - Parameters:
  ///   - model: its outputs have the shape of the targets: `[T, B, F]` or, pooled, `[B, F]`.
  ///   - source: where the batches are from.
  ///   - convert: what is done to outputs and to targets first, such as bringing them back to their
  ///     unit.
  public init<Model: Layer, Source: BatchSource>(
    of model: Model, over source: Source, threads: Int = Threads.default,
    converting convert: (Tensor<Model.Element>) -> Tensor<Model.Element> = { $0 }
  )
  where
    Source.Input == Model.Input, Model.Output == Tensor<Model.Element>,
    Source.Target == Tensor<Model.Element>
  {
    for (output, batch) in model.predictions(over: source, threads: threads) {
      let context = Context(.inference, lengths: batch.lengths)
      let residuals = Residuals(
        convert(output), convert(batch.target), in: context, loss: "RegressionReport")
      let sum = residuals.sum { abs($0) }
      absolute += sum.total
      count += sum.count
      square += residuals.sum { $0 * $0 }.total
    }
  }
}
