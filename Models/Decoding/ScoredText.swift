/// A text that a model wrote, and how good it is.
public struct ScoredText: Sendable, Equatable {
  public var text: String
  /// The ids of its characters, bytes or words.
  public var ids: [Int32]
  /// The sum of the log-probabilities of all that was written, in nats, the end among it where
  /// there is one.
  public var logProbability: Double
  /// The log-probability after ``LengthNormalization``: the greater, the better.
  public var score: Double

  init(_ hypothesis: BeamSearch.Hypothesis, text: String) {
    self.text = text
    ids = hypothesis.symbols
    logProbability = hypothesis.logProbability
    score = hypothesis.score
  }
}
