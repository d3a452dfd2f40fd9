/// What the first and the last step of a sequence have seen of it: what a layer has to know that
/// makes one of them the summary of a sequence.
///
/// After a recurrent layer the last step has seen all steps. After a bidirectional one only its
/// forward half has; the backward half begins there, has seen that one step, and has seen all of
/// them at the first step.
public enum SequenceEnds: Sendable, Equatable {
  /// Every step is as it was given: no layer has read one step for another.
  case given
  /// The last step has seen all steps.
  case whole
  /// The first half of the features has seen all steps at the last one, the second half at the first
  /// one. `kind` is that of the layer that reads in both directions.
  case directions(kind: String)
  /// The same, where the halves were added up or mixed, so that neither can be taken by itself.
  case mixedDirections(kind: String)
  /// There are no steps any more: they were pooled.
  case pooled

  /// The ends after a layer that makes a step out of the same step, of all its features together.
  public var mixingFeatures: SequenceEnds {
    if case .directions(let kind) = self { .mixedDirections(kind: kind) } else { self }
  }
}

/// Layers in an order that computes something else than it seems to.
public struct StackError: Error, CustomStringConvertible {
  public let description: String

  /// - Parameter description: one line: which layer, what is wrong, and what to do about it.
  public init(_ description: String) {
    self.description = description
  }
}
