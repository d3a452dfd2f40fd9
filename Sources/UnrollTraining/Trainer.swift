import UnrollCore
import UnrollFiles

/// Fits a model to batches, by back-propagation through time that is truncated at each batch's
/// first step: states are carried from batch to batch, gradients are not.
///
/// ```
/// var trainer = Trainer(
///   model: model, source: streams,
///   options: TrainingOptions(optimizer: Adam(), schedule: .constant(2e-3)))
/// try trainer.train(steps: 1000)
/// ```
///
/// A step's result depends on the model, the data, the seed and the step's number, and on nothing
/// else: not on threads, and not on whether or how often the model is validated, unless
/// ``TrainingOptions/plateau`` or ``TrainingOptions/patience`` ask for that.
public struct Trainer<Model: Layer, Source: BatchSource>: TrainingRun, Sendable {
  public typealias Element = Model.Element

  /// The model that is trained.
  public package(set) var model: Model
  public package(set) var source: Source
  /// Steps done.
  public package(set) var step = 0
  /// How it is trained. What changes here counts from the next step on; what an optimizer keeps of each
  /// parameter stays with it, as long as it is of the same kind.
  public var options: TrainingOptions<Element> {
    didSet { adoptOptions() }
  }
  /// The best validation so far.
  public internal(set) var best: Best?

  /// A validation, and the model that was validated.
  public struct Best: Sendable {
    public var step: Int
    public var loss: Double
    public var model: Model
  }

  let objective: Objective<Model, Source.Target>
  /// The optimizer with what it keeps.
  var optimizer: any Optimizer<Element>
  package var plateau: ReduceOnPlateau?
  var average: WeightAverage<Element>?
  package var state: Model.State
  /// Batches drawn.
  var batches = 0
  /// Validations since the best one.
  var waits = 0
  var seconds = 0.0
  private var cache: Model.Cache
  private let clock = ContinuousClock()
  /// Whether every parameter is known to be visited.
  private var isAudited = false

  private init(
    _ model: Model, _ source: Source, _ objective: Objective<Model, Source.Target>,
    _ options: TrainingOptions<Element>
  ) {
    self.model = model
    self.source = source
    self.objective = objective
    self.options = options
    optimizer = options.optimizer
    state = model.makeState(batch: source.batchSize)
    cache = model.makeCache()
    adoptOptions()
  }

  /// A trainer with a loss of the model's output.
  public init(
    model: Model, source: Source, loss: some Loss<Model.Output, Source.Target>,
    options: TrainingOptions<Element> = TrainingOptions()
  ) where Source.Input == Model.Input {
    self.init(model, source, .of(loss), options)
  }

  private mutating func adoptOptions() {
    require(options.accumulation > 0, "Trainer: \(options.accumulation) batches to a step")
    // Stops where they are none.
    _ = TargetWeights(classes: options.classWeights, smoothing: options.labelSmoothing)
    let moments = optimizer.moments
    let isSame = type(of: optimizer).kind == type(of: options.optimizer).kind
    optimizer = options.optimizer
    if isSame, optimizer.moments.isEmpty { optimizer.moments = moments }
    let before = plateau
    plateau = options.plateau
    if let before { plateau?.restore(before) }
    if average?.decay != options.averagingDecay {
      let values = average?.values ?? [:]
      average = options.averagingDecay.map { WeightAverage(decay: $0, values: values) }
    }
  }

  public var averagedModel: Model { average?.applied(to: model) ?? model }
  public var bestLoss: Double? { best?.loss }
  public var bestModel: Model { best?.model ?? averagedModel }

  /// The learning rate of the next step.
  public var learningRate: Double { options.schedule.rate(at: step) * (plateau?.scale ?? 1) }

  /// Does one step.
  ///
  /// A batch in which no position has a target carries the state on, and the step goes on to the next
  /// one.
  ///
  /// - Throws: ``TrainingError`` where the loss or a gradient is not finite, or no batch of a whole
  ///   pass has a target, and the source's ``BatchSource/failure`` where it cannot give a batch. Weights,
  ///   state and data are then as the step before left them. And where the weights are no longer finite
  ///   after the step: a learning rate that is far too high.
  ///   ``UnvisitedParameter`` before the first step, where a parameter would not be trained.
  public mutating func trainStep() throws -> StepReport where Source.Input == Model.Input {
    if !isAudited {
      try model.audit()
      isAudited = true
    }
    let started = clock.now
    let (position, stateBefore, batchesBefore) = (source.position, state, batches)
    var (loss, inputSteps) = (LossSum(), 0)
    let norm: Double
    do {
      model.resetGradients()
      for _ in 0..<options.accumulation { try addGradients(&loss, &inputSteps) }
      while loss.weight == 0 {
        guard batches - batchesBefore < source.batchesPerEpoch else {
          throw TrainingError(quantity: .targets, step: step + 1)
        }
        try addGradients(&loss, &inputSteps)
      }
      prepareGradients(weight: loss.weight)
      norm = options.clipping.clip(&model)
      guard norm.isFinite else { throw TrainingError(gradientsOf: model, at: step + 1) }
    } catch {
      (source.position, state, batches) = (position, stateBefore, batchesBefore)
      throw error
    }
    let rate = learningRate
    optimizer.update(
      &model, step: step + 1, learningRate: rate, groups: options.groups,
      threads: options.threads)
    step += 1
    if let error = TrainingError(weightsOf: model, at: step) { throw error }
    average?.update(model, step: step)
    // Clocks have been seen to go back.
    let duration = max(.zero, started.duration(to: clock.now))
    seconds += duration / .seconds(1)
    return StepReport(
      step: step, epoch: Double(batches) / Double(source.batchesPerEpoch), loss: loss.mean,
      gradientNorm: norm, learningRate: rate, inputSteps: inputSteps, positions: loss.count,
      duration: duration, elapsed: .seconds(seconds))
  }

  /// Takes the next batch and adds its gradients: those of its mean loss, or of the sum where several
  /// batches make a step. Adds its loss and the number of its input's steps too.
  private mutating func addGradients(
    _ sum: inout LossSum, _ inputSteps: inout Int
  ) throws where Source.Input == Model.Input {
    let batch = source.next()
    if let failure = source.failure { throw failure }
    let random = RandomSource(seed: options.seed).child("training").child(batches)
    batches += 1
    var context = Context(
      .training, of: batch, for: model, carrying: &state, size: source.batchSize,
      threads: options.threads, random: random)
    context.targetWeights.classes = options.classWeights
    context.targetWeights.smoothing = options.labelSmoothing
    let before = state
    let loss = objective.gradients(
      &model, batch.input, batch.target, &state, &cache, context,
      ofMean: options.accumulation == 1)
    guard loss.total.isFinite else {
      throw TrainingError(at: step + 1, in: model, of: batch, from: before, context: context)
    }
    sum += loss
    inputSteps += batch.inputSteps(of: Element.self) ?? loss.count
  }

  /// Makes gradients of a sum those of a mean, and those of frozen parameters zero.
  private mutating func prepareGradients(weight: Double) {
    let (scale, groups) = (Element(1 / weight), options.groups)
    if options.accumulation > 1 {
      model.visitParameters { $1.gradient *= scale }
    }
    if groups.contains(where: \.isFrozen) {
      model.visitParameters { name, parameter in
        if groups.first(where: { $0.has(name) })?.isFrozen == true {
          parameter.gradient.setToZero()
        }
      }
    }
  }

  /// The loss of the model over one pass of other data, from a fresh state; with averaged weights, where
  /// they are averaged.
  ///
  /// - Throws: `CancellationError` where the task is cancelled, and the source's ``BatchSource/failure``.
  public func validate(
    _ source: some BatchSource<Source.Input, Source.Target>
  ) throws -> LossSum where Source.Input == Model.Input {
    try objective.evaluate(averagedModel, source, threads: options.threads)
  }
}

extension Trainer
where Source.Input == Model.Input, Source.Target == Tokens, Model: LossLayer {
  /// A trainer of a model that ends in a ``LossLayer``, such as `DenseSoftmax`, and so knows its loss.
  ///
  /// - Precondition: the model ends in a loss.
  public init(
    model: Model, source: Source, options: TrainingOptions<Element> = TrainingOptions()
  ) {
    require(
      model.endsInLoss,
      "Trainer: the model does not end in a loss, as with DenseSoftmax; name one, such as "
        + "CrossEntropy()")
    self.init(model, source, .ofLastLayer(), options)
  }
}

extension Trainer {
  @available(*, unavailable, message: "the source gives another input than the model takes")
  @_disfavoredOverload
  public init(
    model: Model, source: Source, loss: some Loss<Model.Output, Source.Target>,
    options: TrainingOptions<Element> = TrainingOptions()
  ) {
    fatalError("Trainer: unavailable")
  }
}

extension Trainer where Source.Input == Model.Input {
  @available(*, unavailable, message: "name a loss, such as MeanSquaredError()")
  @_disfavoredOverload
  public init(
    model: Model, source: Source, options: TrainingOptions<Element> = TrainingOptions()
  ) {
    fatalError("Trainer: unavailable")
  }
}

extension Batch {
  /// The steps of all streams that count, T times B where none are padded; of pooled inputs `[B, F]`
  /// the streams. `nil` where the input is of a kind that does not tell.
  fileprivate func inputSteps<Element: Scalar>(of element: Element.Type) -> Int? {
    if let lengths { return lengths.reduce(0, +) }
    if let tokens = input as? Tokens { return tokens.time * tokens.batch }
    guard let tensor = input as? Tensor<Element> else { return nil }
    return tensor.shape.prefix(tensor.rank > 2 ? 2 : 1).reduce(1, *)
  }
}
