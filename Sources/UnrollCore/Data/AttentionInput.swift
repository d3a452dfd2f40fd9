import UnrollFiles

/// What attends, and the steps of another sequence that are attended to.
///
/// # Shapes
/// B streams: T queries and S steps of the other sequence.
public struct AttentionInput<Element: Scalar>: Signal {
  /// The gradients with respect to both.
  public struct Gradient: Sendable {
    /// `[T, B, Q]`.
    public var queries: Tensor<Element>
    /// `[S, B, M]`, zero beyond the lengths.
    public var memory: Tensor<Element>

    public init(queries: Tensor<Element>, memory: Tensor<Element>) {
      self.queries = queries
      self.memory = memory
    }
  }

  /// `[T, B, Q]`: the steps of a decoder, say. The lengths of the context are theirs.
  public var queries: Tensor<Element>
  /// `[S, B, M]`: the steps of an encoder, say.
  public var memory: Tensor<Element>
  /// The number of steps of each stream of the memory that count, `[B]`.
  public var memoryLengths: [Int]

  /// - Parameter memoryLengths: the steps of the memory that count; all unless given.
  /// - Precondition: both have the same B, and lengths are in `0...S`.
  public init(queries: Tensor<Element>, memory: Tensor<Element>, memoryLengths: [Int]? = nil) {
    queries.expectShape([nil, nil, nil], axes: "TBQ", of: "AttentionInput queries")
    memory.expectShape([nil, queries.shape[1], nil], axes: "SBM", of: "AttentionInput memory")
    let (steps, batch) = (memory.shape[0], memory.shape[1])
    let lengths = memoryLengths ?? Array(repeating: steps, count: batch)
    require(
      lengths.count == batch && lengths.allSatisfy { 0...steps ~= $0 },
      "AttentionInput: the lengths \(lengths) are not \(batch) numbers in 0...\(steps)")
    self.queries = queries
    self.memory = memory
    self.memoryLengths = lengths
  }
}
