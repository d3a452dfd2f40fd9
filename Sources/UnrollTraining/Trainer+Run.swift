import UnrollCore
import UnrollFiles

extension Trainer where Source.Input == Model.Input {
  /// Trains for so many steps more, or until an observer or ``TrainingOptions/patience`` ends it.
  ///
  /// ```
  /// try trainer.train(steps: 1000, observers: [ProgressLine(unit: "characters")])
  /// ```
  ///
  /// - Parameters:
  ///   - steps: the steps to do, at least 0; those done before do not count.
  ///   - validation: what the model is validated on, every `validationInterval` steps and at the
  ///     end.
  ///   - observers: told of every event.
  /// - Throws: ``TrainingError``, ``UnvisitedParameter``, and what an observer throws;
  ///   `CancellationError` where the task is cancelled, after the step that is being done.
  public mutating func train(
    steps: Int, validation: (any BatchSource<Source.Input, Source.Target>)? = nil,
    validationInterval: Int? = nil,
    observers: [any TrainingObserver] = []
  ) throws {
    require(steps >= 0, "Trainer: train for \(steps) steps")
    try train(
      untilStep: step + steps, validation: validation, validationInterval: validationInterval,
      observers: observers)
  }

  /// Trains until so many steps are done in all, or an observer or ``TrainingOptions/patience``
  /// ends it: what a run does that may go on from a checkpoint.
  ///
  /// - Parameters:
  ///   - end: the step to train until, those done before included; where it is done already, nothing
  ///     is trained.
  ///   - validation: what the model is validated on, every `validationInterval` steps and at the
  ///     end.
  ///   - observers: told of every event.
  /// - Throws: ``TrainingError``, ``UnvisitedParameter``, and what an observer throws;
  ///   `CancellationError` where the task is cancelled, after the step that is being done.
  public mutating func train(
    untilStep end: Int, validation: (any BatchSource<Source.Input, Source.Target>)? = nil,
    validationInterval: Int? = nil,
    observers: [any TrainingObserver] = []
  ) throws {
    var observers = observers
    do {
      try run(to: end, validation, validationInterval, &observers)
    } catch {
      // What an observer throws now would hide what happened.
      for i in observers.indices { _ = try? observers[i].observe(.failed(error), of: self) }
      throw error
    }
  }

  private mutating func run(
    to steps: Int, _ validation: (any BatchSource<Source.Input, Source.Target>)?,
    _ validationInterval: Int?,
    _ observers: inout [any TrainingObserver]
  ) throws {
    for group in options.groups {
      require(
        model.parameters.contains { group.has($0.name) },
        "Trainer: the model has no parameter '\(group.names)', for which there is a group")
    }
    var decision = try tell(&observers, .began(from: step, to: steps))
    if isOutOfPatience { decision = .stop }
    while step < steps && decision == .continue {
      if Task.isCancelled {
        // What was done is told of as at any end, so that there is a checkpoint of it.
        try tell(&observers, .ended(steps: step))
        throw CancellationError()
      }
      // Not inside the call: `self` would be held for it, and every weight copied on write.
      let report = try trainStep()
      decision = try tell(&observers, .trained(report))
      let isDue = step == steps || validationInterval.map { step % $0 == 0 } ?? false
      // Also where the run is to stop: one that goes on from here has validated as if it had not.
      if let validation, isDue {
        let report = try validated(validation)
        if try tell(&observers, .validated(report)) == .stop || isOutOfPatience { decision = .stop }
      }
      if try tell(&observers, .finished(step: step)) == .stop { decision = .stop }
    }
    try tell(&observers, .ended(steps: step))
  }

  private var isOutOfPatience: Bool { options.patience.map { waits >= $0 } ?? false }

  /// Validates, and takes note of what follows from it.
  private mutating func validated(
    _ validation: some BatchSource<Source.Input, Source.Target>
  ) throws -> ValidationReport {
    let clock = ContinuousClock()
    let started = clock.now
    let loss = try validate(validation).mean
    seconds += max(.zero, started.duration(to: clock.now)) / .seconds(1)
    let isBest = best.map { loss < $0.loss } ?? loss.isFinite
    if isBest { best = Best(step: step, loss: loss, model: averagedModel.withoutGradients) }
    waits = isBest ? 0 : waits + 1
    plateau?.note(isBest: isBest)
    return ValidationReport(step: step, loss: loss, isBest: isBest, elapsed: .seconds(seconds))
  }

  @discardableResult
  private func tell(
    _ observers: inout [any TrainingObserver], _ event: TrainingEvent
  ) throws -> TrainingDecision {
    var decision = TrainingDecision.continue
    for i in observers.indices where try observers[i].observe(event, of: self) == .stop {
      decision = .stop
    }
    return decision
  }
}

extension Layer {
  /// A copy that holds no memory for gradients: held twice, they would be copied at the next step.
  var withoutGradients: Self {
    var copy = self
    copy.visitParameters { $1.gradient = Tensor(shape: $1.shape) }
    return copy
  }
}
