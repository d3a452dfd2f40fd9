import UnrollCore

/// Fits a model to batches, by back-propagation through time that is truncated at each batch's
/// first step: states are carried from batch to batch, gradients are not.
///
/// ```
/// var trainer = Trainer(model: model, source: streams, optimizer: Adam(), schedule: .constant(2e-3))
/// try trainer.train(steps: 1000)
/// ```
///
/// A step's result depends on the model, the data, the seed and the step's number, and on nothing
/// else: not on threads, and not on whether or how often the model is validated.
public struct Trainer<Source: BatchSource, Output: Signal, Element: Scalar> {
  /// The model that is trained.
  public typealias Model = Sequential<Source.Input, Output, Element>

  public private(set) var model: Model
  public private(set) var source: Source
  /// Steps done.
  public private(set) var step = 0
  public var optimizer: any Optimizer<Element>
  public var schedule: Schedule
  public var clipping: GradientClipping
  public var threads: Int

  private let objective: Objective<Source.Input, Output, Source.Target, Element>
  private let random: RandomSource
  private var state: Model.State
  private var cache: Model.Cache
  private var clock = ContinuousClock()
  private var seconds = 0.0

  init(
    _ model: Model, _ source: Source,
    _ objective: Objective<Source.Input, Output, Source.Target, Element>,
    _ optimizer: any Optimizer<Element>, _ schedule: Schedule, _ clipping: GradientClipping,
    _ seed: UInt64, _ threads: Int
  ) {
    self.model = model
    self.source = source
    self.objective = objective
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.threads = threads
    random = RandomSource(seed: seed).child("training")
    state = model.makeState(batch: source.batchSize)
    cache = model.makeCache()
  }

  /// A trainer with a loss of the model's output.
  ///
  /// - Parameter seed: what decides dropout.
  public init(
    model: Model, source: Source, loss: some Loss<Output, Source.Target>,
    optimizer: any Optimizer<Element>, schedule: Schedule,
    clipping: GradientClipping = .globalNorm(5), seed: UInt64 = 1, threads: Int = defaultThreads
  ) {
    self.init(model, source, .of(loss), optimizer, schedule, clipping, seed, threads)
  }

  /// Does one step.
  ///
  /// - Throws: ``TrainingError`` where the loss or a gradient is not finite; the weights are then as
  ///   the step before left them.
  public mutating func trainStep() throws -> StepReport {
    let started = clock.now
    let batch = source.next()
    var context = Context(
      .training, lengths: batch.lengths, threads: threads, random: random.child(step))
    switch batch.streams {
    case .fresh: state = model.makeState(batch: source.batchSize)
    case .continued: break
    case .restarted(let streams): context.restarts = streams
    }
    model.resetGradients()
    let loss = objective.gradients(&model, batch.input, batch.target, &state, &cache, context)
    guard loss.total.isFinite else { throw failure(.loss) }
    require(loss.count > 0, "Trainer: no position of the batch of step \(step + 1) has a target")
    let norm = clipping.clip(&model)
    guard norm.isFinite else { throw failure(.gradient) }
    let rate = schedule.rate(at: step)
    optimizer.update(&model, learningRate: rate, threads: threads)
    step += 1
    let duration = started.duration(to: clock.now).seconds
    seconds += duration
    return StepReport(
      step: step, epoch: Double(step) / Double(source.batchesPerEpoch), loss: loss.mean,
      gradientNorm: norm, learningRate: rate,
      positions: loss.count, duration: duration, seconds: seconds)
  }

  /// The error for a quantity that is not finite, naming the first parameter whose value is not;
  /// where all values are, the first whose gradient is not.
  private func failure(_ quantity: TrainingError.Quantity) -> TrainingError {
    var copy = model
    var (value, gradient): (String?, String?)
    copy.visitParameters { name, parameter in
      if value == nil && !parameter.value.sumOfSquares().isFinite { value = name }
      if gradient == nil && !parameter.gradient.sumOfSquares().isFinite { gradient = name }
    }
    return TrainingError(quantity: quantity, step: step + 1, parameter: value ?? gradient)
  }

  /// The mean loss over one pass of other data, from a fresh state.
  public func validate(_ source: Source) -> LossSum {
    objective.evaluate(model, source, threads: threads)
  }

  /// Trains until `steps` steps are done, or an observer ends it.
  ///
  /// - Parameters:
  ///   - steps: the step to train until, those done before included.
  ///   - validation: held against the model every `validationInterval` steps and at the end.
  ///   - observers: told of every event.
  /// - Throws: ``TrainingError``, and what an observer throws.
  public mutating func train(
    steps: Int, validation: Source? = nil, validationInterval: Int? = nil,
    observers: inout [any TrainingObserver]
  ) throws {
    try tell(&observers, .began(steps: steps))
    var decision = TrainingDecision.goOn
    while step < steps && decision == .goOn {
      // Not inside the call: `self` would be held for it, and every weight copied on write.
      let report = try trainStep()
      decision = try tell(&observers, .trained(report))
      let isDue = step == steps || validationInterval.map { step % $0 == 0 } ?? false
      if let validation, isDue, decision == .goOn {
        let started = clock.now
        let loss = validate(validation).mean
        seconds += started.duration(to: clock.now).seconds
        let report = ValidationReport(step: step, loss: loss, seconds: seconds)
        decision = try tell(&observers, .validated(report))
      }
    }
    try tell(&observers, .ended(steps: step))
  }

  /// Trains until `steps` steps are done.
  public mutating func train(steps: Int) throws {
    var none: [any TrainingObserver] = []
    try train(steps: steps, observers: &none)
  }

  @discardableResult
  private func tell(
    _ observers: inout [any TrainingObserver], _ event: TrainingEvent
  ) throws -> TrainingDecision {
    var decision = TrainingDecision.goOn
    for i in observers.indices where try observers[i].observe(event, of: model) == .stop {
      decision = .stop
    }
    return decision
  }
}

extension Trainer where Source.Target == Tokens {
  /// A trainer of a model whose last layer is a ``LossLayer``, such as `DenseSoftmax`.
  ///
  /// - Parameter seed: what decides dropout.
  /// - Precondition: the model ends in a loss.
  public init(
    model: Model, source: Source, optimizer: any Optimizer<Element>, schedule: Schedule,
    clipping: GradientClipping = .globalNorm(5), seed: UInt64 = 1, threads: Int = defaultThreads
  ) {
    require(model.endsInLoss, "Trainer: the last layer is no LossLayer; name a loss")
    self.init(model, source, .ofLastLayer(), optimizer, schedule, clipping, seed, threads)
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
