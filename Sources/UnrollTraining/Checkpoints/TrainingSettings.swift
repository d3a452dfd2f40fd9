import UnrollCore

/// What a run was told, beside its model and its data. A checkpoint has it, so that a run that goes on
/// cannot be told something else without notice.
struct TrainingSettings: Codable, Equatable {
  var seed: UInt64
  var optimizer: String
  /// The numbers that the optimizer stores beside its moments, and other plain values, by name.
  var optimizerSettings: [String: String]
  var schedule: Schedule
  var clipping: GradientClipping
  var accumulation: Int
  var groups: [ParameterGroup]
  var averagingDecay: Double?
  var plateau: Plateau?
  var patience: Int?

  struct Plateau: Codable, Equatable {
    var factor: Double
    var patience: Int
  }

  /// The first setting that is another, and how it was and is.
  func difference(from now: TrainingSettings) -> String? {
    let names = Set(optimizerSettings.keys).union(now.optimizerSettings.keys).sorted()
    let pairs: [(name: String, was: any Equatable, is: any Equatable)] =
      [("seed", seed, now.seed), ("optimizer", optimizer, now.optimizer)]
      + names.map {
        ("optimizer's \($0)", optimizerSettings[$0] ?? "none", now.optimizerSettings[$0] ?? "none")
      } + [
        ("schedule", schedule, now.schedule), ("clipping", clipping, now.clipping),
        ("accumulation", accumulation, now.accumulation), ("groups", groups, now.groups),
        ("averagingDecay", averagingDecay, now.averagingDecay),
        ("plateau", plateau, now.plateau), ("patience", patience, now.patience),
      ]
    return pairs.first { "\($0.was)" != "\($0.is)" }.map {
      "the \($0.name) was \($0.was), and now it is \($0.is)"
    }
  }
}

extension Trainer {
  var settings: TrainingSettings {
    TrainingSettings(
      seed: seed, optimizer: type(of: optimizer).kind,
      optimizerSettings: optimizer.plainSettings, schedule: schedule, clipping: clipping,
      accumulation: accumulation, groups: groups, averagingDecay: averagingDecay,
      plateau: plateau.map { TrainingSettings.Plateau(factor: $0.factor, patience: $0.patience) },
      patience: patience)
  }
}

extension Optimizer {
  /// What is stored beside the moments, as far as it is a number, a truth or a text.
  fileprivate var plainSettings: [String: String] {
    var settings: [String: String] = [:]
    for (label, value) in Mirror(reflecting: self).children {
      let isPlain =
        value is any BinaryFloatingPoint || value is any BinaryInteger || value is Bool
        || value is String
      if let label, isPlain { settings[label] = "\(value)" }
    }
    return settings
  }
}
