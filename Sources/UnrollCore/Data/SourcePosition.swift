/// Where a source stands, between two batches.
///
/// What comes next follows from it and the source: the order of a pass is decided by the seed and the
/// number of the pass, so it need not be stored.
public struct SourcePosition: Codable, Sendable, Equatable {
  /// Passes finished.
  public package(set) var epoch: Int
  /// Batches of this pass that are done.
  public package(set) var batch: Int
  /// What the source was made of: its data, its sizes and its seed, as one number. A source has the
  /// positions of equal sources and no others, since any other would go on differently.
  public let source: String

  // In checkpoints: they stay whatever the names become.
  private enum CodingKeys: String, CodingKey {
    case epoch = "epoch"
    case batch = "batch"
    case source = "source"
  }

  /// Where a source begins.
  package init(of source: Fingerprint) {
    epoch = 0
    batch = 0
    self.source = source.description
  }

  /// Whether a source of so many batches, which stands here, can stand there.
  package func canMove(to other: SourcePosition, batchesPerEpoch: Int) -> Bool {
    other.source == source && (0..<(1 << 53)).contains(other.epoch)
      && (0..<batchesPerEpoch).contains(other.batch)
  }

  /// Goes on to the next batch.
  package mutating func advance(batchesPerEpoch: Int) {
    batch += 1
    if batch == batchesPerEpoch { (epoch, batch) = (epoch + 1, 0) }
  }
}
