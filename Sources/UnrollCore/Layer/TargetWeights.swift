import UnrollFiles

/// How much the targets of a loss count: by class, by position, and with smoothed labels.
///
/// With weights w of classes, a of positions and smoothing e, the loss of a position i whose target is the
/// class t of V, with log-probabilities y, is
///
///     l_i = a_i ((1 - e) w_t (-y_t) + e / V sum over v of w_v (-y_v))
///
/// (Szegedy et al. 2016 for the smoothing), and the mean of many is the sum of them divided by that of
/// `a_i w_t`. Losses of numbers take the weights of positions alone.
public struct TargetWeights: Sendable, Equatable {
  /// The weight of each class, V of them, at least 0; `nil` for 1 each. Rare classes count as much as
  /// frequent ones with weights in proportion to one over their frequencies.
  public var classes: [Double]?
  /// The part of the probability that is shared out to all classes, e, in `[0, 1)`.
  public var smoothing: Double
  /// The weight of each position, time-major as the targets are, at least 0; `nil` for 1 each.
  public var positions: [Double]?

  /// - Precondition: weights are finite and at least 0, the smoothing is in `[0, 1)`.
  public init(classes: [Double]? = nil, smoothing: Double = 0, positions: [Double]? = nil) {
    func areWeights(_ weights: [Double]?) -> Bool {
      weights?.allSatisfy { $0 >= 0 && $0.isFinite } ?? true
    }
    require(
      areWeights(classes) && areWeights(positions),
      "TargetWeights: weights are finite numbers of at least 0")
    require(
      0..<1 ~= smoothing, "TargetWeights: the smoothing \(smoothing) is not in 0..<1")
    self.classes = classes
    self.smoothing = smoothing
    self.positions = positions
  }

  /// Whether every target counts as 1.
  public var areEqual: Bool { classes == nil && smoothing == 0 && positions == nil }

  /// The weights of the positions of a loss.
  ///
  /// - Precondition: there are as many.
  public func positions(count: Int, of loss: String) -> [Double]? {
    require(
      positions?.count ?? count == count,
      "\(loss): \(positions?.count ?? 0) weights of positions for \(count) positions")
    return positions
  }
}
