import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// How a forecaster is trained.
struct ForecastRun {
  var forecaster: Forecaster
  var steps: Int
  var minutes: Double?
  var learningRate: Double
  var average: Double
  var loss: LossChoice
  var seed: UInt64
  var threads: Int

  struct Result {
    var forecaster: Forecaster
    /// The step of its weights.
    var step: Int
    /// What ended the training, where that was not its end.
    var failure: (any Error)?
  }

  /// Trains; the best model by validation, where there is one.
  func train(_ source: ForecastWindows, _ validation: ForecastWindows?) throws -> Result {
    try train(source, validation, loss.loss)
  }

  private func train(
    _ source: ForecastWindows, _ validation: ForecastWindows?,
    _ loss: some Loss<Tensor<Float>, Tensor<Float>>
  ) throws -> Result {
    var options = TrainingOptions<Float>(
      schedule: .warmUpAndDecay(peak: learningRate, warmUp: min(50, steps / 10), steps: steps),
      clipping: .globalNorm(1), averagingDecay: average > 0 ? average : nil, seed: seed,
      threads: threads)
    var trainer = Trainer(
      model: forecaster.network, source: source, loss: loss, options: options)
    var end = steps
    if let minutes { end = try stepsWithin(minutes, of: trainer, validation) }
    if end < steps {
      options.schedule = .warmUpAndDecay(peak: learningRate, warmUp: min(50, end / 10), steps: end)
      trainer.options = options
    }
    let failure: (any Error)?
    do {
      try trainer.train(
        untilStep: end, validation: validation, validationInterval: max(10, end / 20),
        observers: [ProgressLine(unit: "rows"), InterruptObserver()])
      failure = nil
    } catch {
      failure = error
    }
    var result = forecaster
    result.network = trainer.bestModel
    return Result(
      forecaster: result, step: trainer.best?.step ?? trainer.step, failure: failure)
  }

  /// The steps that fit into a time, by how long some take.
  private func stepsWithin(
    _ minutes: Double, of trainer: Trainer<Forecaster.Network, ForecastWindows>,
    _ validation: ForecastWindows?
  ) throws -> Int {
    var trial = trainer
    let clock = ContinuousClock()
    for _ in 0..<3 { _ = try trial.trainStep() }
    let step = try clock.measure { for _ in 0..<5 { _ = try trial.trainStep() } } / 5
    var rest = Duration.seconds(minutes * 60)
    if let validation { rest -= try clock.measure { _ = try trial.validate(validation) } * 21 }
    return min(steps, max(10, Int(rest / step)))
  }
}
