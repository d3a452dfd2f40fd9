import UnrollCore

/// What a run was told, beside its model and its data, as text by name. A checkpoint has it, so that a
/// run that goes on cannot be told something else without notice.
struct TrainingSettings: Codable, Equatable {
  private let texts: [String: String]

  init<Source, Output, Element>(of trainer: Trainer<Source, Output, Element>) {
    var texts = [
      "seed": "\(trainer.seed)", "optimizer": type(of: trainer.optimizer).kind,
      "schedule": "\(trainer.schedule)", "clipping": "\(trainer.clipping)",
      "accumulation": "\(trainer.accumulation)", "groups": "\(trainer.groups)",
      "averagingDecay": Self.text(trainer.averagingDecay),
      "plateau": Self.text(trainer.plateau.map { "\($0.factor) after \($0.patience)" }),
      "patience": Self.text(trainer.patience),
    ]
    for (label, value) in Mirror(reflecting: trainer.optimizer).children {
      // A dictionary or a set has no order, so that its text says nothing; moments are no setting.
      let style = Mirror(reflecting: value).displayStyle
      guard let label, label != "moments", style != .dictionary, style != .set else { continue }
      texts["optimizer's \(label)"] = "\(value)"
    }
    self.texts = texts
  }

  private static func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }

  init(from decoder: any Decoder) throws {
    texts = try [String: String](from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    try texts.encode(to: encoder)
  }

  /// The first setting that is another, and how it was and is where that is short.
  func difference(from now: TrainingSettings) -> String? {
    let names = Set(texts.keys).union(now.texts.keys).sorted()
    // By their bytes: a text of a hostile file may take long to be normalised.
    func differ(_ name: String) -> Bool {
      texts[name].map { Array($0.utf8) } != now.texts[name].map { Array($0.utf8) }
    }
    return names.first(where: differ).map { name in
      let (was, isNow) = (texts[name] ?? "none", now.texts[name] ?? "none")
      guard was.count + isNow.count <= 60 else { return "the \(name) was another" }
      return "the \(name) was \(was), and now it is \(isNow)"
    }
  }
}
