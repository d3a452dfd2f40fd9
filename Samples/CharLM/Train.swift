import ArgumentParser
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

  @Argument(help: "The text: UTF-8; or a .csv or .tsv table, with --column.")
  var text: String

  @Option(help: ArgumentHelp("The model file to write.", valueName: "M.safetensors"))
  var output: String

  @Option(help: "The column of a table that holds the text.")
  var column: String?

  @OptionGroup var level: Level

  @Option(help: "The cell of the recurrent layers.")
  var cell = LanguageModel.Cell.lstm

  @Option(parsing: .unconditional, help: "Hidden units of each recurrent layer.")
  var hidden = 128

  @Option(parsing: .unconditional, help: "Recurrent layers.")
  var layers = 2

  @Option(parsing: .unconditional, help: "The length of the vector of a character, byte or word.")
  var embedding = 64

  @Flag(
    help: """
      One weight for the embedding and the softmax; with a linear map between where --embedding and \
      --hidden differ.
      """)
  var tie = false

  @Flag(help: "A layer normalisation after each recurrent layer.")
  var layerNorm = false

  @Option(
    parsing: .unconditional,
    help: "Steps that back-propagation goes back: the characters, bytes or words of a chunk.")
  var sequence = 50

  @Option(parsing: .unconditional, help: "Streams that are read side by side.")
  var batch = 50

  @Option(
    parsing: .unconditional, help: "Training steps. (default: 2000, unless --epochs is given)")
  var steps: Int?

  @Option(parsing: .unconditional, help: "Passes over the text, instead of --steps.")
  var epochs: Double?

  @Option(
    parsing: .unconditional,
    help: """
      The highest learning rate. (default: adam 0.016, rmsprop 0.008, sgd 1; half of that for gru and \
      rnn, a quarter of it for words; less for more than 128 hidden units, in proportion)
      """)
  var learningRate: Double?

  @Option(help: "What becomes of the learning rate: cosine, after a short rise; or constant.")
  var schedule = LearningRateSchedule.cosine

  @Option(help: "The optimizer.")
  var optimizer = OptimizerChoice.adam

  @Option(
    parsing: .unconditional, help: "The fraction of features dropped in training, 0 to below 1.")
  var dropout = 0.0

  @Option(
    parsing: .unconditional,
    help: "The limit of the gradient norm, all gradients together; 0 for none.")
  var clip = 5.0

  @Option(
    parsing: .unconditional,
    help: "The part of the text that is kept for validation, 0 to below 1; 0 for none.")
  var validation = 0.05

  @Option(
    help: """
      What is kept: the end of the text, or the end of each of the streams, as char-rnn does \
      (easier; never compare across splits).
      """)
  var split = TextSplit.end

  @Option(
    parsing: .unconditional,
    help: "Steps from one validation to the next. (default: a fifth of the steps)")
  var validateEvery: Int?

  @Option(
    parsing: .unconditional,
    help:
      "The part of each weight that decays at each step, for a learning rate of 1; biases do not.")
  var weightDecay = 0.0

  @Option(
    parsing: .unconditional,
    help: """
      Average the weights, with this decay, 0 to below 1: averages are what is validated and saved.
      """)
  var average: Double?

  @Option(
    parsing: .unconditional, help: "Batches to a step, whose gradients are added up.")
  var accumulate = 1

  @Option(
    parsing: .unconditional,
    help: "End after so many validations in a row that brought nothing better.")
  var patience: Int?

  @Option(
    parsing: .unconditional,
    help: """
      Steps from one checkpoint to the next. They are files in a folder beside the model. (default: \
      none; 500 with --resume)
      """)
  var checkpointEvery: Int?

  @Option(parsing: .unconditional, help: "Checkpoints to keep, the newest ones.")
  var keep = 3

  @Flag(help: "Go on from the newest whole checkpoint; begin anew where there is none.")
  var resume = false

  @Option(help: "The random seed of the first weights and of dropout.")
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  @Option(help: ArgumentHelp("A file for one JSON object a step.", valueName: "F.jsonl"))
  var metrics: String?

  func validate() throws {
    try check("--hidden", hidden, in: 1...65536)
    try check("--layers", layers, in: 1...1000)
    try check("--embedding", embedding, in: 1...65536)
    try check("--sequence", sequence, in: 1...1_000_000)
    try check("--batch", batch, in: 1...1_000_000)
    try check("--steps", steps ?? 1, in: 1...1_000_000_000)
    try check("--validate-every", validateEvery ?? 1, in: 1...1_000_000_000)
    try check("--threads", threads ?? 1, in: 1...1024)
    try check("--accumulate", accumulate, in: 1...1_000_000)
    try check("--patience", patience ?? 1, in: 1...1_000_000_000)
    try check("--checkpoint-every", checkpointEvery ?? 1, in: 1...1_000_000_000)
    try check("--keep", keep, in: 1...1_000_000)
    try check(
      weightDecay >= 0 && weightDecay.isFinite,
      "--weight-decay is \(weightDecay); it must be a finite number, at least 0")
    try check(
      0..<1 ~= average ?? 0, "--average is \(average ?? 0); it must be in 0..<1")
    try check(
      patience == nil || validation > 0, "--patience needs a validation; --validation is 0")
    try check(0..<1 ~= dropout, "--dropout is \(dropout); it must be in 0..<1")
    try check(0..<1 ~= validation, "--validation is \(validation); it must be in 0..<1")
    try check(
      clip >= 0 && clip.isFinite, "--clip is \(clip); it must be a finite number, at least 0")
    let (rate, epochs) = (learningRate ?? 1, epochs ?? 1)
    try check(
      rate > 0 && rate.isFinite,
      "--learning-rate is \(rate); it must be a finite number above 0")
    try check(
      epochs > 0 && epochs <= 1e6, "--epochs is \(epochs); it must be above 0 and at most 1e6")
    try check(
      steps == nil || self.epochs == nil, "--steps and --epochs exclude each other; give one")
    try check(
      output != text && output != metrics && metrics != text,
      "the text, --output and --metrics must be different files")
  }

  func run() throws {
    let destination = try ModelOutput(output, apartFrom: [text, metrics])
    if let metrics { _ = try ModelOutput(metrics, apartFrom: [text]) }
    let text = try TextFile.read(text, column: column)
    let vocabulary = try level.vocabulary(of: text)
    let ids = try vocabulary.encode(text)
    let (training, held) = try level.split(
      ids, split, fraction: validation, batchSize: batch, chunkLength: sequence)
    let configuration = LanguageModel.Configuration(
      cell: cell, embedding: embedding, hidden: hidden, layers: layers, dropout: dropout,
      isTied: tie, hasLayerNorm: layerNorm)
    let parameters = configuration.parameterCount(vocabulary: vocabulary.count)
    guard parameters <= 500_000_000 else {
      throw ValidationError(
        "the model would have \(parameters) parameters; make --hidden, --layers or --embedding smaller"
      )
    }
    let perEpoch = Double(training.batchesPerEpoch)
    let steps = steps ?? epochs.map { max(1, Int(($0 * perEpoch).rounded(.up))) } ?? 2000
    let model = LanguageModel(
      vocabulary: vocabulary, configuration: configuration, seed: seed)
    var trainer = Trainer(
      model: model.network, source: training, optimizer: optimizer.make(weightDecay: weightDecay),
      schedule: schedule.make(
        peak: learningRate ?? optimizer.defaultRate(hidden: hidden, cell: cell, unit: level.level),
        steps: steps),
      clipping: clip > 0 ? .globalNorm(clip) : .none, seed: seed,
      threads: threads ?? defaultThreads)
    trainer.accumulation = accumulate
    trainer.averagingDecay = average
    trainer.patience = patience
    let interval = validateEvery ?? max(steps / 5, min(50, steps))
    let checkpoints = RunCheckpoints(
      of: output, every: checkpointEvery ?? (resume ? 500 : nil), keep: keep,
      settings: settings(steps: steps, validateEvery: interval, text: text))
    var observers: [any TrainingObserver] = [
      TrainingProgress(vocabulary: vocabulary, seed: seed), InterruptObserver(),
    ]
    if let observer = try checkpoints.begin(&trainer, vocabulary: vocabulary, resuming: resume) {
      observers.append(observer)
    }
    if let metrics {
      observers.insert(try MetricsFile(path: metrics, goingOnFrom: trainer.step), at: 0)
    }

    print(
      """
      \(vocabulary.summary(of: ids)); \(parameters) parameters; \
      \(steps) steps of \(batch) x \(sequence) \(vocabulary.unit)s, \
      \(training.batchesPerEpoch) to an epoch
      """)
    if let held { print(vocabulary.baselines(training, held)) }
    Interrupt.watch()
    let failure: (any Error)?
    do {
      try trainer.train(
        steps: steps, validation: held, validationInterval: interval, observers: &observers)
      failure = nil
    } catch {
      failure = error
    }
    let trained = LanguageModel(vocabulary: vocabulary, network: trainer.bestModel)
    try destination.save(trained, after: trainer.step, of: failure)
    if let signal = Interrupt.signal {
      print("interrupted after step \(trainer.step); wrote \(output)")
      throw ExitCode(128 + signal)
    }
    if let best = trainer.best, best.step < trainer.step {
      print("wrote \(output), the model of step \(best.step), which was the best\n")
    } else {
      print("wrote \(output)\n")
    }
    print(try trained.writing(400, sampling: Sampling(temperature: 0.7), seed: seed))
    try finishOutput()
  }

  /// What a run that goes on must have in common with the one that wrote the checkpoint, by the option
  /// that says it.
  private func settings(steps: Int, validateEvery: Int, text: String) -> [String: String] {
    let rate =
      learningRate ?? optimizer.defaultRate(hidden: hidden, cell: cell, unit: level.level)
    return [
      "the text": RunCheckpoints.mark(of: text),
      "--level": level.level.rawValue,
      "--vocabulary-size": level.vocabularySize.map { "\($0)" } ?? "all",
      "--hidden": "\(hidden)", "--layers": "\(layers)", "--embedding": "\(embedding)",
      "--cell": cell.rawValue, "--tie": "\(tie)", "--layer-norm": "\(layerNorm)",
      "--sequence": "\(sequence)", "--batch": "\(batch)", "--steps": "\(steps)",
      "--learning-rate": "\(rate)",
      "--schedule": schedule.rawValue, "--optimizer": optimizer.rawValue,
      "--dropout": "\(dropout)", "--clip": "\(clip)", "--validation": "\(validation)",
      "--split": split.rawValue, "--validate-every": "\(validateEvery)", "--seed": "\(seed)",
      "--weight-decay": "\(weightDecay)", "--average": average.map { "\($0)" } ?? "none",
      "--accumulate": "\(accumulate)", "--patience": patience.map { "\($0)" } ?? "none",
    ]
  }

  private func check(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws {
    try check(
      range.contains(value),
      "\(option) is \(value); it must be at least \(range.lowerBound) and at most \(range.upperBound)"
    )
  }

  private func check(_ condition: Bool, _ message: String) throws {
    if !condition { throw ValidationError(message) }
  }
}
