import UnrollCore

/// How a model is trained: all that a ``Trainer`` is told beside the model, its data and its loss.
///
/// ```
/// var options = TrainingOptions(optimizer: Adam(weightDecay: 0.02), schedule: .constant(2e-3))
/// options.patience = 4
/// ```
public struct TrainingOptions<Element: Scalar>: Sendable {
  /// How parameters follow their gradients.
  public var optimizer: any Optimizer<Element>
  /// The learning rate of every step.
  public var schedule: Schedule
  /// What is done to gradients that are too long.
  public var clipping: GradientClipping
  /// How many batches make a step, at least 1: their gradients are added up, and divided by the number
  /// of their positions.
  public var accumulation: Int
  /// What some parameters have of their own.
  public var groups: [ParameterGroup]
  /// Makes the learning rate smaller when the validation loss no longer falls.
  public var plateau: ReduceOnPlateau?
  /// Ends training when this many validations in a row have not brought a better model; `nil` for
  /// never.
  public var patience: Int?
  /// The exponential decay of an average of the weights, in `[0, 1)`, which is what is validated and
  /// kept as the best; `nil` for none.
  public var averagingDecay: Double?
  /// The weight of each class in the loss that is trained with, see ``TargetWeights/classes``; `nil` for 1
  /// each. Validation counts every class as 1.
  public var classWeights: [Double]?
  /// The smoothing of labels in the loss that is trained with, in `[0, 1)`, see
  /// ``TargetWeights/smoothing``. Validation is without.
  public var labelSmoothing: Double
  /// What decides dropout.
  public var seed: UInt64
  /// How many threads may work; no result depends on it.
  public var threads: Int

  public init(
    optimizer: any Optimizer<Element> = Adam<Element>(), schedule: Schedule = .constant(1e-3),
    clipping: GradientClipping = .globalNorm(5), accumulation: Int = 1,
    groups: [ParameterGroup] = [], plateau: ReduceOnPlateau? = nil, patience: Int? = nil,
    averagingDecay: Double? = nil, classWeights: [Double]? = nil, labelSmoothing: Double = 0,
    seed: UInt64 = 1, threads: Int = Threads.default
  ) {
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.accumulation = accumulation
    self.groups = groups
    self.plateau = plateau
    self.patience = patience
    self.averagingDecay = averagingDecay
    self.classWeights = classWeights
    self.labelSmoothing = labelSmoothing
    self.seed = seed
    self.threads = threads
  }
}
