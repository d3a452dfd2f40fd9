/// Where a source of shuffled examples stands.
///
/// The order of a pass follows from the seed and the number of the pass, so it need not be stored.
public struct ShuffledPosition: Codable, Sendable, Equatable {
  /// Passes finished.
  public var epoch: Int
  /// Batches of this pass that are done.
  public var batch: Int
  /// What the source was made of: its data, its sizes and its seed, as one number. A source has the
  /// positions of equal sources and no others, since any other would go on differently.
  public let source: String
}
