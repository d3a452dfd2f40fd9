import ArgumentParser
import Foundation
import Unroll
import UnrollModels

/// Whether a run is saved while it goes on, and whether it goes on from what was saved.
struct CheckpointOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Steps from one checkpoint to the next. They are files in a folder beside the model. (default: \
      none; 500 with --resume)
      """)
  var checkpointEvery: Int?

  @Option(
    parsing: .unconditional,
    help: "Checkpoints to keep, the newest ones; each has the best weights so far too.")
  var keep = 3

  @Flag(help: "Go on from the newest whole checkpoint; begin anew where there is none.")
  var resume = false

  func validate() throws {
    try check("--checkpoint-every", checkpointEvery ?? 1, in: 1...1_000_000_000)
    try check("--keep", keep, in: 1...1_000_000)
  }
}

/// The checkpoints of a run of `charlm train`, in a folder beside the model that it will write.
struct RunCheckpoints {
  private static let settingsKey = "charlm.settings"

  private let folder: CheckpointFolder
  private let options: CheckpointOptions
  private let settings: [String: String]

  /// - Parameters:
  ///   - output: the model file: the checkpoints of `m.safetensors` are in `m.checkpoints`.
  ///   - settings: what a run that goes on must have in common with the one that wrote the
  ///     checkpoint, by the option that says it.
  init(of output: String, _ options: CheckpointOptions, settings: [String: String]) {
    folder = Self.folder(of: output, options)
    self.options = options
    self.settings = settings
  }

  private static func folder(of output: String, _ options: CheckpointOptions) -> CheckpointFolder {
    let path = URL(fileURLWithPath: output).path
    let name = path.hasSuffix(".safetensors") ? String(path.dropLast(12)) : path
    return CheckpointFolder(name + ".checkpoints", keep: options.keep)
  }

  /// The vocabulary of the run that is to go on, if there is one: its text has to be read with that,
  /// whatever vocabulary a text gets by now.
  static func vocabulary(of output: String, _ options: CheckpointOptions) throws -> Vocabulary? {
    guard options.resume else { return nil }
    var vocabulary: Vocabulary?
    // What is wrong with checkpoints is told when the run goes on.
    _ = try? folder(of: output, options).withNewest {
      vocabulary = try LanguageModel.vocabulary(of: $0)
    }
    return vocabulary
  }

  /// Makes a trainer go on from the newest whole checkpoint, where it is to, and says what was found.
  ///
  /// - Returns: what writes the checkpoints of the run, if any are to be written.
  func begin(
    _ trainer: inout Trainer<TextStreams, Tensor<Float>, Float>, vocabulary: Vocabulary
  ) throws -> Checkpoints? {
    guard let interval = options.checkpointEvery ?? (options.resume ? 500 : nil) else { return nil }
    try folder.prepare()
    if options.resume {
      let found = try folder.withNewest { file in
        try checkSettings(of: file)
        try trainer.resume(from: file, registry: .standard)
      }
      for error in found.refused { print("passed over a checkpoint: \(error)") }
      print(
        found.step.map { "going on from step \($0), \(folder.path(ofStep: $0))" }
          ?? "no checkpoint in \(folder.path) yet; beginning anew")
    } else if let step = try folder.steps().first {
      throw ProgramError(
        description: "\(folder.path) has checkpoints of another run, up to step \(step): give "
          + "--resume to go on with it, or another --output to begin anew")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return Checkpoints(
      folder, every: interval,
      metadata: [
        LanguageModel.vocabularyKey: try LanguageModel.text(of: vocabulary),
        Self.settingsKey: String(decoding: try encoder.encode(settings), as: UTF8.self),
      ])
  }

  /// What tells a text from others: its length, and the 64 bits of FNV-1a.
  static func mark(of text: [UInt8]) -> String {
    var hash = 0xCBF2_9CE4_8422_2325 as UInt64
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return "\(text.count) bytes \(String(hash, radix: 16))"
  }

  /// What options were that checkpoints of before they were there say nothing of.
  private static let former = ["--validation-limit": "all", "--minimum-count": "not given"]

  private func checkSettings(of file: ModelFile) throws {
    guard var saved = try file.value([String: String].self, forKey: Self.settingsKey) else {
      throw CheckpointError(file.file.path, "was not written by charlm train")
    }
    saved.merge(Self.former) { own, _ in own }
    for name in Set(saved.keys).union(settings.keys).sorted() where saved[name] != settings[name] {
      throw CheckpointError(
        file.file.path,
        "is of a run where \(name) was \(saved[name] ?? "not known"), and now it is "
          + "\(settings[name] ?? "not known"): repeat the command line as it was, or give another "
          + "--output to begin anew")
    }
  }
}
