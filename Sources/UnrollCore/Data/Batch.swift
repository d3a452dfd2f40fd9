/// What a loader gives to training: an input, what the model should make of it, and how the streams
/// relate to those of the batch before.
public struct Batch<Input: Signal, Target: Sendable>: Sendable {
  /// How the streams of a batch follow on from those of the batch before.
  public enum Streams: Sendable, Equatable {
    /// Every stream begins anew: the state is a fresh one.
    case fresh
    /// Every stream goes on: the state is carried over.
    case continued
    /// The streams marked `true` begin anew, the others go on.
    case restarted([Bool])
  }

  public var input: Input
  public var target: Target
  /// The number of steps of each stream that count, where sequences are padded; `nil` for all.
  public var lengths: [Int]?
  public var streams: Streams
  /// The weight of each position in the loss, time-major as the targets are, at least 0; `nil` for 1 each.
  public var weights: [Double]?

  public init(
    input: Input, target: Target, lengths: [Int]? = nil, streams: Streams = .fresh,
    weights: [Double]? = nil
  ) {
    self.weights = weights
    self.input = input
    self.target = target
    self.lengths = lengths
    self.streams = streams
  }
}

/// A loader: batches in an order that its position alone decides, so that training can go on from
/// where it was saved.
public protocol BatchSource<Input, Target>: Sendable {
  associatedtype Input: Signal
  associatedtype Target: Sendable
  associatedtype Position: Codable, Sendable, Equatable

  /// Where the next batch begins. Setting a position that was read earlier goes back to it.
  ///
  /// - Precondition: a new position is one that this source has, see ``canResume(at:)``.
  var position: Position { get set }
  /// The number of batches in one pass over the data.
  var batchesPerEpoch: Int { get }
  /// The number of streams in a batch.
  var batchSize: Int { get }
  /// The next batch; after the last one of a pass, the first of the next pass.
  mutating func next() -> Batch<Input, Target>
  /// Why the batch that was given last is not to be used: what the source reads, such as a file, could not be
  /// read. A trainer asks after every batch, and throws it. By default there is never one.
  ///
  /// It is asked for, and not thrown by ``next()``, because most sources have all data in memory: a loop over
  /// their batches has nothing to try. Setting a position takes it back, to read again from there.
  var failure: (any Error)? { get }
  /// Whether a position is one of this source's; one that was saved with other data, or with other
  /// sizes, may not be. Ask before setting a position that comes from a file. By default every
  /// position is.
  func canResume(at position: Position) -> Bool
}

extension BatchSource {
  public func canResume(at position: Position) -> Bool { true }
  public var failure: (any Error)? { nil }
}
