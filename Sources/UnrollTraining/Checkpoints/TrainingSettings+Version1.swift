import UnrollCore

// Checkpoints of version 1 have settings as Swift printed them then. They are read as long as anybody
// may have some.
extension TrainingSettings {
  /// The settings of a trainer, as checkpoints of version 1 have them.
  init<Model, Source>(version1 trainer: Trainer<Model, Source>) {
    self.init(of: trainer) { setting in
      switch setting {
      case .schedule(let schedule): schedule.version1Text
      case .clipping(.none): "none"
      case .clipping(.globalNorm(let limit)): "globalNorm(\(limit))"
      case .clipping(.value(let limit)): "value(\(limit))"
      case .groups(let groups): "[\(groups.map(\.version1Text).joined(separator: ", "))]"
      }
    }
  }
}

extension Schedule {
  fileprivate var version1Text: String {
    func inner(_ schedule: Schedule) -> String {
      "UnrollTraining.Schedule.\(schedule.version1Text)"
    }
    return switch self {
    case .constant(let rate): "constant(\(rate))"
    case .linear(let from, let to, let steps): "linear(from: \(from), to: \(to), steps: \(steps))"
    case .cosine(let from, let to, let steps): "cosine(from: \(from), to: \(to), steps: \(steps))"
    case .step(let from, let factor, let every):
      "step(from: \(from), factor: \(factor), every: \(every))"
    case .exponential(let from, let factor, let over):
      "exponential(from: \(from), factor: \(factor), over: \(over))"
    case .product(let rates, let factors): "product(\(inner(rates)), \(inner(factors)))"
    case .sequence(let first, let steps, let then):
      "sequence(\(inner(first)), steps: \(steps), then: \(inner(then)))"
    }
  }
}

extension ParameterGroup {
  fileprivate var version1Text: String {
    let decay = weightDecay.map { "Optional(\($0))" } ?? "nil"
    return "UnrollTraining.ParameterGroup(names: \(names.debugDescription), learningRate: "
      + "\(learningRate), weightDecay: \(decay), isFrozen: \(isFrozen))"
  }
}
