import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// How a model is trained.
struct RewriteRun {
  var steps: Int
  var minutes: Double?
  var batch: Int
  var learningRate: Double
  var sampling: Double
  var seed: UInt64
  var threads: Int

  struct Result {
    var model: EncoderDecoder
    /// The step of its weights.
    var step: Int
    /// What ended the training, where that was not its end.
    var failure: (any Error)?
  }

  private typealias Training = Trainer<EncoderDecoder.Network, PairedSequences>

  /// Trains; the best model by validation, where there are pairs to choose by.
  func train(
    _ fresh: EncoderDecoder, _ training: PairTable, _ held: PairTable, _ checkpoints: RunCheckpoints
  ) throws -> Result {
    let validation =
      held.pairs.isEmpty
      ? nil
      : try held.reading { try fresh.pairs(held.pairs, batchSize: max(batch, 64), seed: nil) }
    var (end, trainer) = (steps, try trainer(fresh, training, steps: steps))
    if let minutes {
      end = try trainer.steps(within: minutes, atMost: steps, validation: validation)
      trainer = try self.trainer(fresh, training, steps: end)
    }
    var observers: [any TrainingObserver] = [ProgressLine(unit: "characters"), InterruptObserver()]
    if let saving = try checkpoints.begin(&trainer) { observers.append(saving) }
    let failure: (any Error)?
    do {
      try trainer.train(
        untilStep: end, validation: validation, validationInterval: max(10, end / 20),
        observers: observers)
      failure = nil
    } catch {
      failure = error
    }
    var model = fresh
    model.network = trainer.bestModel
    return Result(model: model, step: trainer.best?.step ?? trainer.step, failure: failure)
  }

  private func trainer(
    _ fresh: EncoderDecoder, _ training: PairTable, steps: Int
  ) throws -> Training {
    let source = try training.reading {
      try fresh.pairs(
        training.pairs, batchSize: min(batch, training.pairs.count),
        sampling: sampling > 0 ? .linear(to: sampling, over: steps) : .never, seed: seed)
    }
    return Trainer(
      model: fresh.network, source: source,
      options: TrainingOptions(
        schedule: .warmUpAndDecay(peak: learningRate, warmUp: min(100, steps / 10), steps: steps),
        clipping: .globalNorm(1), seed: seed, threads: threads))
  }
}
