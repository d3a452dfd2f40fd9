/// How well a query q and a step m of the memory match.
public enum AttentionScore: Sendable, Equatable {
  /// `q . m` (Luong et al. 2015): the query has as many features as the memory.
  case dot
  /// `q . W m` (Luong et al. 2015).
  case general
  /// `v . tanh(W q + U m + b)`, with A hidden units, at least 1 (Bahdanau et al. 2015).
  case additive(size: Int)
}
