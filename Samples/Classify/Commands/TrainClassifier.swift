import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct TrainClassifier: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn labels from a table.",
    discussion: """
      Each network keeps a fifth of the examples, another one each, to choose its best step by, and one \
      network a tenth; copies of an example stay together. How well they do on what they kept is told in \
      the end, and makes the probabilities as sure as they are right. Ctrl-C saves too.

      EXAMPLES:
        classify train sms.tsv --no-header --label 1 --text 2 --drop-copies --test-fraction 0.2 \
      --output spam.safetensors
        classify train motions.csv --sequence id --feature x,y,z --label motion --output motions.safetensors
      """)

  @Argument(help: "The table.")
  var file: String

  @OptionGroup(title: "Columns") var columns: ExampleOptions
  @OptionGroup(title: "Model") var model: ClassifierOptions
  @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions

  @Option(help: ArgumentHelp("The model file to write.", valueName: "M.safetensors"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: "The part of each label's examples that is kept to test on in the end, 0 to below 1.")
  var testFraction: Double?

  @Option(help: ArgumentHelp("Examples to test on in the end.", valueName: "FILE"))
  var test: String?

  @Flag(help: "Take the first of examples that are the same.")
  var dropCopies = false

  @Option(parsing: .unconditional, help: "Training steps of each network. (default: by --size)")
  var steps: Int?

  @Option(
    parsing: .unconditional,
    help:
      "The most minutes to train. A run by --steps can be repeated to the byte, one by the clock cannot."
  )
  var minutes: Double?

  @Option(parsing: .unconditional, help: "Sequences to a step. (default: by how many there are)")
  var batch: Int?

  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var learningRate = 0.003

  @Option(help: "The random seed of the parts, of the first weights, of orders and of dropout.")
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  func validate() throws {
    try check("--steps", steps ?? 1, in: 1...1_000_000_000)
    try check("--batch", batch ?? 1, in: 1...1_000_000)
    try check("--threads", threads ?? 1, in: 1...1024)
    try check(
      minutes ?? 1 > 0 && minutes ?? 1 < 1e6, "--minutes is \(minutes ?? 0); it must be above 0")
    try check(
      learningRate > 0 && learningRate.isFinite,
      "--learning-rate is \(learningRate); it must be a finite number above 0")
    try check(
      0..<1 ~= testFraction ?? 0, "--test-fraction is \(testFraction ?? 0); it must be in 0..<1")
    try check(
      test == nil || testFraction == nil, "--test and --test-fraction exclude each other; give one")
    try check(
      minutes == nil || !checkpoints.resume, "--resume is for a run by --steps, not by --minutes")
    try check(
      columns.sequence != nil || (model.augmentation == .none && !model.shapes),
      "--jitter, --scaling, --slicing, --warping and --shapes are for sequences of numbers")
  }

  func run() throws {
    let destination = try ModelOutput(output, apartFrom: [file, test])
    Interrupt.watch()
    if columns.text != nil {
      try run(
        columns.layout.texts(file, labeled: true), destination, copiesBy: { $0 },
        preparation: {
          do {
            return try TextPreparation($0, unit: model.level.unit)
          } catch let error as VocabularyError {
            throw ProgramError(description: "\(file): \(error)")
          }
        },
        network: model.configuration.network(for:labels:seed:), augmented: { source, _ in source })
    } else {
      try run(
        columns.layout.sequences(file, labeled: true), destination, copiesBy: { $0.scalars },
        preparation: {
          try NumberPreparation($0, columns: columns.layout.features, withShapes: model.shapes)
        },
        network: model.configuration.network(for:labels:seed:),
        augmented: { source, seed in
          AugmentedSequences(source, model.augmentation, seed: seed)
        })
    }
  }

  private func run<Preparation: SequencePreparation>(
    _ all: Examples<Preparation.Example>, _ destination: ModelOutput,
    copiesBy key: (Preparation.Example) -> some Hashable,
    preparation: ([Preparation.Example]) throws -> Preparation,
    network: @escaping (Preparation, Int, UInt64?) -> SequenceClassifier<Preparation>.Network,
    augmented:
      @escaping (PaddedSequences<Preparation.Input>, UInt64) -> any BatchSource<
        Preparation.Input, Tokens
      >
  ) throws {
    var all = all
    var copies = all.copies(by: key)
    if dropCopies {
      var seen: Set<Int> = []
      let kept = copies.indices.filter { seen.insert(copies[$0]).inserted }
      (all, copies) = (all.part(kept), kept.map { copies[$0] })
    }
    guard let labels = LabelTable(all.labels) else {
      throw ProgramError(description: "\(file): the table has no row; add rows to it")
    }
    let split = StratifiedFolds(
      labels: try all.ids(labels), groups: copies, fraction: testFraction ?? 0, seed: seed)
    let examples = all.part(split.parts[0])
    for label in split.labelsLacking(in: 1) where testFraction ?? 0 > 0 {
      print("of '\(labels.name(of: label))' no example is kept to test on")
    }
    guard Set(examples.labels).count > 1 else {
      throw ProgramError(
        description:
          "\(file): all examples to learn from are '\(labels.names[0])'; at least two labels are needed"
      )
    }
    let prepared = try preparation(examples.examples)
    print(summary(of: examples, labels, tested: split.parts[1].count))
    let job = ClassifierTraining(
      options: self, preparation: prepared, labels: labels, examples: examples,
      ids: try examples.ids(labels), copies: split.parts[0].map { copies[$0] },
      network: { network(prepared, labels.count, $0) }, augmented: augmented,
      checkpoints: { try memberCheckpoints($0) })
    let result = try job.run()
    try destination.save(result.classifier.members[0], after: result.failure) {
      try result.classifier.save(
        to: $0, metadata: ClassifierFile.metadata(columns.layout))
    }
    print("wrote \(output)")
    if let signal = Interrupt.signal { throw ExitCode(128 + signal) }
    if result.report.count > 0 {
      print("\nwhat each network kept:")
      result.report.printTable(labels)
    }
    let tested =
      try test.map { try read($0, as: Preparation.self) } ?? all.part(split.parts[1])
    if tested.count > 0 {
      print("\nthe test:")
      let threads = threads ?? Threads.default
      ClassificationReport(
        of: try result.classifier.probabilities(of: tested.examples, threads: threads),
        try tested.ids(labels), labels: labels.count
      ).printTable(labels)
    }
    try finishOutput()
  }

  private func read<Preparation: SequencePreparation>(
    _ path: String, as: Preparation.Type
  ) throws -> Examples<Preparation.Example> {
    let layout = columns.layout
    let read: Any =
      layout.text != nil
      ? try layout.texts(path, labeled: true) : try layout.sequences(path, labeled: true)
    guard let read = read as? Examples<Preparation.Example> else {
      fatalError("classify: examples of \(Preparation.kind)")
    }
    return read
  }

  private func summary(
    of examples: Examples<some Sendable>, _ labels: LabelTable, tested: Int
  ) -> String {
    let counts = labels.names.map { name in
      "\(name) \(examples.labels.count { $0 == name })"
    }
    return
      "\(examples.count) to learn from, \(tested) to test on; \(labels.count) labels: "
      + counts.prefix(12).joined(separator: ", ") + (counts.count > 12 ? ", ..." : "")
  }

  /// The checkpoints of a network, in a folder of its own beside the model.
  private func memberCheckpoints(_ member: Int) throws -> RunCheckpoints? {
    let name = output.hasSuffix(".safetensors") ? String(output.dropLast(12)) : output
    let mark = RunCheckpoints.mark(of: Array(try Data(contentsOf: URL(fileURLWithPath: file))))
    return RunCheckpoints(
      of: "\(name).\(member + 1).safetensors", checkpoints,
      settings: RunSettings(
        training: ["--steps": "\(steps ?? 0)", "--learning-rate": "\(learningRate)"],
        fixed: [
          "the table": mark, "the columns": try ModelFile.text(of: columns.layout),
          "the model": model.described, "--batch": "\(batch ?? 0)", "--seed": "\(seed)",
          "--test-fraction": "\(testFraction ?? 0)", "--drop-copies": "\(dropCopies)",
        ]), program: "classify")
  }
}
