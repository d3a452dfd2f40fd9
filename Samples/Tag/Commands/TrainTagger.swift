import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct TrainTagger: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn to tag from tagged sentences.",
    discussion: """
      The model is that of the last step; its weights are averages over the last steps. To see meanwhile \
      how well it does on sentences that it does not learn from, give a file of them or keep a part. \
      Ctrl-C saves too.

      EXAMPLES:
        tag train train.txt --token 1 --with 2 --tag 3 --crf --output chunks.safetensors
        tag train names.csv --sequence sentence --token word --tag name --crf --output names.safetensors
      """)

  @Argument(help: "The tagged sentences.")
  var file: String

  @OptionGroup(title: "Columns") var tokens: TokenOptions
  @OptionGroup(title: "Model") var model: TaggerOptions
  @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions

  @Option(help: ArgumentHelp("The model file to write.", valueName: "M.safetensors"))
  var output: String

  @Option(help: ArgumentHelp("Sentences to see how well it does.", valueName: "FILE"))
  var validation: String?

  @Option(
    parsing: .unconditional,
    help:
      "The part of the sentences that is kept to see how well it does, 0 to below 1. (default: 0)")
  var heldOut: Double?

  @Option(parsing: .unconditional, help: "Training steps. (default: by --epochs)")
  var steps: Int?

  @Option(parsing: .unconditional, help: "Passes over the sentences. (default: by --size)")
  var epochs: Double?

  @Option(
    parsing: .unconditional,
    help:
      "The most minutes to train. A run by --steps can be repeated to the byte, one by the clock cannot."
  )
  var minutes: Double?

  @Option(parsing: .unconditional, help: "Sentences to a step.")
  var batch = 16

  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var learningRate = 0.002

  @Option(
    parsing: .unconditional,
    help: "The decay of the average of the weights, 0 to below 1; 0 for none.")
  var average = 0.998

  @Option(help: "The random seed of the first weights, of the order of sentences and of dropout.")
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  func validate() throws {
    try check("--steps", steps ?? 1, in: 1...1_000_000_000)
    try check("--batch", batch, in: 1...1_000_000)
    try check("--threads", threads ?? 1, in: 1...1024)
    try check(
      minutes ?? 1 > 0 && minutes ?? 1 < 1e6, "--minutes is \(minutes ?? 0); it must be above 0")
    try check(
      epochs ?? 1 > 0 && epochs ?? 1 < 1e6, "--epochs is \(epochs ?? 0); it must be above 0")
    try check(steps == nil || epochs == nil, "--steps and --epochs exclude each other; give one")
    try check(
      learningRate > 0 && learningRate.isFinite,
      "--learning-rate is \(learningRate); it must be a finite number above 0")
    try check(0..<1 ~= average, "--average is \(average); it must be in 0..<1")
    try check(0..<1 ~= heldOut ?? 0, "--held-out is \(heldOut ?? 0); it must be in 0..<1")
    try check(
      validation == nil || heldOut == nil,
      "--validation and --held-out exclude each other; give one")
    try check(
      minutes == nil || !checkpoints.resume, "--resume is for a run by --steps, not by --minutes")
  }

  func run() throws {
    let inputs = [file, validation, model.vectors]
    let destination = try ModelOutput(output, apartFrom: inputs)
    let data = try TaggerData(self)
    let vectors = try model.vectors.map { try WordVectors(contentsOf: $0) }
    let tagger = try data.tagger(self, vectors)
    print(data.summary(of: tagger))
    Interrupt.watch()
    let run = TaggerRun(
      options: self,
      checkpoints: RunCheckpoints(
        of: output, checkpoints, settings: try settings(), program: "tag"))
    let result = try run.train(tagger, data)
    var trained = tagger
    trained.network = result.network
    try destination.save(result.network, after: result.failure) {
      try trained.save(to: $0, metadata: TaggerFile.metadata(tokens.layout))
    }
    print("wrote \(output), the model of step \(result.step)")
    if let signal = Interrupt.signal { throw ExitCode(128 + signal) }
    if !data.validation.isEmpty {
      print("\nthe sentences that it did not learn from:")
      TagReport(of: trained, over: data.validation, threads: threads ?? Threads.default)
        .printTable()
    }
    try finishOutput()
  }

  /// What the run was told, by which it goes on or does not.
  private func settings() throws -> RunSettings {
    func mark(_ path: String?) throws -> String {
      guard let path else { return "" }
      return RunCheckpoints.mark(of: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }
    return RunSettings(
      training: [
        "--steps": "\(steps ?? 0)", "--epochs": "\(epochs ?? 0)",
        "--learning-rate": "\(learningRate)", "--average": "\(average)",
      ],
      fixed: [
        "the sentences": try mark(file), "the columns": try ModelFile.text(of: tokens.layout),
        "--validation": try mark(validation), "--held-out": "\(heldOut ?? -1)",
        "--vectors": try mark(model.vectors), "the model": model.described,
        "--batch": "\(batch)", "--seed": "\(seed)",
      ])
  }
}
