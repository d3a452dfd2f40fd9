/// Makes the learning rate smaller when the validation loss no longer falls: a factor on top of any
/// ``Schedule``.
public struct ReduceOnPlateau: Codable, Sendable, Equatable {
  /// What the learning rate is multiplied with.
  public var factor: Double
  /// How many validations in a row may bring nothing better before it is.
  public var patience: Int
  /// The product of the factors so far.
  public private(set) var scale = 1.0
  private var waits = 0

  // In checkpoints: they stay whatever the names become.
  private enum CodingKeys: String, CodingKey {
    case factor = "factor"
    case patience = "patience"
    case scale = "scale"
    case waits = "waits"
  }

  public init(factor: Double = 0.5, patience: Int = 3) {
    self.factor = factor
    self.patience = patience
  }

  /// Goes on where another stood.
  mutating func restore(_ other: ReduceOnPlateau) {
    (scale, waits) = (other.scale, other.waits)
  }

  /// Whether it is one that validations can have led to.
  var isWhole: Bool {
    scale.isFinite && scale > 0 && 0...max(patience, 0) ~= waits && waits < 1 << 53
  }

  /// Takes note of a validation.
  ///
  /// - Parameter isBest: whether its loss is the least so far.
  mutating func note(isBest: Bool) {
    waits = isBest ? 0 : waits + 1
    guard waits > patience else { return }
    waits = 0
    scale *= factor
  }
}
