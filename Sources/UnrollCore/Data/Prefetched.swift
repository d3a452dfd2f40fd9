/// Batches of another source, the next of which is prepared on a thread of its own while a model is trained on
/// the one before: for sources that read or compute much for a batch.
///
///     let source = Prefetched(images)
///
/// The batches and their order are those of the source, and so are the positions: prepared or not, ``position``
/// is that of the next batch to be used, so that a checkpoint is the same with and without. One batch is
/// prepared at a time, by a copy of the source. Copies share what was prepared and go on by themselves.
///
/// A thread is woken for every batch, and takes its time from those that train. For sources whose data are
/// in memory, such as ``PaddedSequences``, it gains nothing: a batch takes less time than the wake-up.
public struct Prefetched<Source: BatchSource>: BatchSource {
  public typealias Input = Source.Input
  public typealias Target = Source.Target

  /// What gives the batches; it stands before the next one to be used.
  public private(set) var source: Source
  private var ahead: Background<Prepared>?

  private struct Prepared: Sendable {
    let batch: Batch<Input, Target>
    /// The source behind the batch.
    let source: Source

    init(next source: Source) {
      var source = source
      batch = source.next()
      self.source = source
    }
  }

  public init(_ source: Source) {
    self.source = source
  }

  public var batchSize: Int { source.batchSize }
  public var batchesPerEpoch: Int { source.batchesPerEpoch }
  public var failure: (any Error)? { source.failure }

  /// Where the next batch to be used begins. Setting it drops what was prepared.
  public var position: Source.Position {
    get { source.position }
    set {
      ahead = nil
      source.position = newValue
    }
  }

  public func canResume(at position: Source.Position) -> Bool { source.canResume(at: position) }

  public mutating func next() -> Batch<Input, Target> {
    let prepared = ahead?.wait() ?? Prepared(next: source)
    source = prepared.source
    ahead = failure == nil ? Background { [source] in Prepared(next: source) } : nil
    return prepared.batch
  }
}
