import UnrollCore

extension ConditionalRandomField {
  public func loss(
    _ input: Tensor<Element>, of targets: Tokens, state: inout Void, cache: inout Cache,
    in context: Context
  ) -> LossSum {
    let scores = scores(input, &cache.dense, context)
    Self.require(
      targets.time == scores.shape[0] && targets.batch == scores.shape[1],
      "ConditionalRandomField: targets [T \(targets.time), B \(targets.batch)] for an input of shape "
        + "\(input.shape)")
    Self.require(
      targets.ids.allSatisfy { $0 < labels },
      "ConditionalRandomField: target \(targets.ids.max() ?? 0) of \(labels) labels")
    Self.require(
      context.targetWeights.areEqual,
      "ConditionalRandomField: a path of labels has one probability; its targets take no weights and no "
        + "smoothing")
    let (chain, isTraining) = (chain, context.mode == .training)
    var sequences = emissions(scores, context).enumerated().map { b, emissions in
      let steps = emissions.count / labels
      return TargetSequence(
        emissions: emissions,
        targets: (0..<steps).map { targets.ids[$0 * targets.batch + b] })
    }
    if let rules, let b = sequences.firstIndex(where: { !$0.isPossible(by: rules) }) {
      Self.require(
        false, "ConditionalRandomField: the targets of sequence \(b) of the batch break the rules")
    }
    Threads.forEach(&sequences, threads: context.threads) { _, one in
      one.fill(chain, withGradient: isTraining)
    }
    if isTraining { (cache.gradients, cache.shape) = (sequences.map(\.gradient), scores.shape) }
    return sequences.reduce(into: LossSum()) {
      $0 += LossSum(total: $1.loss, count: $1.targets.count { $0 >= 0 })
    }
  }

  public mutating func lossBackward(
    scale: Double, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard let shape = cache.shape.take() else {
      fatalError("ConditionalRandomField: lossBackward without a loss in training before")
    }
    let gradients = cache.gradients
    cache.gradients = []
    return add(gradients, scale: scale, shape, &cache.dense, context)
  }
}

/// One sequence of a batch, its loss, and the gradient of that.
private struct TargetSequence: Sendable {
  var emissions: [Double]
  /// One for each step, below 0 for those that are free.
  var targets: [Int32]
  var loss = 0.0
  var gradient: ChainGradient?

  /// Whether the targets obey rules. Where some are free, that is seen by their loss.
  func isPossible(by rules: TransitionRules) -> Bool {
    targets.contains { $0 < 0 } || rules.allow(targets)
  }

  ///     loss = log Z - log of the sum of exp(score) over the paths that have the targets
  mutating func fill(_ chain: LabelChain, withGradient: Bool) {
    guard targets.contains(where: { $0 >= 0 }) else { return }
    let all = chain.beginnings(emissions)
    var d = ChainGradient(steps: targets.count, labels: chain.labels)
    if withGradient { chain.addGradients(of: all, emissions, dlogZ: 1, to: &d) }
    if targets.allSatisfy({ $0 >= 0 }) {
      loss = all.logZ - chain.score(of: targets, emissions)
      if withGradient { chain.addGradients(ofScoreOf: targets, times: -1, to: &d) }
    } else {
      let bound = boundEmissions(chain.labels)
      let some = chain.beginnings(bound)
      loss = all.logZ - some.logZ
      if withGradient, some.logZ > -.infinity {
        chain.addGradients(of: some, bound, dlogZ: -1, to: &d)
      }
    }
    if withGradient { gradient = d }
  }

  /// The scores, with all labels but the target impossible where there is one.
  private func boundEmissions(_ labels: Int) -> [Double] {
    emissions.indices.map { k in
      let target = targets[k / labels]
      return target < 0 || Int(target) == k % labels ? emissions[k] : -.infinity
    }
  }
}
