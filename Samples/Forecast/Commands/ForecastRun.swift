import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// How a forecaster is trained.
struct ForecastRun {
  var steps: Int
  var minutes: Double?
  var learningRate: Double
  var average: Double
  var seed: UInt64
  var threads: Int
  /// Whether there is no line of its progress.
  var isQuiet = false

  struct Result<Network> {
    var network: Network
    /// The step of its weights.
    var step: Int
    /// What ended the training, where that was not its end.
    var failure: (any Error)?
  }

  /// Trains; the best model by validation, where there is one.
  ///
  /// - Parameter checkpoints: where the run is saved now and then, and goes on from.
  func train<Source: BatchSource>(
    _ network: Sequential<Source.Input, Tensor<Float>, Float>, _ source: Source,
    _ validation: Source?, _ loss: some Loss<Tensor<Float>, Source.Target>,
    _ checkpoints: RunCheckpoints? = nil
  ) throws -> Result<Sequential<Source.Input, Tensor<Float>, Float>> {
    var trainer = Trainer(model: network, source: source, loss: loss, options: options(steps))
    var end = steps
    if let minutes {
      end = try trainer.steps(within: minutes, atMost: steps, validation: validation)
      trainer.options = options(end)
    }
    var observers: [any TrainingObserver] = [InterruptObserver()]
    if !isQuiet { observers.insert(ProgressLine(unit: "rows"), at: 0) }
    if let saving = try checkpoints?.begin(&trainer) { observers.append(saving) }
    let failure: (any Error)?
    do {
      try trainer.train(
        untilStep: end, validation: validation, validationInterval: max(10, end / 20),
        observers: observers)
      failure = nil
    } catch {
      failure = error
    }
    return Result(
      network: trainer.bestModel, step: trainer.best?.step ?? trainer.step, failure: failure)
  }

  private func options(_ steps: Int) -> TrainingOptions<Float> {
    TrainingOptions(
      schedule: .warmUpAndDecay(peak: learningRate, warmUp: min(50, steps / 10), steps: steps),
      clipping: .globalNorm(1), averagingDecay: average > 0 ? average : nil, seed: seed,
      threads: threads)
  }
}
