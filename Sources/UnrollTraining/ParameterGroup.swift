/// What some of a model's parameters have of their own in training. Where several groups have a
/// parameter, the first one counts; a group that has none is a mistake, and stops the program.
///
/// ```
/// trainer.groups = [
///   .frozen("0.*"),                                  // the embedding stays as it is
///   ParameterGroup("3.*", learningRate: 0.1),        // the last layer learns slowly
///   ParameterGroup("*.bias", weightDecay: 0.01),     // the other biases decay too
/// ]
/// ```
public struct ParameterGroup: Codable, Sendable, Equatable {
  /// The names of the parameters, as the model visits them; `*` stands for any characters.
  public var names: String
  /// A multiple of the learning rate of the others.
  public var learningRate: Double
  /// The weight decay; `nil` for that of the optimizer.
  public var weightDecay: Double?
  /// Whether the parameters are left as they are.
  public var isFrozen: Bool

  public init(
    _ names: String, learningRate: Double = 1, weightDecay: Double? = nil, isFrozen: Bool = false
  ) {
    self.names = names
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.isFrozen = isFrozen
  }

  /// Parameters that are not trained.
  public static func frozen(_ names: String) -> ParameterGroup {
    ParameterGroup(names, isFrozen: true)
  }

  /// Whether a parameter is in this group.
  public func has(_ name: String) -> Bool {
    let parts = names.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return name == names }
    guard name.hasPrefix(parts[0]) else { return false }
    var rest = name.dropFirst(parts[0].count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(parts[parts.count - 1])
  }
}
