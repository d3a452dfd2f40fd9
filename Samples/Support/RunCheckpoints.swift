import ArgumentParser
import Foundation
import Unroll
import UnrollModels

/// Whether a run is saved while it goes on, and whether it goes on from what was saved.
public struct CheckpointOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Steps from one checkpoint to the next. They are files in a folder beside the model. (default: \
      none; 500 with --resume)
      """)
  public var checkpointEvery: Int?

  @Option(
    parsing: .unconditional,
    help: "Checkpoints to keep, the newest ones; each has the best weights so far too.")
  public var keep = 3

  @Flag(help: "Go on from the newest whole checkpoint; begin anew where there is none.")
  public var resume = false

  @Flag(
    help: """
      With --resume, go on though the run is trained in another way from here on, such as with more \
      --steps or another --learning-rate; it says what has changed.
      """)
  public var allowChanges = false

  public init() {}

  public func validate() throws {
    try check(!allowChanges || resume, "--allow-changes is for --resume")
    try check("--checkpoint-every", checkpointEvery ?? 1, in: 1...1_000_000_000)
    try check("--keep", keep, in: 1...1_000_000)
  }
}

/// The checkpoints of a run, in a folder beside the model that it will write.
public struct RunCheckpoints {

  private let folder: CheckpointFolder
  private let options: CheckpointOptions
  private let settings: RunSettings
  private let program: String

  /// - Parameters:
  ///   - output: the model file: the checkpoints of `m.safetensors` are in `m.checkpoints`.
  ///   - settings: what the run was told.
  ///   - program: the name of the program.
  public init(
    of output: String, _ options: CheckpointOptions, settings: RunSettings, program: String
  ) {
    self.program = program
    folder = Self.folder(of: output, options)
    self.options = options
    self.settings = settings
  }

  private var settingsKey: String { "\(program).settings" }

  private static func folder(of output: String, _ options: CheckpointOptions) -> CheckpointFolder {
    let path = URL(fileURLWithPath: output).path
    let name = path.hasSuffix(".safetensors") ? String(path.dropLast(12)) : path
    return CheckpointFolder(name + ".checkpoints", keep: options.keep)
  }

  /// Calls `body` with the newest whole checkpoint of the run that is to go on, if there is one.
  public static func withNewest(
    of output: String, _ options: CheckpointOptions, _ body: (ModelFile) throws -> Void
  ) {
    guard options.resume else { return }
    // What is wrong with checkpoints is told when the run goes on.
    _ = try? folder(of: output, options).withNewest(body)
  }

  /// Makes a trainer go on from the newest whole checkpoint, where it is to, and says what was found.
  ///
  /// - Returns: what writes the checkpoints of the run, if any are to be written.
  public func begin<Model: Layer<Float>, Source: BatchSource>(
    _ trainer: inout Trainer<Model, Source>, metadata: [String: String] = [:]
  ) throws -> Checkpoints? {
    guard let interval = options.checkpointEvery ?? (options.resume ? 500 : nil) else { return nil }
    let lock = try lock()
    try folder.prepare()
    if options.resume {
      var changes: [String] = []
      let found = try folder.withNewest { file in
        changes = try changed(from: file)
        try trainer.resume(
          from: file, registry: Toolkit.current.registry,
          acceptingOtherSettings: options.allowChanges)
      }
      for error in found.refused { print("passed over a checkpoint: \(error)") }
      print(
        found.step.map { "going on from step \($0), \(folder.path(ofStep: $0))" }
          ?? "no checkpoint in \(folder.path) yet; beginning anew")
      for change in changes { print("changed from here on: \(change)") }
    } else if let step = try folder.steps().first {
      throw ProgramError(
        description: "\(folder.path) has checkpoints of another run, up to step \(step): give "
          + "--resume to go on with it, or another --output to begin anew")
    }
    return Checkpoints(
      folder, every: interval,
      metadata: metadata.merging([settingsKey: try ModelFile.text(of: settings.all)]) { $1 },
      lock: lock)
  }

  private func lock() throws -> CheckpointLock {
    do {
      return try folder.lock()
    } catch is CheckpointError {
      throw ProgramError(
        description: "\(folder.path): another run writes its checkpoints there; wait until it has "
          + "ended, or give another --output")
    }
  }

  /// What tells a text from others: its length, and the 64 bits of FNV-1a.
  public static func mark(of text: [UInt8]) -> String {
    var hash = 0xCBF2_9CE4_8422_2325 as UInt64
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return "\(text.count) bytes \(String(hash, radix: 16))"
  }

  /// What options were that checkpoints of before they were there say nothing of.
  private static let former = ["--validation-limit": "all", "--minimum-count": "not given"]

  /// How a checkpoint's run was told otherwise, where it may go on all the same.
  private func changed(from file: ModelFile) throws -> [String] {
    guard var saved = try file.value([String: String].self, forKey: settingsKey) else {
      throw CheckpointError(file.file.path, "was not written by \(program) train")
    }
    saved.merge(Self.former) { own, _ in own }
    let differences = settings.differences(from: saved)
    for difference in differences where !(difference.mayChange && options.allowChanges) {
      let remedy = difference.mayChange ? ", give --allow-changes to go on all the same" : ""
      throw CheckpointError(
        file.file.path,
        "is of a run where \(difference): repeat the command line as it was\(remedy), or give "
          + "another --output to begin anew")
    }
    return differences.map(\.change)
  }
}

/// What a run was told, as text by the option that says it: a run that goes on must have it in common
/// with the one that wrote the checkpoint.
///
/// Names and texts are in files and stay as they are. Of a setting that is added, `RunCheckpoints.former`
/// says what it was in files from before.
public struct RunSettings {
  /// What may change while a run goes on, if that is asked for: how it is trained.
  public var training: [String: String]
  /// What may not: the data, and what the model is made of.
  public var fixed: [String: String]

  public init(training: [String: String], fixed: [String: String]) {
    (self.training, self.fixed) = (training, fixed)
  }

  var all: [String: String] { training.merging(fixed) { first, _ in first } }

  struct Difference: CustomStringConvertible {
    var name: String
    var was: String
    var isNow: String
    var mayChange: Bool

    var description: String { "\(name) was \(was), and now it is \(isNow)" }
    var change: String { "\(name), \(isNow) in place of \(was)" }
  }

  /// The settings that are not as they were, those that may not change first.
  func differences(from saved: [String: String]) -> [Difference] {
    let now = all
    return Set(saved.keys).union(now.keys).filter { saved[$0] != now[$0] }.map { name in
      Difference(
        name: name, was: saved[name] ?? "not set", isNow: now[name] ?? "not set",
        mayChange: training[name] != nil)
    }
    .sorted { ($0.mayChange ? 1 : 0, $0.name) < ($1.mayChange ? 1 : 0, $1.name) }
  }
}
