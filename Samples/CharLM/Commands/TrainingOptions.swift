import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// How a model is trained.
struct TrainingArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Steps that back-propagation goes back: the characters, bytes or words of a chunk.")
  var sequence = 50

  @Option(parsing: .unconditional, help: "Streams that are read side by side.")
  var batch = 50

  @Option(
    parsing: .unconditional, help: "Batches to a step, whose gradients are added up.")
  var accumulate = 1

  @Option(
    parsing: .unconditional, help: "Training steps. (default: 2000, unless --epochs is given)")
  var steps: Int?

  @Option(parsing: .unconditional, help: "Passes over the text, instead of --steps.")
  var epochs: Double?

  @Option(help: "The optimizer.")
  var optimizer = OptimizerChoice.adam

  @Option(
    parsing: .unconditional,
    help: """
      The highest learning rate. (default: adam 0.016, rmsprop 0.008, sgd 1; half of that for gru and \
      rnn, a quarter of it for words; less for more than 128 hidden units, in proportion)
      """)
  var learningRate: Double?

  @Option(
    help: """
      What becomes of the learning rate: it rises shortly and falls along a cosine; rises for long and \
      falls; falls to a hundredth; or stays.
      """)
  var schedule = LearningRateSchedule.cosine

  @Option(
    parsing: .unconditional,
    help: "The limit of the gradient norm, all gradients together; 0 for none.")
  var clip = 5.0

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

  func validate() throws {
    try check("--sequence", sequence, in: 1...1_000_000)
    try check("--batch", batch, in: 1...1_000_000)
    try check("--accumulate", accumulate, in: 1...1_000_000)
    try check("--steps", steps ?? 1, in: 1...1_000_000_000)
    let (epochs, rate) = (epochs ?? 1, learningRate ?? 1)
    try check(
      epochs > 0 && epochs <= 1e6, "--epochs is \(epochs); it must be above 0 and at most 1e6")
    try check(
      steps == nil || self.epochs == nil, "--steps and --epochs exclude each other; give one")
    try check(
      rate > 0 && rate.isFinite,
      "--learning-rate is \(rate); it must be a finite number above 0")
    try check(
      clip >= 0 && clip.isFinite, "--clip is \(clip); it must be a finite number, at least 0")
    try check(
      weightDecay >= 0 && weightDecay.isFinite,
      "--weight-decay is \(weightDecay); it must be a finite number, at least 0")
    try check(0..<1 ~= average ?? 0, "--average is \(average ?? 0); it must be in 0..<1")
  }

  /// The steps of a run, where a pass has so many batches.
  func steps(batchesPerEpoch: Int) -> Int {
    let perEpoch = Double(batchesPerEpoch) / Double(accumulate)
    return steps ?? epochs.map { max(1, Int(($0 * perEpoch).rounded(.up))) } ?? 2000
  }

  /// The steps of a pass of so many batches.
  func stepsPerEpoch(_ batches: Int) -> String {
    let isWhole = batches % accumulate == 0
    return isWhole
      ? "\(batches / accumulate)" : TerminalFormat.fixed(Double(batches) / Double(accumulate), 1)
  }

  /// The highest learning rate.
  func rate(of model: ModelOptions) -> Double {
    learningRate
      ?? optimizer.defaultRate(hidden: model.hidden, cell: model.cell, unit: model.level)
  }

  /// What may change while a run goes on.
  func settings(of model: ModelOptions) -> [String: String] {
    [
      "--accumulate": "\(accumulate)", "--learning-rate": "\(rate(of: model))",
      "--schedule": schedule.rawValue, "--clip": "\(clip)", "--weight-decay": "\(weightDecay)",
      "--average": average.map { "\($0)" } ?? "none",
    ]
  }
}

enum OptimizerChoice: String, ExpressibleByArgument, CaseIterable {
  case adam
  case rmsprop
  case sgd

  /// A good highest rate: found by trying, with 128 hidden units, and with 512 of an LSTM; by words
  /// with 128 of an LSTM.
  func defaultRate(hidden: Int, cell: LanguageModel.Cell, unit: Vocabulary.Unit) -> Double {
    let rate =
      switch self {
      case .adam: 0.016
      case .rmsprop: 0.008
      case .sgd: 1.0
      }
    let share = cell == .gru || cell == .rnn ? 0.5 : 1
    let words = unit == .word ? 0.25 : 1
    return rate * share * words * min(1, 128 / Double(hidden))
  }

  func make(weightDecay: Double) -> any Optimizer<Float> {
    switch self {
    case .adam: Adam(weightDecay: weightDecay)
    case .rmsprop: RMSProp(weightDecay: weightDecay)
    case .sgd: SGD(momentum: 0.9, weightDecay: weightDecay)
    }
  }
}

enum LearningRateSchedule: String, ExpressibleByArgument, CaseIterable {
  case cosine
  case oneCycle = "one-cycle"
  case exponential
  case constant

  func make(peak: Double, steps: Int) -> Schedule {
    switch self {
    case .cosine: .warmUpAndDecay(peak: peak, warmUp: min(100, steps / 10), steps: steps)
    case .oneCycle: .oneCycle(peak: peak, steps: steps)
    case .exponential: .exponential(from: peak, factor: 0.01, over: steps)
    case .constant: .constant(peak)
    }
  }
}
