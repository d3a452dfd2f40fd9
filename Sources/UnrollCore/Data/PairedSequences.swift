import UnrollFiles

/// Pairs of sequences, to learn to write the second for the first, in another order in every pass.
///
///     let source = try PairedSequences(pairs, boundary: boundary, batchSize: 64)
///
/// A target ends with a symbol of its own, the boundary, and what the decoder reads begins with it:
///
///     target         c  a  t  |
///     decoder input  |  c  a  t
///
/// Both sides are padded to the longest one of the batch; pairs of similar lengths go together, so
/// that little is. Where the pairs are no multiple of `batchSize`, one batch of a pass is filled up
/// with empty streams, so that each pair counts once in a pass.
///
/// # Shapes
/// Sources `[S, B]`, decoder inputs and targets `[T, B]`, S and T the longest of the batch and at
/// least 1. Padding is 0 in inputs and ``Tokens/ignored`` in targets. The lengths of a batch are
/// those of the targets.
public struct PairedSequences: BatchSource {
  /// A sequence, and the one that is to be written for it: ids of at least 0.
  public typealias Pair = (source: [Int32], target: [Int32])

  /// The symbol before the first and after the last one of a target.
  public let boundary: Int32
  /// How often the decoder reads its own symbols.
  public let sampling: ScheduledSampling
  private let pairs: [Pair]
  private var batches: ShuffledBatches

  /// - Parameters:
  ///   - pairs: either side may be empty.
  ///   - boundary: an id that no target has.
  ///   - pool: pairs of similar lengths are looked for among so many batches' worth of them, at
  ///     least 1; `nil` to take any together.
  ///   - batchSize: pairs in a batch, B, at least 1.
  ///   - sampling: how often the decoder reads its own symbols.
  ///   - seed: what decides the orders; with `nil` pairs are taken as they are given.
  /// - Throws: ``SequencesError/none`` if there are no pairs.
  public init(
    _ pairs: [Pair], boundary: Int32, pool: Int? = 50, batchSize: Int,
    sampling: ScheduledSampling = .never, seed: UInt64? = 1
  ) throws {
    guard !pairs.isEmpty else { throw SequencesError.none }
    require(sampling.problem == nil, "PairedSequences: \(sampling.problem ?? "")")
    var data = Fingerprint("pairs")
    for (index, pair) in pairs.enumerated() {
      require(
        (pair.source + pair.target).allSatisfy { $0 >= 0 },
        "PairedSequences: pair \(index) has an id below 0")
      require(
        !pair.target.contains(boundary),
        "PairedSequences: the target of pair \(index) has the boundary \(boundary)")
      data.combine(pair.source)
      data.combine(pair.target)
    }
    data.combine(Int(boundary))
    for mark in sampling.marks { data.combine(mark) }
    self.boundary = boundary
    self.sampling = sampling
    self.pairs = pairs
    batches = ShuffledBatches(
      examples: pairs.count, batchSize: batchSize, seed: seed,
      lengths: pairs.map { $0.source.count + $0.target.count }, pool: pool, data: data)
  }

  public var batchSize: Int { batches.batchSize }
  public var batchesPerEpoch: Int { batches.batchesPerEpoch }

  public var position: SourcePosition {
    get { batches.position }
    set { batches.position = newValue }
  }

  public func canResume(at position: SourcePosition) -> Bool { batches.canResume(at: position) }

  public mutating func next() -> Batch<SequencePair, Tokens> {
    let before = position.epoch * batchesPerEpoch + position.batch
    let chosen = batches.next().map { pairs[$0] }
    let fill = Array(repeating: 0, count: batchSize - chosen.count)
    let (sources, targets) = (chosen.map(\.source), chosen.map(\.target))
    let longest = sources.map(\.count).max() ?? 0
    let time = 1 + (targets.map(\.count).max() ?? 0)
    return Batch(
      input: SequencePair(
        source: Tokens(padding: sources, with: 0, time: max(1, longest), batch: batchSize),
        sourceLengths: sources.map(\.count) + fill,
        decoderInput: Tokens(
          padding: targets.map { [boundary] + $0 }, with: 0, time: time, batch: batchSize),
        sampling: sampling.probability(at: before)),
      target: Tokens(
        padding: targets.map { $0 + [boundary] }, with: Tokens.ignored, time: time,
        batch: batchSize),
      lengths: targets.map { $0.count + 1 } + fill)
  }
}
