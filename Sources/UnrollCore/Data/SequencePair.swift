import UnrollFiles

/// Sequences to read, and what is written for each of them: the input of a network that makes one
/// sequence of another.
///
/// The decoder reads what was written before each step, in training that of the target (teacher
/// forcing, Williams and Zipser 1989). The lengths of a batch are those of its targets.
///
/// # Shapes
/// B pairs: sources of S steps, targets of T steps.
public struct SequencePair: Signal, Equatable {
  public typealias Gradient = NoGradient

  /// What is read, `[S, B]`.
  public var source: Tokens
  /// The number of steps of each source that count, `[B]`.
  public var sourceLengths: [Int]
  /// What was written before each step, `[T, B]`; at the first step the symbol of a beginning.
  public var decoderInput: Tokens
  /// The probability with which a step of training reads what the network itself would have written
  /// before, in `0...1` (scheduled sampling, Bengio et al. 2015).
  public var sampling: Double

  /// - Parameters:
  ///   - sourceLengths: the steps of each source that count; all unless given.
  ///   - sampling: the probability of reading what the network would have written; 0 for teacher
  ///     forcing.
  /// - Precondition: both have the same B, lengths are in `0...S`, and the probability in `0...1`.
  public init(
    source: Tokens, sourceLengths: [Int]? = nil, decoderInput: Tokens, sampling: Double = 0
  ) {
    let lengths = sourceLengths ?? Array(repeating: source.time, count: source.batch)
    require(
      source.batch == decoderInput.batch,
      "SequencePair: \(source.batch) sources and \(decoderInput.batch) targets")
    require(
      lengths.count == source.batch && lengths.allSatisfy { 0...source.time ~= $0 },
      "SequencePair: the lengths \(lengths) are not \(source.batch) numbers in 0...\(source.time)")
    require(0...1 ~= sampling, "SequencePair: the probability \(sampling) is not in 0...1")
    self.source = source
    self.sourceLengths = lengths
    self.decoderInput = decoderInput
    self.sampling = sampling
  }

  /// B.
  public var batch: Int { source.batch }
}
