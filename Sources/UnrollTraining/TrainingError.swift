/// What stops training at once.
public struct TrainingError: Error, CustomStringConvertible, Equatable {
  /// What was not finite.
  public enum Quantity: String, Sendable {
    case loss
    case gradient
  }

  public let quantity: Quantity
  /// The step that was not done, counted from 1.
  public let step: Int
  /// The first parameter whose value or gradient is not finite; `nil` where all are, and the
  /// data must be to blame.
  public let parameter: String?

  public var description: String {
    let where_ = parameter.map { "; the first parameter affected is '\($0)'" } ?? ""
    return "the \(quantity) of step \(step) is not finite\(where_); the step was not done: "
      + "try a lower learning rate or stronger clipping"
  }
}
