/// The events of a run as an asynchronous sequence, for a program that shows them elsewhere than where it
/// trains.
///
/// ```
/// let stream = TrainingEventStream()
/// let training = Task(executorPreference: TrainingExecutor.shared) {
///   var trainer = trainer
///   try trainer.train(steps: 1000, observers: [stream])
///   return trainer.bestModel
/// }
/// for await event in stream.events {
///   if case .trained(let report) = event { show(report.loss) }
/// }
/// ```
///
/// The sequence ends with the run. One who reads slowly misses steps: of events that wait to be read, the
/// newest are kept.
public struct TrainingEventStream: TrainingObserver, Sendable {
  /// The events, to be read once.
  public let events: AsyncStream<TrainingEvent>
  private let continuation: AsyncStream<TrainingEvent>.Continuation

  /// - Parameter limit: how many events may wait to be read, at least 1.
  public init(keepingNewest limit: Int = 256) {
    (events, continuation) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingNewest(max(limit, 1)))
  }

  public mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision {
    continuation.yield(event)
    switch event {
    case .ended, .failed: continuation.finish()
    default: break
    }
    return .continue
  }
}
