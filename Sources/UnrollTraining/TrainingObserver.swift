import UnrollCore

/// What happens while a model is trained.
public enum TrainingEvent: Sendable {
  /// Training begins: it goes on from a step to a step.
  case began(from: Int, to: Int)
  /// A step was done.
  case trained(StepReport)
  /// The model was validated.
  case validated(ValidationReport)
  /// A step, and the validation that may belong to it, are done and told of: the moment for a
  /// checkpoint.
  case finished(step: Int)
  /// Training ended, after this many steps.
  case ended(steps: Int)
  /// Training ended with an error, which the trainer throws after this: a ``TrainingError``, or what
  /// an observer threw.
  case failed(any Error)
}

/// One training step.
public struct StepReport: Sendable, Equatable {
  /// Steps done.
  public var step: Int
  /// Passes over the data done, with the fraction of this one.
  public var epoch: Double
  /// The mean loss of the batch, in nats for a likelihood.
  public var loss: Double
  /// The length of all gradients together, before clipping.
  public var gradientNorm: Double
  /// The learning rate of the step.
  public var learningRate: Double
  /// Steps of the sequences that were read: characters or words, for a model of text. Steps beyond a
  /// stream's length do not count.
  public var inputSteps: Int
  /// Positions that have a target, of which ``loss`` is the mean: as many as were read for a language
  /// model, one for each sequence for a classifier.
  public var positions: Int
  /// How long the step took, at least 0; 0 where the clock stood still.
  public var duration: Duration
  /// How long training took up to here, pauses between resumed runs left out.
  public var elapsed: Duration

  public init(
    step: Int, epoch: Double, loss: Double, gradientNorm: Double, learningRate: Double,
    inputSteps: Int, positions: Int, duration: Duration, elapsed: Duration
  ) {
    self.step = step
    self.epoch = epoch
    self.loss = loss
    self.gradientNorm = gradientNorm
    self.learningRate = learningRate
    self.inputSteps = inputSteps
    self.positions = positions
    self.duration = duration
    self.elapsed = elapsed
  }
}

/// One pass over the validation data.
public struct ValidationReport: Sendable, Equatable {
  /// Steps done.
  public var step: Int
  /// The mean loss, in nats for a likelihood.
  public var loss: Double
  /// Whether it is the best so far.
  public var isBest: Bool
  /// How long training took up to here.
  public var elapsed: Duration

  public init(step: Int, loss: Double, isBest: Bool, elapsed: Duration) {
    self.step = step
    self.loss = loss
    self.isBest = isBest
    self.elapsed = elapsed
  }
}

/// What an observer would have training do.
public enum TrainingDecision: Sendable {
  case `continue`
  case stop
}

/// Sees what happens in training, and may end it: progress, metrics, checkpoints, reports.
public protocol TrainingObserver {
  /// Called at every event, with the run as it is then. A copy of the run that outlives the call
  /// would have every weight copied at the next step.
  mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision
}
