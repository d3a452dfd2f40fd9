import UnrollCore

/// A linear-chain conditional random field: the end of a tagger, whose labels depend on their neighbors
/// (Lafferty et al. 2001; behind recurrent layers, Huang et al. 2015).
///
///     e_t = W x_t + b
///     score(y) = s(y_1) + sum of e_t(y_t) + sum of A(y_{t-1}, y_t) + z(y_n)
///     p(y) = exp(score(y)) / Z        Z = the sum of exp(score) over all paths of labels
///
/// Its output are the logarithms of the marginal probabilities of each step's labels. As a ``LossLayer``
/// it goes to the negative log-likelihood of the whole path of targets, whose gradients are marginal
/// probabilities minus the counts of the path; this is not the loss of its output, which looks at each
/// step by itself. Where some targets of a sequence are ``Tokens/ignored``, it is that of all paths that
/// have the others. Its count is that of the targets, so that a mean is one for each step.
///
/// With ``TransitionRules`` a path that breaks them has the probability 0: it never wins, and scores that
/// only such paths have get no gradient. ``bestPaths(of:count:in:)`` finds the best labels. A sequence of no
/// steps has one path, the empty one.
///
/// # Shapes
/// Input `[T, B, F]`, output `[T, B, L]`, zeros beyond a sequence's length. `weight [L, F]` and `bias [L]` as in
/// ``Dense``; `start [L]`, `transition [L, L]` from the row to the column, and `end [L]` begin at zero.
public struct ConditionalRandomField<Element: Scalar>: LossLayer {
  /// From the input to the scores of each step's labels, e.
  public var dense: Dense<Element>
  /// s, `[L]`.
  public var start: Parameter<Element>
  /// A, `[L, L]`.
  public var transition: Parameter<Element>
  /// z, `[L]`.
  public var end: Parameter<Element>
  /// Which paths are possible; `nil` for all.
  public let rules: TransitionRules?

  /// - Precondition: both sizes are positive, and rules are for as many labels.
  public init(inputSize: Int, labels: Int, rules: TransitionRules? = nil) {
    self.init(inputSize, labels, rules)
  }

  private init(_ inputSize: Int, _ labels: Int, _ rules: TransitionRules?) {
    Self.require(
      inputSize > 0 && labels > 0,
      "ConditionalRandomField: inputSize \(inputSize), labels \(labels)")
    Self.require(
      rules?.labels ?? labels == labels,
      "ConditionalRandomField: rules for \(rules?.labels ?? 0) labels, and there are \(labels)")
    dense = Dense(inputSize: inputSize, outputSize: labels)
    start = Parameter([labels], .zeros)
    transition = Parameter([labels, labels], .zeros)
    end = Parameter([labels], .zeros)
    self.rules = rules
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    dense = try container.decode(Dense<Element>.self, forKey: .dense)
    start = try container.decode(Parameter<Element>.self, forKey: .start)
    transition = try container.decode(Parameter<Element>.self, forKey: .transition)
    end = try container.decode(Parameter<Element>.self, forKey: .end)
    rules = try container.decodeIfPresent(TransitionRules.self, forKey: .rules)
    let labels = dense.outputSize
    try decoder.expect(
      start.shape == [labels] && transition.shape == [labels, labels] && end.shape == [labels]
        && rules?.labels ?? labels == labels,
      "scores \(start.shape), \(transition.shape) and \(end.shape) of \(labels) labels")
  }

  /// F, the number of input features.
  public var inputSize: Int { dense.inputSize }
  /// L, the number of labels.
  public var labels: Int { dense.outputSize }

  public var isCausal: Bool { false }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    if input == .pooled {
      throw StackError("ConditionalRandomField: there are no steps left; take the pooling out")
    }
    return .whole
  }

  /// What forward or the loss keeps.
  public struct Cache: Sendable {
    var dense: Dense<Element>.Cache
    var sums: [ChainSums] = []
    var gradients: [ChainGradient?] = []
    /// The shape of the scores e.
    var shape: [Int]?
  }

  /// The scores of one sequence, and sums over its paths.
  struct ChainSums: Sendable {
    var emissions: [Double]
    var beginnings: LabelChain.Beginnings
    var ends: [Double]
  }

  public func makeCache() -> Cache { Cache(dense: dense.makeCache()) }

  public func forward(
    _ input: Tensor<Element>, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    let scores = scores(input, &cache.dense, context)
    let chain = chain
    var sums = emissions(scores, context).map {
      ChainSums(emissions: $0, beginnings: .init(a: [], logZ: 0), ends: [])
    }
    Threads.forEach(&sums, threads: context.threads) { _, one in
      guard !one.emissions.isEmpty else { return }
      one.beginnings = chain.beginnings(one.emissions)
      one.ends = chain.ends(one.emissions)
    }
    if context.mode == .training { (cache.sums, cache.shape) = (sums, scores.shape) }
    return tensor(scores.shape, of: sums) { $0.beginnings.a[$1] + $0.ends[$1] - $0.beginnings.logZ }
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard let shape = cache.shape.take() else {
      fatalError("ConditionalRandomField: backward without a forward in training before")
    }
    gradient.expectShape(shape, axes: "TBL", of: "ConditionalRandomField output gradient")
    let (chain, sums, dy) = (chain, cache.sums, emissions(gradient, context))
    cache.sums = []
    var gradients = [ChainGradient?](repeating: nil, count: sums.count)
    Threads.forEach(&gradients, threads: context.threads) { b, result in
      let (one, steps) = (sums[b], sums[b].emissions.count / chain.labels)
      guard steps > 0 else { return }
      // What is impossible stays so: it has no gradient.
      let d = dy[b].indices.map {
        one.beginnings.a[$0] + one.ends[$0] > -.infinity ? dy[b][$0] : 0
      }
      var gradient = ChainGradient(steps: steps, labels: chain.labels)
      chain.addGradients(
        of: one.beginnings, one.emissions, da: d, dlogZ: -d.reduce(0, +), to: &gradient)
      chain.addGradients(ofEnds: one.ends, one.emissions, db: d, to: &gradient)
      result = gradient
    }
    return add(gradients, shape, &cache.dense, context)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try dense.visitParameters(visit)
    try visit("start", &start)
    try visit("transition", &transition)
    try visit("end", &end)
  }

  public var inputFeatures: Int? { inputSize }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == inputSize else {
      throw ShapeError(Self.kind, expected: "[T, B, \(inputSize)]", got: input)
    }
    return [input[0], input[1], labels]
  }
}

extension ConditionalRandomField where Element == Float {
  /// - Precondition: both sizes are positive, and rules are for as many labels.
  public init(inputSize: Int, labels: Int, rules: TransitionRules? = nil) {
    self.init(inputSize, labels, rules)
  }
}
