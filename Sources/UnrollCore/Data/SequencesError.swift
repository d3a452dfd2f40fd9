/// Why data are no sequences to train on.
@nonexhaustive
public enum SequencesError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is not a single sequence.
  case none
  /// Every step is to have a target, and a sequence has no step that has one. Sequences count from
  /// 0.
  case noTargets(sequence: Int)
  /// A number that is not finite, in a sequence.
  case notFinite(sequence: Int, step: Int, feature: Int)

  /// One line: what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .none: "there are no sequences; give at least one"
    case .noTargets(let sequence):
      "sequence \(sequence) has no step with a target; leave it out"
    case .notFinite(let sequence, let step, let feature):
      "feature \(feature) of step \(step) of sequence \(sequence) is not a finite number; fill it in, "
        + "or leave the sequence out"
    }
  }
}
