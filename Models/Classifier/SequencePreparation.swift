import UnrollCore

/// What makes sequences as they are given those that a classifier's network sees: learned from the sequences to learn
/// from, and saved with the model. ``NumberPreparation`` and ``TextPreparation`` are the two that there are.
public protocol SequencePreparation: Codable, Sendable, Equatable {
  /// A sequence as it is given: numbers `[T, F]`, or a text.
  associatedtype Example: Sendable
  /// What a network sees of a batch.
  associatedtype Input: Signal where Input.Gradient: SummableGradient

  /// What a file calls it.
  static var kind: String { get }

  /// Sequences with their labels, padded, for a trainer.
  ///
  /// - Parameters:
  ///   - batchSize: the sequences of a batch, at least 1.
  ///   - seed: what decides the orders; with `nil` they come as they are given.
  /// - Throws: what is wrong with a sequence.
  func batches(
    _ examples: [Example], labels: [Int32], batchSize: Int, seed: UInt64?
  ) throws -> PaddedSequences<Input>

  /// The shape of an input of one step of one sequence.
  var inputShape: [Int] { get }
  /// An input of one step of one sequence.
  var emptyInput: Input { get }
}
