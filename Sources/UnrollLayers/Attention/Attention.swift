import UnrollCore

/// Attention to the steps of another sequence, the memory: what a decoder sees of what the encoder
/// read.
///
///     e_ts = q_t . m_s                        dot
///            q_t . W m_s                      general
///            v . tanh(W q_t + U m_s + b)      additive
///     a_ts = softmax over s of e_ts           c_t = sum_s a_ts m_s
///
/// The dot product and the general form are those of Luong et al. (2015, section 3.1), the additive
/// one is that of Bahdanau et al. (2015, A.1.2). Steps beyond a stream's
/// ``AttentionInput/memoryLengths`` are not attended to; a query of a memory without steps gets
/// zeros.
///
/// # Shapes
/// Queries `[T, B, Q]`, memory `[S, B, M]`, output `[T, B, M]`. General: `memory_weight [Q, M]`, W.
/// Additive, with A hidden units: `query_weight [A, Q]`, W, `memory_weight [A, M]`, U, `bias [A]`
/// and `score_weight [A]`, v. Weights begin by Glorot's rule, the bias at zero.
public struct Attention<Element: Scalar>: StatelessLayer {
  /// Q, the features of a query.
  public let querySize: Int
  /// M, the features of a step of the memory.
  public let memorySize: Int
  public internal(set) var memoryWeight: Parameter<Element>?
  public internal(set) var queryWeight: Parameter<Element>?
  public internal(set) var bias: Parameter<Element>?
  public internal(set) var scoreWeight: Parameter<Element>?

  /// - Parameters:
  ///   - querySize: Q, the features of a query.
  ///   - memorySize: M, the features of a step of the memory.
  ///   - score: how well a query and a step match.
  /// - Precondition: sizes are positive; for a dot product, Q is M.
  public init(querySize: Int, memorySize: Int, score: AttentionScore = .general) {
    self.init(querySize, memorySize, score)
  }

  private init(_ Q: Int, _ M: Int, _ score: AttentionScore) {
    Self.require(Q > 0 && M > 0, "Attention: querySize \(Q), memorySize \(M)")
    (querySize, memorySize) = (Q, M)
    switch score {
    case .dot:
      Self.require(Q == M, "Attention: a dot product of \(Q) and \(M) features; use .general")
    case .general:
      memoryWeight = Parameter([Q, M], .glorot)
    case .additive(let A):
      Self.require(A > 0, "Attention: \(A) hidden units")
      memoryWeight = Parameter([A, M], .glorot)
      queryWeight = Parameter([A, Q], .glorot)
      bias = Parameter([A], .zeros)
      scoreWeight = Parameter([A], .glorot)
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func parameter(_ key: CodingKeys) throws -> Parameter<Element>? {
      try container.decodeIfPresent(Parameter<Element>.self, forKey: key)
    }
    querySize = try container.decode(Int.self, forKey: .querySize)
    memorySize = try container.decode(Int.self, forKey: .memorySize)
    memoryWeight = try parameter(.memoryWeight)
    queryWeight = try parameter(.queryWeight)
    bias = try parameter(.bias)
    scoreWeight = try parameter(.scoreWeight)
    try decoder.expect(
      querySize > 0 && memorySize > 0 && areWhole,
      "an Attention of \(querySize) and \(memorySize) features has other weights")
  }

  /// Whether the weights are those of one of the scores.
  private var areWhole: Bool {
    let rest = [queryWeight, bias, scoreWeight].compactMap { $0?.shape }
    guard let memoryWeight else { return querySize == memorySize && rest.isEmpty }
    guard memoryWeight.shape.count == 2, memoryWeight.shape[1] == memorySize else { return false }
    let A = memoryWeight.shape[0]
    return rest.isEmpty ? A == querySize : rest == [[A, querySize], [A], [A]]
  }

  /// How well a query and a step match.
  public var score: AttentionScore {
    scoreWeight.map { .additive(size: $0.count) } ?? (memoryWeight == nil ? .dot : .general)
  }

  /// What forward keeps: what every stream attended to, and the input.
  public struct Cache: Sendable {
    var runs: [MemoryRun<Element>] = []
    var input: AttentionInput<Element>?
  }

  public func makeCache() -> Cache { Cache() }

  public func forward(
    _ input: AttentionInput<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    let queries = input.queries.zeroingSteps(beyond: context.lengths)
    let memory = keyed(input.memory, lengths: input.memoryLengths, threads: context.threads)
    let runs = runs(queries, memory, context)
    if context.mode == .training {
      cache.runs = runs
      cache.input = AttentionInput(
        queries: queries, memory: memory.values, memoryLengths: memory.lengths)
    }
    return joined(runs.map(\.context), steps: queries.shape[0])
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> AttentionInput<Element>.Gradient {
    guard let input = cache.input.take() else {
      fatalError("Attention: backward without a forward in training before")
    }
    let (time, batch) = (input.queries.shape[0], input.queries.shape[1])
    gradient.expectShape(
      [time, batch, memorySize], axes: "TBM", of: "Attention output gradient")
    var runs: [MemoryRun<Element>] = []
    swap(&runs, &cache.runs)
    Threads.forEach(&runs, threads: context.threads) { b, run in
      run.backward(gradient.stream(b, steps: run.queries.rows))
    }
    let steps = input.memory.shape[0]
    var queries = joined(runs.map(\.queries), steps: time)
    let keys = joined(runs.map(\.keys), steps: steps)
    var memory = joined(runs.map(\.values), steps: steps)
    for dv in runs.reversed().compactMap(\.score) { scoreWeight?.gradient += dv }

    // Through q = W q_t + b and k_s = U m_s.
    if let weight = queryWeight?.value {
      queryWeight?.gradient.addProduct(
        queries.transposed, input.queries.matrix, threads: context.threads)
      bias?.gradient.addRowSums(of: queries, threads: context.threads)
      queries = Tensor.product(queries.matrix, weight.matrix, threads: context.threads)
        .reshaped(input.queries.shape)
    }
    if let weight = memoryWeight?.value {
      memoryWeight?.gradient.addProduct(
        keys.transposed, input.memory.matrix, threads: context.threads)
      memory += Tensor.product(keys.matrix, weight.matrix, threads: context.threads)
        .reshaped(memory.shape)
    } else {
      memory += keys
    }
    return AttentionInput.Gradient(queries: queries, memory: memory)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try queryWeight.visit("query_weight", visit)
    try memoryWeight.visit("memory_weight", visit)
    try bias.visit("bias", visit)
    try scoreWeight.visit("score_weight", visit)
  }

  public var inputFeatures: Int? { querySize }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == querySize else {
      throw ShapeError(Self.kind, expected: "queries [T, B, \(querySize)]", got: input)
    }
    return [input[0], input[1], memorySize]
  }
}

extension Attention where Element == Float {
  /// - Parameters:
  ///   - querySize: Q, the features of a query.
  ///   - memorySize: M, the features of a step of the memory.
  ///   - score: how well a query and a step match.
  /// - Precondition: sizes are positive; for a dot product, Q is M.
  public init(querySize: Int, memorySize: Int, score: AttentionScore = .general) {
    self.init(querySize, memorySize, score)
  }
}
