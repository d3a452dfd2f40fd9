import ArgumentParser
import ProgramSupport
import Foundation
import Unroll
import UnrollModels

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model on a text.",
    discussion: """
      The text is read as parallel streams; back-propagation through time is truncated at the \
      beginning of each chunk, the state is carried over. The last part of the text is kept for \
      validation; the model that predicts it best is the one that is saved. Ctrl-C saves too.

      The vocabulary is that of the part that is trained on; where there is no <unk>, characters that \
      occur in the rest only are known too, and told of.

      With --checkpoint-every, the run itself is saved now and then, beside the model, and --resume goes \
      on from the newest whole checkpoint: the same command line can be repeated until the run is done, \
      and ends with the same model as if it had not been interrupted.

      EXAMPLES:
        charlm train tales.txt --output tales.safetensors
        charlm train sms.tsv --column text --output sms.safetensors --steps 3000
        charlm train big.txt --output big.safetensors --hidden 512 --dropout 0.5 --average 0.999 \
      --checkpoint-every 200 --resume
        charlm train tales.txt --output gru.safetensors --cell gru --tie --embedding 128
        charlm train tales.txt --output words.safetensors --level word --dropout 0.5
      """)

  @Argument(
    help: """
      The text: UTF-8, with --level byte anything; or a .csv or .tsv table, with --column.
      """)
  var text: String

  @Option(help: ArgumentHelp("The model file to write.", valueName: "M.safetensors"))
  var output: String

  @Option(help: "The column of a table that holds the text.")
  var column: String?

  @Option(help: "The random seed of the first weights and of dropout.")
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  @Option(help: ArgumentHelp("A file for one JSON object a step.", valueName: "F.jsonl"))
  var metrics: String?

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Training") var training: TrainingArguments
  @OptionGroup(title: "Validation") var validation: ValidationOptions
  @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions

  func validate() throws {
    try check("--threads", threads ?? 1, in: 1...1024)
    try check(
      output != text && output != metrics && metrics != text,
      "the text, --output and --metrics must be different files")
  }

  func run() throws {
    let destination = try ModelOutput(output, apartFrom: [text, metrics])
    if let metrics { _ = try ModelOutput(metrics, apartFrom: [text]) }
    let (text, mark) = try readText()
    let (vocabulary, source, held) = (text.vocabulary, text.training, text.validation)
    let steps = training.steps(batchesPerEpoch: source.batchesPerEpoch)
    var trainer = try trainer(source, vocabulary, steps: steps)
    let checkpoints = RunCheckpoints(
      of: output, checkpoints, settings: settings(of: text, mark, steps: steps), program: "charlm")
    var observers: [any TrainingObserver] = [
      ProgressLine(
        unit: "\(vocabulary.unit)s", describingLoss: { vocabulary.described(loss: $0) }),
      WritingSample(vocabulary: vocabulary, seed: seed), InterruptObserver(),
    ]
    if let observer = try checkpoints.begin(
      &trainer,
      metadata: [LanguageModel.vocabularyKey: try LanguageModel.text(of: vocabulary)])
    {
      observers.append(observer)
    }
    if let metrics {
      observers.insert(
        try MetricsFile(
          path: metrics, resumingFrom: trainer.step, unit: vocabulary.unit.rawValue), at: 0)
    }

    if trainer.step >= steps { print("the run is done: there are no steps to go") }
    let batches = training.accumulate == 1 ? "" : "\(training.accumulate) x "
    print(
      """
      \(vocabulary.summary(of: text.tokens)); \(trainer.model.parameterCount) parameters; \
      \(steps) steps of \(batches)\(training.batch) x \(training.sequence) \(vocabulary.unit)s, \
      \(training.stepsPerEpoch(source.batchesPerEpoch)) to an epoch
      """)
    if !text.untrained.isEmpty { print(text.untrainedNote) }
    if let limitation = validation.limitation(of: text) { print(limitation) }
    if let held { print(vocabulary.baselines(source, held)) }
    Interrupt.watch()
    let failure: (any Error)?
    do {
      try trainer.train(
        untilStep: steps, validation: held, validationInterval: validation.interval(steps: steps),
        observers: observers)
      failure = nil
    } catch {
      failure = error
    }
    let trained = LanguageModel(vocabulary: vocabulary, network: trainer.bestModel)
    try destination.save(trained.network, after: failure) { try trained.save(to: $0) }
    let best = trainer.best.flatMap { $0.step < trainer.step ? $0 : nil }
    let written =
      "wrote \(output)" + (best.map { ", the model of step \($0.step), which was the best" } ?? "")
    if let signal = Interrupt.signal {
      print("interrupted after step \(trainer.step); \(written)")
      throw ExitCode(128 + signal)
    }
    print(written + "\n")
    let sample = try trained.writing(400, sampling: Sampling(temperature: 0.7), seed: seed)
    print(isatty(STDOUT_FILENO) == 1 ? sample.terminalText : sample)
    try finishOutput()
  }

  /// The text, split; and what tells it from others.
  private func readText() throws -> (text: SplitText, mark: String) {
    let bytes = try TextInput(path: text, column: column)
      .read(model.level, orElse: ", or give --level byte")
    // Its text has to be read with the vocabulary that it has, whatever a text gets by now.
    var known: Vocabulary?
    RunCheckpoints.withNewest(of: output, checkpoints) {
      known = try LanguageModel.vocabulary(of: $0)
    }
    let split = try model.split(
      bytes, known: known, validation, batchSize: training.batch, chunkLength: training.sequence)
    return (split, RunCheckpoints.mark(of: bytes))
  }

  private func trainer(
    _ source: TextStreams, _ vocabulary: Vocabulary, steps: Int
  ) throws -> Trainer<LanguageModel.Network, TextStreams> {
    let parameters = model.configuration.parameterCount(vocabulary: vocabulary.count)
    try check(
      parameters <= 500_000_000,
      "the model would have \(parameters) parameters; make --hidden, --layers or --embedding smaller"
    )
    let network = LanguageModel(
      vocabulary: vocabulary, configuration: model.configuration, seed: seed
    ).network
    return Trainer(
      model: network, source: source,
      options: TrainingOptions(
        optimizer: training.optimizer.make(weightDecay: training.weightDecay),
        schedule: training.schedule.make(peak: training.rate(of: model), steps: steps),
        clipping: training.clip > 0 ? .globalNorm(training.clip) : .none,
        accumulation: training.accumulate, patience: validation.patience,
        averagingDecay: training.average, seed: seed, threads: threads ?? Threads.default))
  }

  private func settings(of text: SplitText, _ mark: String, steps: Int) -> RunSettings {
    let data = [
      "the text": mark, "--seed": "\(seed)",
      "--sequence": "\(training.sequence)", "--batch": "\(training.batch)",
      "--optimizer": training.optimizer.rawValue, "--validation": "\(validation.validation)",
      "--split": validation.split.rawValue,
    ]
    let way = training.settings(of: model)
      .merging(validation.settings(steps: steps, of: text)) { first, _ in first }
    return RunSettings(
      training: way.merging(["--steps": "\(steps)"]) { first, _ in first },
      fixed: model.settings.merging(data) { first, _ in first })
  }
}
