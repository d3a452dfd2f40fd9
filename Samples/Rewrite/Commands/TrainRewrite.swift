import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct TrainRewrite: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn from pairs of texts to write the second for the first.",
    discussion: """
      A part of the pairs is kept to choose by: the model that predicts it best is the one that is \
      saved. Vocabularies come from the other pairs alone. Ctrl-C saves too.

      EXAMPLES:
        rewrite train dates.tsv --attention --output dates.safetensors
        rewrite train words.csv --source english --target french --level word --attention \
      --size large --output words.safetensors
        rewrite train reversed.tsv --attention --size small --steps 3000 --resume \
      --output r.safetensors
      """)

  @Argument(help: "The pairs, a table in UTF-8: columns with tabs between them, or a .csv file.")
  var pairs: String

  @OptionGroup(title: "Pairs") var columns: PairColumns
  @OptionGroup(title: "Model") var model: RewriteModelOptions
  @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions

  @Option(help: ArgumentHelp("The model file to write.", valueName: "M.safetensors"))
  var output: String

  @Option(parsing: .unconditional, help: "Training steps. (default: by --size)")
  var steps: Int?

  @Option(
    parsing: .unconditional,
    help: """
      The most minutes to train. A run by --steps can be repeated to the byte, one by the clock \
      cannot.
      """
  )
  var minutes: Double?

  @Option(parsing: .unconditional, help: "Pairs to a step.")
  var batch = 64

  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var learningRate = 0.004

  @Option(
    parsing: .unconditional,
    help: """
      The probability with which a step reads, in the end of training, what the model itself would \
      have written before; it rises from 0 in a straight line.
      """)
  var sampling = 0.0

  @Option(
    parsing: .unconditional,
    help: "The part of the pairs that is kept to choose by, 0 to below 1.")
  var validationFraction = 0.1

  @Option(help: "The random seed of the first weights, of the order of pairs, and of what is kept.")
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
      learningRate > 0 && learningRate.isFinite,
      "--learning-rate is \(learningRate); it must be a finite number above 0")
    try check(0...1 ~= sampling, "--sampling is \(sampling); it must be in 0...1")
    try check(
      0..<1 ~= validationFraction,
      "--validation-fraction is \(validationFraction); it must be in 0..<1")
    try check(
      minutes == nil || !checkpoints.resume, "--resume is for a run by --steps, not by --minutes")
    try checkOutputs([("--output", output)], apartFrom: [pairs])
  }

  func run() throws {
    let destination = try ModelOutput(output, apartFrom: [pairs])
    let table = try columns.read(pairs)
    try table.checkLengths()
    let (training, held) = table.split(fraction: validationFraction, seed: seed)
    guard !training.pairs.isEmpty, validationFraction == 0 || !held.pairs.isEmpty else {
      throw ProgramError(
        description:
          "\(pairs): \(table.pairs.count) pairs are \(training.pairs.count) to learn from "
          + "and \(held.pairs.count) to choose by; give more, or another --validation-fraction")
    }
    let fresh = EncoderDecoder(
      source: try model.vocabulary(
        training.pairs.map(\.source), column: columns.source, path: pairs),
      target: try model.vocabulary(
        training.pairs.map(\.target), column: columns.target, path: pairs),
      configuration: model.configuration, seed: seed)
    let run = RewriteRun(
      steps: steps ?? model.size.steps, minutes: minutes, batch: batch, learningRate: learningRate,
      sampling: sampling, seed: seed, threads: threads ?? Threads.default)
    print(
      "\(training.pairs.count) pairs to learn from, \(held.pairs.count) to choose by; "
        + "\(fresh.source.count) and \(fresh.target.count) \(model.level.rawValue)s; "
        + "\(fresh.network.parameterCount) parameters; \(run.steps) steps of \(batch) pairs")
    Interrupt.watch()
    let result = try run.train(
      fresh, training, held,
      RunCheckpoints(of: output, checkpoints, settings: try settings(), program: "rewrite"))
    try destination.save(result.model.network, after: result.failure) {
      try result.model.save(to: $0)
    }
    print("wrote \(output), the model of step \(result.step)")
    if let signal = Interrupt.signal { throw ExitCode(128 + signal) }
    if !held.pairs.isEmpty {
      let some = held.taking(Array(held.pairs.indices.prefix(1000)))
      let evaluation = try result.model.evaluate(some.pairs, search: .greedy)
      print("of \(evaluation.count) pairs to choose by, \(evaluation.exact) are right")
    }
    try finishOutput()
  }

  /// What the run was told, by which it goes on or does not.
  private func settings() throws -> RunSettings {
    RunSettings(
      training: ["--steps": "\(steps ?? 0)", "--learning-rate": "\(learningRate)"],
      fixed: [
        "the pairs": RunCheckpoints.mark(
          of: Array(try Data(contentsOf: URL(fileURLWithPath: pairs)))),
        "the columns": "\(columns.source) \(columns.target)", "the model": model.described,
        "--batch": "\(batch)", "--sampling": "\(sampling)", "--seed": "\(seed)",
        "--validation-fraction": "\(validationFraction)",
      ])
  }
}
