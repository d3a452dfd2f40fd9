import UnrollCore
import UnrollFiles

/// What a model makes of the batches of one pass over a source, batch after batch.
///
/// ```
/// for (output, batch) in model.predictions(over: test) { ... }
/// ```
///
/// The model runs for inference, with the state carried as the batches say, from a fresh one on.
public struct Predictions<Model: Layer, Source: BatchSource>: Sequence, IteratorProtocol
where Source.Input == Model.Input {
  public typealias Element = (output: Model.Output, batch: Batch<Source.Input, Source.Target>)

  private let model: Model
  private var source: Source
  private var state: Model.State
  private var cache: Model.Cache
  private let threads: Int
  private var left: Int

  init(_ model: Model, _ source: Source, threads: Int) {
    self.model = model
    self.source = source
    self.threads = threads
    state = model.makeState(batch: source.batchSize)
    cache = model.makeCache()
    left = source.batchesPerEpoch
  }

  public mutating func next() -> Element? {
    guard left > 0 else { return nil }
    left -= 1
    let batch = source.next()
    if let failure = source.failure { require(false, "Predictions: \(failure)") }
    let context = Context(
      .inference, of: batch, for: model, carrying: &state, size: source.batchSize,
      threads: threads)
    let output = model.forward(batch.input, state: &state, cache: &cache, in: context)
    return (output, batch)
  }
}

extension Layer {
  /// What the model makes of the batches of one pass over a source, from where the source stands.
  ///
  /// - Precondition: the source has no ``BatchSource/failure`` meanwhile. Of one that may,
  ///   ``Trainer/validate(_:)`` throws it.
  public func predictions<Source: BatchSource>(
    over source: Source, threads: Int = Threads.default
  ) -> Predictions<Self, Source> where Source.Input == Input {
    Predictions(self, source, threads: threads)
  }
}

extension Tensor {
  /// For each row the column of its largest element, the first of those that are equal.
  @specialized(where Element == Float)
  public func largestColumns() -> [Int] {
    let columns = columns
    require(columns > 0, "the largest column of a tensor of shape \(shape)")
    return withUnsafeBufferPointer { x in
      (0..<rows).map { row in
        let first = row * columns
        var best = 0
        for j in 0..<columns where x[first + j] > x[first + best] { best = j }
        return best
      }
    }
  }
}
