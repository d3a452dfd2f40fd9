import UnrollFiles

/// Sequences of unequal length, whole and from a fresh state, in another order in every pass: to
/// learn one label for each, or one for each of their steps.
///
///     let texts = try LabeledTexts(CSVTable("sms.csv"), text: "text", label: "label")
///     let vocabulary = try Vocabulary(texts.texts.joined(separator: "\n"))
///     let source = try PaddedSequences(
///       texts.encoded(by: vocabulary), labels: texts.ids, batching: .similarLengths(), batchSize: 32)
///
/// The sequences of a batch are padded to the longest one, and the batch's lengths say how many steps
/// of each count. Every batch has `batchSize` streams. Where the sequences are no multiple of it, one
/// batch of a pass is filled up with streams of length 0 and an ignored target: each sequence counts
/// once in a pass.
///
/// # Shapes
/// Inputs: tokens `[T, B]` or features `[T, B, F]`, T the longest of the batch and at least 1.
/// Targets: `[1, B]` for labels, `[T, B]` for tags. Padding is 0 in inputs and ``Tokens/ignored`` in
/// targets.
public struct PaddedSequences<Input: Signal>: BatchSource {
  /// Which sequences go into a batch together.
  public enum Batching: Sendable, Equatable {
    /// Any.
    case mixed
    /// Similar lengths, so that less is padded: out of so many batches' worth of sequences at a
    /// time, at least 1. Both those and the order of the batches are random.
    case similarLengths(outOf: Int = 50)
  }

  /// The steps of each sequence.
  public let lengths: [Int]
  /// The label of each sequence, or of each of its steps.
  private let targets: Targets
  /// The input of a batch: these sequences, padded to so many steps, and empty streams up to so many.
  private let pad: @Sendable (_ indices: [Int], _ time: Int, _ batch: Int) -> Input
  private var batches: ShuffledBatches

  enum Targets: Sendable {
    case labels([Int32])
    case tags([[Int32]])
  }

  /// - Throws: ``SequencesError`` if there are no sequences, or one of them has no target.
  init(
    lengths: [Int], targets: Targets, batching: Batching, batchSize: Int, seed: UInt64?,
    data: Fingerprint, pad: @escaping @Sendable ([Int], Int, Int) -> Input
  ) throws {
    var data = data
    switch targets {
    case .labels(let labels):
      require(
        labels.count == lengths.count && labels.allSatisfy { $0 >= 0 },
        "PaddedSequences: \(lengths.count) sequences need as many labels of at least 0, not "
          + "\(labels.count), the least \(labels.min() ?? 0)")
      data.combine(labels)
    case .tags(let tags):
      require(
        tags.map(\.count) == lengths,
        "PaddedSequences: each of \(lengths.count) sequences needs as many tags as it has steps")
      require(
        tags.allSatisfy { $0.allSatisfy { $0 >= 0 || $0 == Tokens.ignored } },
        "PaddedSequences: a tag is at least 0, or Tokens.ignored")
      for (index, tags) in tags.enumerated() {
        guard tags.contains(where: { $0 >= 0 }) else {
          throw SequencesError.noTargets(sequence: index)
        }
        data.combine(tags)
      }
    }
    guard !lengths.isEmpty else { throw SequencesError.none }
    var pool: Int?
    if case .similarLengths(let batches) = batching { pool = batches }
    self.lengths = lengths
    self.targets = targets
    self.pad = pad
    batches = ShuffledBatches(
      examples: lengths.count, batchSize: batchSize, seed: seed, lengths: lengths, pool: pool,
      data: data)
  }

  public var batchSize: Int { batches.batchSize }
  public var batchesPerEpoch: Int { batches.batchesPerEpoch }

  public var position: SourcePosition {
    get { batches.position }
    set { batches.position = newValue }
  }

  public func canResume(at position: SourcePosition) -> Bool { batches.canResume(at: position) }

  public mutating func next() -> Batch<Input, Tokens> {
    let indices = batches.next()
    let time = max(1, indices.map { lengths[$0] }.max() ?? 1)
    let fill = Array(repeating: 0, count: batchSize - indices.count)
    return Batch(
      input: pad(indices, time, batchSize), target: target(indices, time),
      lengths: indices.map { lengths[$0] } + fill)
  }

  private func target(_ indices: [Int], _ time: Int) -> Tokens {
    switch targets {
    case .labels(let labels):
      let fill = Array(repeating: Tokens.ignored, count: batchSize - indices.count)
      return Tokens(time: 1, batch: batchSize, ids: indices.map { labels[$0] } + fill)
    case .tags(let tags):
      return Tokens(
        padding: indices.map { tags[$0] }, with: Tokens.ignored, time: time, batch: batchSize)
    }
  }
}
