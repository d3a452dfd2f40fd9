import UnrollCore

/// What a run was told, beside its model and its data, as text by name. A checkpoint has it, so that a
/// run that goes on cannot be told something else without notice.
///
/// The names and texts are in files: what is once written stays as it is, whatever becomes of the names
/// in the code. A setting that is added is left out where it has its default, so that it is not missed
/// in older files.
package struct TrainingSettings: Codable, Equatable {
  private let texts: [String: String]

  /// The settings of a trainer, as checkpoints of this version have them.
  package init<Model, Source>(of trainer: Trainer<Model, Source>) {
    self.init(of: trainer) { setting in
      switch setting {
      case .schedule(let schedule): schedule.settingText
      case .clipping(let clipping): clipping.settingText
      case .groups(let groups): groups.map(\.settingText).joined(separator: "; ")
      }
    }
  }

  /// The settings that have had more than one form.
  enum Setting {
    case schedule(Schedule)
    case clipping(GradientClipping)
    case groups([ParameterGroup])
  }

  init<Model, Source>(
    of trainer: Trainer<Model, Source>, _ text: (Setting) -> String
  ) {
    func optional<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }
    var texts = [
      "seed": "\(trainer.options.seed)", "optimizer": type(of: trainer.options.optimizer).kind,
      "schedule": text(.schedule(trainer.options.schedule)),
      "clipping": text(.clipping(trainer.options.clipping)),
      "accumulation": "\(trainer.options.accumulation)",
      "groups": text(.groups(trainer.options.groups)),
      "averagingDecay": optional(trainer.options.averagingDecay),
      "plateau": optional(trainer.options.plateau.map { "\($0.factor) after \($0.patience)" }),
      "patience": optional(trainer.options.patience),
    ]
    texts["classWeights"] = trainer.options.classWeights.map { "\($0)" }
    if trainer.options.labelSmoothing != 0 {
      texts["labelSmoothing"] = "\(trainer.options.labelSmoothing)"
    }
    for (name, value) in trainer.options.optimizer.settings {
      texts["optimizer's \(name)"] = "\(value)"
    }
    self.texts = texts
  }

  package init(from decoder: any Decoder) throws {
    texts = try [String: String](from: decoder)
  }

  package func encode(to encoder: any Encoder) throws {
    try texts.encode(to: encoder)
  }

  /// The first setting that is another, and how it was and is where that is short.
  ///
  /// - Parameter names: those to look at; by default all that one of them has.
  func difference(from now: TrainingSettings, names: [String]? = nil) -> String? {
    let names = names ?? Set(texts.keys).union(now.texts.keys).sorted()
    // By their bytes: a text of a hostile file may take long to be normalized.
    func differ(_ name: String) -> Bool {
      texts[name].map { Array($0.utf8) } != now.texts[name].map { Array($0.utf8) }
    }
    return names.first(where: differ).map { name in
      let (was, isNow) = (texts[name] ?? "none", now.texts[name] ?? "none")
      guard was.count + isNow.count <= 120 else { return "the \(name) was another" }
      return "the \(name) was \(was), and now it is \(isNow)"
    }
  }

  /// The names that both have.
  func commonNames(with other: TrainingSettings) -> [String] {
    Set(texts.keys).intersection(other.texts.keys).sorted()
  }
}

extension Schedule {
  /// The schedule in words, as it is in checkpoints.
  fileprivate var settingText: String {
    switch self {
    case .constant(let rate): "\(rate)"
    case .linear(let from, let to, let steps): "linear from \(from) to \(to) over \(steps)"
    case .cosine(let from, let to, let steps): "cosine from \(from) to \(to) over \(steps)"
    case .step(let from, let factor, let every): "\(from) times \(factor) every \(every)"
    case .exponential(let from, let factor, let over):
      "exponential from \(from) times \(factor) over \(over)"
    case .product(let rates, let factors):
      "[\(rates.settingText)] times [\(factors.settingText)]"
    case .sequence(let first, let steps, let then):
      "[\(first.settingText)] for \(steps), then [\(then.settingText)]"
    }
  }
}

extension GradientClipping {
  fileprivate var settingText: String {
    switch self {
    case .none: "none"
    case .globalNorm(let limit): "norm of \(limit)"
    case .value(let limit): "values of \(limit)"
    }
  }
}

extension ParameterGroup {
  fileprivate var settingText: String {
    var text = "\(names) at \(learningRate)"
    if let weightDecay { text += ", weight decay \(weightDecay)" }
    if isFrozen { text += ", frozen" }
    return text
  }
}
