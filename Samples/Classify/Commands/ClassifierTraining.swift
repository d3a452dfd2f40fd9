import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// The training of a classifier, of texts or of numbers: some networks, each of which keeps another part of the examples to
/// choose its best step by, and to calibrate the probabilities.
struct ClassifierTraining<Preparation: SequencePreparation> {
  typealias Classifier = SequenceClassifier<Preparation>

  let options: TrainClassifier
  let preparation: Preparation
  let labels: LabelTable
  let examples: Examples<Preparation.Example>
  let ids: [Int32]
  /// Copies of one example have one number.
  let copies: [Int]
  /// A network by its number.
  let network: (UInt64) -> Classifier.Network
  /// What batches become that are learned from.
  let augmented:
    (PaddedSequences<Preparation.Input>, UInt64) -> any BatchSource<Preparation.Input, Tokens>
  let checkpoints: (Int) throws -> RunCheckpoints?

  struct Result {
    var classifier: Classifier
    /// How well each network does on what it kept, taken together.
    var report: ClassificationReport
    var failure: (any Error)?
  }

  private var threads: Int { options.threads ?? Threads.default }

  func run() throws -> Result {
    let count = options.model.members ?? options.model.size.members
    let folds =
      count > 1
      ? StratifiedFolds(labels: ids, groups: copies, count: max(count, 5), seed: options.seed)
      : StratifiedFolds(labels: ids, groups: copies, fraction: 0.1, seed: options.seed)
    var members: [Classifier.Network] = []
    var held: [(examples: [Preparation.Example], labels: [Int32])] = []
    var failure: (any Error)?
    for member in 0..<count {
      let kept = folds.parts[count > 1 ? member % folds.parts.count : 1]
      let learned = Array(Set(ids.indices).subtracting(kept)).sorted()
      if let label = Set(ids).subtracting(learned.map { ids[$0] }).min() {
        throw ProgramError(
          description:
            "\(examples.path): too few examples of '\(labels.name(of: label))' to keep one of them; "
            + "add some, or use --members 1")
      }
      if count > 1 { print("network \(member + 1) of \(count)") }
      do {
        members.append(try trained(UInt64(member), learned, kept))
      } catch let error where !members.isEmpty && Interrupt.signal != nil {
        failure = error
      }
      held.append((kept.map { examples.examples[$0] }, kept.map { ids[$0] }))
      if Interrupt.signal != nil { break }
    }
    var classifier = try Classifier(preparation: preparation, labels: labels, members: members)
    held = Array(held.prefix(members.count))
    try classifier.calibrate(on: held, threads: threads)
    return Result(
      classifier: classifier, report: try report(of: classifier, held), failure: failure)
  }

  private func trained(
    _ member: UInt64, _ learned: [Int], _ kept: [Int]
  ) throws -> Classifier.Network {
    func batches(
      _ rows: [Int], _ size: Int, seed: UInt64?
    ) throws -> PaddedSequences<Preparation.Input> {
      try preparation.batches(
        rows.map { examples.examples[$0] }, labels: rows.map { ids[$0] }, batchSize: size,
        seed: seed)
    }
    let size = options.batch ?? min(32, max(8, learned.count / 16))
    let source = try batches(learned, size, seed: options.seed &+ member)
    let validation = kept.isEmpty ? nil : try batches(kept, 64, seed: nil)
    return try train(
      augmented(source, options.seed &+ member), validation,
      network(options.seed &+ 1000 &* member),
      Int(member))
  }

  private func train<Source: BatchSource<Preparation.Input, Tokens>>(
    _ source: Source, _ validation: PaddedSequences<Preparation.Input>?,
    _ network: Classifier.Network, _ member: Int
  ) throws -> Classifier.Network {
    let weights: [Double]? =
      options.model.weights == .equal
      ? nil
      : (0..<labels.count).map { label in
        Double(ids.count) / Double(labels.count * max(1, ids.count { Int($0) == label }))
      }
    var steps = max(
      options.steps == nil ? 300 : 1,
      options.steps
        ?? Int(
          options.model.size.epochs(ofTexts: Preparation.self == TextPreparation.self)
            * Double(source.batchesPerEpoch)))
    func training(_ steps: Int) -> TrainingOptions<Float> {
      TrainingOptions(
        schedule: .warmUpAndDecay(
          peak: options.learningRate, warmUp: steps / 20 + 1, steps: steps),
        clipping: .globalNorm(1), averagingDecay: 0.98, classWeights: weights,
        labelSmoothing: options.model.smoothing ?? (options.model.loss == .focal ? 0 : 0.05),
        seed: options.seed &+ UInt64(member), threads: threads)
    }
    let loss: any Loss<Tensor<Float>, Tokens> =
      options.model.loss == .focal ? FocalLoss<Float>() : CrossEntropy<Float>()
    func run(_ loss: some Loss<Tensor<Float>, Tokens>) throws -> Classifier.Network {
      var trainer = Trainer(model: network, source: source, loss: loss, options: training(steps))
      if let minutes = options.minutes {
        let count = options.model.members ?? options.model.size.members
        steps = try trainer.steps(
          within: minutes / Double(count), atMost: steps, validation: validation)
        trainer.options = training(steps)
      }
      var observers: [any TrainingObserver] = [
        ProgressLine(unit: "steps"), InterruptObserver(),
      ]
      if let saving = try checkpoints(member)?.begin(&trainer) { observers.append(saving) }
      try trainer.train(
        untilStep: steps, validation: validation, validationInterval: max(10, steps / 20),
        observers: observers)
      return trainer.bestModel
    }
    return try run(loss)
  }

  /// The confusion of what each network makes of what it kept.
  private func report(
    of classifier: Classifier, _ held: [(examples: [Preparation.Example], labels: [Int32])]
  ) throws -> ClassificationReport {
    var confusion = labels.names.map { _ in labels.names.map { _ in 0 } }
    for (member, part) in held.enumerated() {
      let one = try Classifier(
        preparation: preparation, labels: labels, members: [classifier.members[member]],
        temperature: classifier.temperature)
      for (prediction, id) in zip(
        try one.predictions(of: part.examples, threads: threads), part.labels)
      {
        confusion[Int(id)][Int(labels.id(of: prediction.label) ?? 0)] += 1
      }
    }
    return ClassificationReport(confusion: confusion)
  }
}
