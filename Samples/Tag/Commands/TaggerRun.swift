import ProgramSupport
import Unroll
import UnrollModels

/// How a tagger is trained.
struct TaggerRun {
  let options: TrainTagger
  let checkpoints: RunCheckpoints

  struct Result {
    var network: SequenceTagger.Network
    var step: Int
    /// What ended the training, where that was not its end.
    var failure: (any Error)?
  }

  /// Trains to the last step; the averages of the weights, where they are averaged.
  func train(_ tagger: SequenceTagger, _ data: TaggerData) throws -> Result {
    let source = try tagger.batches(
      of: data.training, batchSize: options.batch, seed: options.seed)
    let validation =
      data.validation.isEmpty
      ? nil : try tagger.batches(of: data.validation, batchSize: 64, seed: nil)
    var steps =
      options.steps
      ?? max(
        1,
        Int((options.epochs ?? options.model.size.epochs) * Double(source.batchesPerEpoch)))
    var trainer = Trainer(model: tagger.network, source: source, options: training(steps))
    if let minutes = options.minutes {
      steps = try trainer.steps(within: minutes, atMost: steps, validation: validation)
      trainer.options = training(steps)
    }
    var observers: [any TrainingObserver] = [ProgressLine(unit: "words"), InterruptObserver()]
    if let saving = try checkpoints.begin(&trainer) { observers.append(saving) }
    let failure: (any Error)?
    do {
      try trainer.train(
        untilStep: steps, validation: validation,
        validationInterval: max(source.batchesPerEpoch, steps / 10), observers: observers)
      failure = nil
    } catch {
      failure = error
    }
    return Result(network: trainer.averagedModel, step: trainer.step, failure: failure)
  }

  private func training(_ steps: Int) -> TrainingOptions<Float> {
    TrainingOptions(
      schedule: .warmUpAndDecay(
        peak: options.learningRate, warmUp: min(100, steps / 10), steps: steps),
      clipping: .globalNorm(5), averagingDecay: options.average > 0 ? options.average : nil,
      seed: options.seed, threads: options.threads ?? Threads.default)
  }
}
