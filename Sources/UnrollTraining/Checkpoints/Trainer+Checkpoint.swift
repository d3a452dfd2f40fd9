import Foundation
import UnrollCore
import UnrollFiles

/// What a checkpoint says beside its tensors.
struct CheckpointRecord<Position: Codable>: Codable {
  /// The version of this form, whose keys do not follow from names in the code. One that adds to it can
  /// be read by giving what is added a default; one that changes what is there has another number.
  ///
  /// Version 1 is read too: settings were Swift's own printing of them.
  static var currentVersion: Int { 2 }

  private enum CodingKeys: String, CodingKey {
    case version = "version"
    case step = "step"
    case batches = "batches"
    case position = "position"
    case settings = "settings"
    case plateau = "plateau"
    case best = "best"
    case waits = "waits"
    case seconds = "seconds"
  }

  var version: Int
  var step: Int
  var batches: Int
  var position: Position
  var settings: TrainingSettings
  var plateau: ReduceOnPlateau?
  var best: Best?
  var waits: Int
  var seconds: Double

  struct Best: Codable {
    private enum CodingKeys: String, CodingKey {
      case step = "step"
      case loss = "loss"
    }

    var step: Int
    var loss: Double
  }

  /// Whether the counts are some that a run can have, and can be added to.
  var isWhole: Bool {
    let counts = 0..<(1 << 53)
    return counts.contains(step) && counts.contains(batches) && 0...step ~= waits
      && (0...1e15).contains(seconds)
      && 0...step ~= best?.step ?? 0 && plateau?.isWhole != false
  }
}

/// Only the version, which is read before anything else.
private struct CheckpointVersion: Decodable {
  var version: Int
}

/// A checkpoint that a run cannot go on from.
public struct CheckpointError: Error, CustomStringConvertible, Equatable {
  public let path: String
  /// What is wrong, in one line.
  public let reason: String

  public init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = oneLine(reason)
  }

  public var description: String { "\(oneLine(path)): \(reason)" }
}

// A checkpoint is a model file with more in it: what is not the model's is named 'unroll.'.
private enum Part: String {
  case moment = "unroll.moment"
  case average = "unroll.average"
  case best = "unroll.best"
  case state = "unroll.state"

  func name(_ rest: String) -> String { "\(rawValue)/\(rest)" }
}

extension Trainer {
  /// The key of the metadata that says where a run stood.
  public static var checkpointKey: String { "unroll.checkpoint" }

  /// Writes everything that the run is, or nothing: weights, the optimizer's moments, averaged weights,
  /// the best ones so far, the carried state, the position in the data, all settings, and the step,
  /// which with the seed decides all random numbers. A run that goes on from it ends with the same
  /// bytes as one that was not interrupted. It is a model file too.
  ///
  /// - Throws: ``FileWriteError`` where the system refuses, ``TrainingError`` for weights
  ///   that are not finite.
  public func writeCheckpoint(to path: String, metadata: [String: String] = [:]) throws {
    if let error = TrainingError(weightsOf: model, at: step) { throw error }
    let record = CheckpointRecord(
      version: CheckpointRecord<Source.Position>.currentVersion, step: step, batches: batches,
      position: source.position, settings: TrainingSettings(of: self), plateau: plateau,
      best: best.map { CheckpointRecord.Best(step: $0.step, loss: $0.loss) }, waits: waits,
      seconds: seconds)
    var metadata = metadata
    metadata[Self.checkpointKey] = try ModelFile.text(of: record)
    try ModelFile.write(model, metadata: metadata, extra: checkpointTensors, to: path)
  }

  private var checkpointTensors: [(name: String, value: Tensor<Element>)] {
    var tensors: [(name: String, value: Tensor<Element>)] = []
    for (parameter, moments) in optimizer.moments.sorted(by: { $0.key < $1.key }) {
      for (moment, value) in zip(type(of: optimizer).momentNames, moments) {
        tensors.append((Part.moment.name("\(moment)/\(parameter)"), value))
      }
    }
    for (name, value) in (average?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
      tensors.append((Part.average.name(name), value))
    }
    for (name, value) in best?.model.parameters ?? [] {
      tensors.append((Part.best.name(name), value))
    }
    for (name, value) in model.tensors(of: state) {
      tensors.append((Part.state.name(name), value))
    }
    return tensors
  }

  /// Makes the run the one that wrote a checkpoint. It has to have been set up in the same way: model,
  /// data and settings.
  ///
  /// - Parameter acceptingOtherSettings: whether the run may go on with settings of its own, such as a
  ///   lower learning rate, where the checkpoint has others. The optimizer has to be of the same kind.
  /// - Throws: ``CheckpointError`` where the file is no checkpoint of such a run, and
  ///   ``ModelFileError``; the trainer is then as it was.
  public mutating func resume(
    from file: ModelFile, registry: LayerRegistry<Model.Element>,
    acceptingOtherSettings: Bool = false
  ) throws {
    let path = file.file.path
    func refuse(_ reason: String) -> CheckpointError { CheckpointError(path, reason) }
    let record = try Self.record(in: file)
    // All of it at once, and not what each tensor takes.
    try file.file.checkMemory(for: file.file.byteCount)
    // Read and written again: an older version may have left out what is its default.
    let restored = try file.model(Model.self, registry: registry)
    guard try ModelFile.architecture(of: model) == ModelFile.architecture(of: restored) else {
      throw refuse("is of another model: its layers or their sizes are not those of this run")
    }
    let difference = difference(from: record)
    if let difference, !acceptingOtherSettings {
      throw refuse("is of a run where \(difference)")
    }
    guard source.canResume(at: record.position) else {
      throw refuse("stands at a place that this run's data does not have")
    }
    let moments = try restoredMoments(
      of: restored, from: file, areWhole: difference == nil && record.step > 0)
    var averages: [String: Tensor<Element>] = [:]
    for parameter in restored.parameters {
      averages[parameter.name] = try file.tensor(
        Part.average.name(parameter.name), like: parameter.value)
    }
    guard averages.isEmpty || averages.count == restored.parameters.count else {
      throw refuse("has the averages of only some parameters")
    }
    let carried = try restoredState(from: file)
    let best = try record.best.map { best in
      var model = restored
      try model.visitParameters { name, parameter in
        guard let value = try file.tensor(Part.best.name(name), like: parameter.value) else {
          throw refuse("has no tensor '\(Part.best.name(name))'")
        }
        parameter.value = value
      }
      return Best(step: best.step, loss: best.loss, model: model)
    }

    (model, state, self.best) = (restored, carried, best)
    optimizer.moments = moments
    average?.values = averages
    source.position = record.position
    (step, batches, waits, seconds) = (
      record.step, record.batches, record.waits, record.seconds
    )
    if let state = record.plateau { plateau?.restore(state) }
  }

  /// The first setting that is not as it was.
  private func difference(from record: CheckpointRecord<Source.Position>) -> String? {
    guard record.version == 1 else {
      return record.settings.difference(from: TrainingSettings(of: self))
    }
    let settings = TrainingSettings(version1: self)
    return record.settings.difference(
      from: settings, names: record.settings.commonNames(with: settings))
  }

  /// What the optimizer keeps of each parameter: all of it, or nothing where the parameter is frozen.
  private func restoredMoments(
    of model: Model, from file: ModelFile, areWhole: Bool
  ) throws -> [String: [Tensor<Element>]] {
    let optimizer = type(of: optimizer)
    var moments: [String: [Tensor<Element>]] = [:]
    var names: Set<String> = []
    for parameter in model.parameters {
      let kept = try optimizer.momentNames.compactMap { moment in
        let name = Part.moment.name("\(moment)/\(parameter.name)")
        names.insert(name)
        return try file.tensor(name, like: parameter.value)
      }
      let isFrozen = options.groups.first { $0.has(parameter.name) }?.isFrozen ?? false
      let mayLack = kept.isEmpty && (!areWhole || isFrozen)
      guard kept.count == optimizer.momentNames.count || mayLack else {
        throw CheckpointError(
          file.file.path, "has only some of the moments of '\(parameter.name)'")
      }
      if !kept.isEmpty { moments[parameter.name] = kept }
    }
    let prefix = Part.moment.name("")
    if let other = file.file.entries.first(where: {
      $0.name.hasPrefix(prefix) && !names.contains($0.name)
    }) {
      throw CheckpointError(
        file.file.path, "has '\(other.name)', which \(optimizer.kind) does not keep")
    }
    return moments
  }

  private static func record(
    in file: ModelFile
  ) throws -> CheckpointRecord<Source.Position> {
    let path = file.file.path
    guard let text = file.file.metadata[checkpointKey] else {
      throw CheckpointError(path, "is no checkpoint: it has a model and not where its run stood")
    }
    do {
      try StrictJSON.validate(text.utf8)
      let version = try JSONDecoder().decode(CheckpointVersion.self, from: Data(text.utf8)).version
      guard 1...CheckpointRecord<Source.Position>.currentVersion ~= version else {
        throw CheckpointError(
          path, "is a checkpoint of version \(version), which this version of Unroll cannot read")
      }
      guard
        let record = try file.value(
          CheckpointRecord<Source.Position>.self, forKey: checkpointKey),
        record.isWhole
      else { throw CheckpointError(path, "has counts that are not those of a run") }
      return record
    } catch let error as CheckpointError {
      throw error
    } catch let error as ModelFileError {
      throw CheckpointError(path, error.reason)
    } catch {
      throw CheckpointError(path, "has a record of its run that cannot be read: \(error)")
    }
  }

  private func restoredState(from file: ModelFile) throws -> Model.State {
    let batch = source.batchSize
    var tensors: [String: Tensor<Element>] = [:]
    for (name, _) in model.tensors(of: model.makeState(batch: batch)) {
      let saved = Part.state.name(name)
      if file.file.entry(saved) != nil { tensors[name] = try file.file.tensor(saved) }
    }
    do {
      return try model.restoringState(batch: batch, from: tensors)
    } catch let error as StateError {
      throw CheckpointError(file.file.path, error.description)
    }
  }
}

extension ModelFile {
  /// A tensor that belongs to a parameter; `nil` where the file has none.
  fileprivate func tensor<Element: Scalar>(
    _ name: String, like parameter: Tensor<Element>
  ) throws -> Tensor<Element>? {
    guard let entry = file.entry(name) else { return nil }
    guard entry.shape == parameter.shape else {
      throw CheckpointError(
        file.path, "has a tensor '\(name)' of shape \(entry.shape), not \(parameter.shape)")
    }
    return try file.tensor(name)
  }
}
