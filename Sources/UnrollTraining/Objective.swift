import UnrollCore

/// How a trainer gets from a batch to the loss and its gradients: through the model's last layer, or
/// through a loss of its output.
struct Objective<Model: Layer, Target: Sendable>: Sendable {
  /// The loss of a batch; in training the gradients of its mean, or of its sum, are added to the
  /// model's.
  private let run:
    @Sendable (
      _ model: inout Model, _ input: Model.Input, _ target: Target, _ state: inout Model.State,
      _ cache: inout Model.Cache, _ context: Context, _ ofMean: Bool
    ) -> LossSum

  static func of(_ loss: some Loss<Model.Output, Target>) -> Objective {
    Objective { model, input, target, state, cache, context, ofMean in
      let output = model.forward(input, state: &state, cache: &cache, in: context)
      let sum = loss.loss(output, of: target, in: context)
      guard context.mode == .training, sum.weight > 0 else { return sum }
      let gradient = loss.gradient(
        output, of: target, scale: ofMean ? 1 / sum.weight : 1, in: context)
      var stateGradient = model.zeros(like: state)
      _ = model.backward(gradient, state: &stateGradient, cache: &cache, in: context)
      return sum
    }
  }

  static func ofLastLayer() -> Objective where Model: LossLayer, Target == Tokens {
    Objective { model, input, target, state, cache, context, ofMean in
      let sum = model.loss(input, of: target, state: &state, cache: &cache, in: context)
      guard context.mode == .training, sum.weight > 0 else { return sum }
      var stateGradient = model.zeros(like: state)
      _ = model.lossBackward(
        scale: ofMean ? 1 / sum.weight : 1, state: &stateGradient, cache: &cache,
        in: context)
      return sum
    }
  }

  /// The loss of a batch, the gradients of its mean, or of its sum, added to the model's.
  func gradients(
    _ model: inout Model, _ input: Model.Input, _ target: Target, _ state: inout Model.State,
    _ cache: inout Model.Cache, _ context: Context, ofMean: Bool
  ) -> LossSum {
    run(&model, input, target, &state, &cache, context, ofMean)
  }

  /// The loss of as many batches as one pass has, from where the source stands, and from a fresh
  /// state.
  ///
  /// - Throws: `CancellationError` where the task is cancelled, and the source's ``BatchSource/failure``.
  func evaluate<Source: BatchSource<Model.Input, Target>>(
    _ model: Model, _ source: Source, threads: Int
  ) throws -> LossSum {
    var (model, source) = (model, source)
    var state = model.makeState(batch: source.batchSize)
    var cache = model.makeCache()
    var sum = LossSum()
    for _ in 0..<source.batchesPerEpoch {
      try Task.checkCancellation()
      let batch = source.next()
      if let failure = source.failure { throw failure }
      let context = Context(
        .inference, of: batch, for: model, carrying: &state, size: source.batchSize,
        threads: threads)
      sum += run(&model, batch.input, batch.target, &state, &cache, context, true)
    }
    return sum
  }
}
