import UnrollCore

/// What happens while a model is trained.
public enum TrainingEvent: Sendable {
  /// Training begins: it is to go on until this step.
  case began(steps: Int)
  /// A step was done.
  case trained(StepReport)
  /// The model was held against the validation data.
  case validated(ValidationReport)
  /// Training ended, after this many steps.
  case ended(steps: Int)
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
  /// Positions (characters, for a character model) in the batch.
  public var positions: Int
  /// Seconds that the step took.
  public var duration: Double
  /// Seconds since training began.
  public var seconds: Double
}

/// One pass over the validation data.
public struct ValidationReport: Sendable, Equatable {
  /// Steps done.
  public var step: Int
  /// The mean loss, in nats for a likelihood.
  public var loss: Double
  /// Seconds since training began.
  public var seconds: Double
}

/// What an observer would have training do.
public enum TrainingDecision: Sendable {
  case goOn
  case stop
}

/// Sees what happens in training, and may end it: progress, metrics, checkpoints, reports.
public protocol TrainingObserver {
  /// Called at every event, with the model as it is then.
  mutating func observe(
    _ event: TrainingEvent, of model: some Layer
  ) throws -> TrainingDecision
}
