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
      validation. Ctrl-C saves the model as it is.

      EXAMPLES:
        charlm train tales.txt --output tales.safetensors
        charlm train sms.tsv --column text --output sms.safetensors --steps 3000
        charlm train big.txt --output big.safetensors --hidden 512 --dropout 0.5
      """)

  @Argument(help: "The text: UTF-8; or a .csv or .tsv table, with --column.")
  var text: String

  @Option(help: ArgumentHelp("The model file to write.", valueName: "M.safetensors"))
  var output: String

  @Option(help: "The column of a table that holds the text.")
  var column: String?

  @Option(help: "Hidden units of each LSTM layer.")
  var hidden = 128

  @Option(help: "LSTM layers.")
  var layers = 2

  @Option(help: "The length of a character's vector.")
  var embedding = 64

  @Option(help: "Characters in a chunk, through which gradients flow back.")
  var sequence = 50

  @Option(help: "Streams that are read side by side.")
  var batch = 50

  @Option(help: "Training steps. (default: 2000, unless --epochs is given)")
  var steps: Int?

  @Option(help: "Passes over the text, instead of --steps.")
  var epochs: Double?

  @Option(
    help: """
      The highest learning rate. (default: adam 0.016, rmsprop 0.008, sgd 1; less for more than 128 \
      hidden units, in proportion)
      """)
  var learningRate: Double?

  @Option(help: "What becomes of the learning rate: cosine, after a short rise; or constant.")
  var schedule = LearningRateSchedule.cosine

  @Option(help: "adam, rmsprop or sgd.")
  var optimizer = OptimizerChoice.adam

  @Option(help: "The part of the features that is dropped in training, 0 to below 1.")
  var dropout = 0.0

  @Option(help: "The longest that all gradients together may be; 0 for no limit.")
  var clip = 5.0

  @Option(help: "The part of the text that is kept for validation, 0 to below 1; 0 for none.")
  var validation = 0.05

  @Option(
    help: """
      What is kept: the end of the text, or the end of each of the streams, as char-rnn does \
      (easier; never compare across splits).
      """)
  var split = TextSplit.end

  @Option(help: "Steps from one validation to the next. (default: a fifth of the steps)")
  var validateEvery: Int?

  @Option(help: "What the first weights and dropout are drawn from.")
  var seed: UInt64 = 1

  @Option(help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  @Option(help: ArgumentHelp("A file for one JSON object a step.", valueName: "F.jsonl"))
  var metrics: String?

  func validate() throws {
    try check(hidden >= 1, "--hidden is \(hidden); it must be at least 1")
    try check(layers >= 1, "--layers is \(layers); it must be at least 1")
    try check(embedding >= 1, "--embedding is \(embedding); it must be at least 1")
    try check(sequence >= 1, "--sequence is \(sequence); it must be at least 1")
    try check(batch >= 1, "--batch is \(batch); it must be at least 1")
    try check(steps ?? 1 >= 1, "--steps is \(steps ?? 0); it must be at least 1")
    try check(epochs ?? 1 > 0, "--epochs is \(epochs ?? 0); it must be above 0")
    try check(steps == nil || epochs == nil, "--steps and --epochs exclude each other; give one")
    try check(
      learningRate ?? 1 > 0 && (learningRate ?? 1).isFinite,
      "--learning-rate is \(learningRate ?? 0); it must be above 0")
    try check(0..<1 ~= dropout, "--dropout is \(dropout); it must be in 0..<1")
    try check(clip >= 0, "--clip is \(clip); it must be at least 0")
    try check(0..<1 ~= validation, "--validation is \(validation); it must be in 0..<1")
    try check(
      validateEvery ?? 1 >= 1, "--validate-every is \(validateEvery ?? 0); it must be at least 1")
    try check(threads ?? 1 >= 1, "--threads is \(threads ?? 0); it must be at least 1")
  }

  func run() throws {
    let text = try TextFile.read(text, column: column)
    try AtomicFile.checkWritable(output)
    let vocabulary = try Vocabulary(text)
    let (training, held) = try split.split(
      try vocabulary.encode(text), fraction: validation, batchSize: batch, chunkLength: sequence)
    let model = CharacterLanguageModel(
      vocabulary: vocabulary,
      configuration: .init(
        embedding: embedding, hidden: hidden, layers: layers, dropout: dropout),
      seed: seed)
    let steps = steps ?? epochs.map { Int(($0 * Double(training.batchesPerEpoch)).rounded(.up)) }
    let total = max(1, steps ?? 2000)

    var trainer = Trainer(
      model: model.network, source: training, optimizer: optimizer.make(),
      schedule: schedule.make(
        peak: learningRate ?? optimizer.defaultRate(hidden: hidden), steps: total),
      clipping: clip > 0 ? .globalNorm(clip) : .none, seed: seed,
      threads: threads ?? defaultThreads)
    var observers: [any TrainingObserver] = [
      TrainingProgress(vocabulary: vocabulary, seed: seed), InterruptObserver(),
    ]
    if let metrics { observers.insert(try MetricsFile(path: metrics), at: 0) }

    print(
      """
      \(text.unicodeScalars.count) characters, \(vocabulary.count) different; \
      \(model.network.parameterCount) parameters; \(total) steps of \(batch) x \(sequence) \
      characters, \(training.batchesPerEpoch) to an epoch
      """)
    Interrupt.watch()
    try trainer.train(
      steps: total, validation: held, validationInterval: validateEvery ?? max(1, total / 5),
      observers: &observers)

    let trained = CharacterLanguageModel(vocabulary: vocabulary, network: trainer.model)
    try save(trained)
    if Interrupt.happened {
      print("interrupted after step \(trainer.step); wrote \(output)")
      throw ExitCode(130)
    }
    print("wrote \(output)\n")
    print(try trained.writing(400, sampling: Sampling(temperature: 0.7), seed: seed))
  }

  /// Saves a model; elsewhere, where it cannot be saved as asked: a disk may have filled meanwhile.
  private func save(_ model: CharacterLanguageModel) throws {
    do {
      try model.save(to: output)
    } catch let error as FileWriteError {
      let rescue = FileManager.default.temporaryDirectory
        .appendingPathComponent("charlm-\(UUID().uuidString).safetensors").path
      guard (try? model.save(to: rescue)) != nil else { throw error }
      throw RescuedModel(description: "\(error); the model was saved as \(rescue) instead")
    }
  }

  private func check(_ condition: Bool, _ message: String) throws {
    if !condition { throw ValidationError(message) }
  }
}

/// A model that could not be saved where it was to be.
struct RescuedModel: Error, CustomStringConvertible {
  let description: String
}

extension TextSplit: ExpressibleByArgument {}

enum OptimizerChoice: String, ExpressibleByArgument, CaseIterable {
  case adam
  case rmsprop
  case sgd

  /// A good highest rate: found by trying with 128 and with 512 hidden units.
  func defaultRate(hidden: Int) -> Double {
    let rate =
      switch self {
      case .adam: 0.016
      case .rmsprop: 0.008
      case .sgd: 1.0
      }
    return rate * min(1, 128 / Double(hidden))
  }

  func make() -> any Optimizer<Float> {
    switch self {
    case .adam: Adam()
    case .rmsprop: RMSProp()
    case .sgd: SGD(momentum: 0.9)
    }
  }
}

enum LearningRateSchedule: String, ExpressibleByArgument, CaseIterable {
  case cosine
  case constant

  func make(peak: Double, steps: Int) -> Schedule {
    switch self {
    case .cosine: .warmUpAndDecay(peak: peak, warmUp: min(100, steps / 10), steps: steps)
    case .constant: .constant(peak)
    }
  }
}

extension CharacterLanguageModel {
  /// Some characters of the model's own.
  func writing(_ length: Int, sampling: Sampling, seed: UInt64) throws -> String {
    try generate(sampling: sampling, seed: seed).prefix(length).joined()
  }
}
