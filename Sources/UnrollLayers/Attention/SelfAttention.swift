import UnrollCore

/// Every step attends to itself and to the steps before it, with several heads (Vaswani et al. 2017,
/// section 3.2, with the mask of a decoder).
///
///     q, k, v = W_in x + b_in        in each head, of d = F / heads features:
///     a_ts = softmax over s of (q_t . k_s / sqrt(d))        s <= t
///     z_t = sum_s a_ts v_s           y = W_out z + b_out
///
///     e_ts = a_ts (dz_t . v_s - sum_s a_ts dz_t . v_s) / sqrt(d)
///     dq_t = sum_s e_ts k_s          dk_s = sum_t e_ts q_t        dv_s = sum_t a_ts dz_t
///
/// Keys and values are carried from chunk to chunk: a step attends also to those of the chunks
/// before, and gradients go back to them. Without a window they become ever more, as does the work
/// of a step.
///
/// It knows no positions: to it the steps before are a set. Order comes from a recurrent layer before
/// it. Padded steps neither attend nor are attended to.
///
/// ```
/// LSTM(inputSize: 64, hiddenSize: 128)
/// Residual { SelfAttention(inputSize: 128, heads: 4, window: 256) }
/// ```
///
/// # Shapes
/// Input and output `[T, B, F]`. `in_proj_weight [3F, F]` and `in_proj_bias [3F]` in the order q, k,
/// v, `out_proj.weight [F, F]` and `out_proj.bias [F]`, named as in PyTorch's `MultiheadAttention`;
/// the weights begin by Glorot's rule, the biases at zero. The state is ``AttentionState``.
public struct SelfAttention<Element: Scalar>: Layer {
  /// From the input to queries, keys and values side by side.
  public var projection: Dense<Element>
  /// From what the heads gathered to the output.
  public var output: Dense<Element>
  /// The number of heads.
  public let heads: Int
  /// How many steps a step attends to at most, itself included; `nil` for all.
  public let window: Int?

  /// - Parameters:
  ///   - inputSize: F, the number of features, a multiple of `heads`.
  ///   - heads: the number of heads.
  ///   - window: how many steps a step attends to at most, itself included, which bounds the state;
  ///     `nil` for all.
  public init(inputSize: Int, heads: Int, window: Int? = nil) {
    self.init(inputSize, heads, window)
  }

  private init(_ size: Int, _ heads: Int, _ window: Int?) {
    Self.require(
      size > 0 && heads > 0 && size % heads == 0,
      "SelfAttention: \(heads) heads do not share the size \(size) equally")
    Self.require(window ?? 1 > 0, "SelfAttention: a window of \(window ?? 0) steps")
    projection = Dense(inputSize: size, outputSize: 3 * size)
    projection.weight.initializer = .gates(3, .glorot)
    output = Dense(inputSize: size, outputSize: size)
    self.heads = heads
    self.window = window
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(Dense<Element>.self, forKey: .projection)
    output = try container.decode(Dense<Element>.self, forKey: .output)
    heads = try container.decode(Int.self, forKey: .heads)
    window = try container.decodeIfPresent(Int.self, forKey: .window)
    let F = projection.inputSize
    try decoder.expect(
      projection.outputSize == 3 * F && output.weight.shape == [F, F] && heads > 0
        && F % heads == 0 && window ?? 1 > 0,
      "the weights \(projection.weight.shape) and \(output.weight.shape), \(heads) heads and a "
        + "window of \(window ?? 1) make no SelfAttention")
  }

  /// F, the number of features.
  public var size: Int { projection.inputSize }

  /// What forward keeps: what every stream attended to, and the caches of the projections.
  public struct Cache: Sendable {
    var runs: [AttentionRun<Element>]?
    /// S of the state before the chunk.
    var steps = 0
    var projection: Dense<Element>.Cache
    var output: Dense<Element>.Cache
  }

  public func makeState(batch: Int) -> AttentionState<Element> {
    AttentionState(batch: batch, size: size)
  }

  public func makeCache() -> Cache {
    Cache(projection: projection.makeCache(), output: output.makeCache())
  }

  public func forward(
    _ input: Tensor<Element>, state: inout AttentionState<Element>, cache: inout Cache,
    in context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, size], axes: "TBF", of: "SelfAttention input")
    let (time, batch) = (input.shape[0], input.shape[1])
    state.expectShapes(batch: batch, size: size, of: "state")
    let carried = state.counts(in: context)
    let lengths = context.resolvedLengths(time: time, batch: batch)
    let columns = (0..<heads).map { ($0 * size / heads)..<(($0 + 1) * size / heads) }
    let projected = projection.forward(input, cache: &cache.projection, in: context)

    var runs = (0..<batch).map { b in
      AttentionRun<Element>(
        stream: b, carried: carried[b], length: lengths[b], window: window ?? .max,
        heads: columns)
    }
    let initial = state
    Threads.forEach(&runs, threads: context.threads) { _, run in
      run.attend(projected, initial, context.mode)
    }
    var gathered = Tensor<Element>(uninitialized: input.shape) { _ in }
    for b in runs.indices {
      gathered.setStreams(b..<(b + 1), to: runs[b].gathered.reshaped([time, 1, size]))
      runs[b].gathered = Tensor(shape: [0, size])
    }
    state = AttentionState(
      keeping: runs.map { $0.keys.steps($0.kept) }, runs.map { $0.values.steps($0.kept) },
      size: size)
    if context.mode == .training { (cache.runs, cache.steps) = (runs, initial.keys.shape[1]) }
    return output.forward(gathered, cache: &cache.output, in: context)
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout AttentionState<Element>, cache: inout Cache,
    in context: Context
  ) -> Tensor<Element> {
    guard var runs = cache.runs.take() else {
      fatalError("SelfAttention: backward without a forward in training before")
    }
    let (time, batch) = (gradient.shape.first ?? 0, runs.count)
    gradient.expectShape([time, batch, size], axes: "TBF", of: "SelfAttention output gradient")
    state.expectShapes(batch: batch, size: size, of: "state gradient")

    let (gathered, final) = (output.backward(gradient, cache: &cache.output, in: context), state)
    Threads.forEach(&runs, threads: context.threads) { _, run in
      run.backward(gathered, final)
    }
    var projected = Tensor<Element>(uninitialized: [time, batch, 3 * size]) { _ in }
    for (b, run) in runs.enumerated() {
      projected.setStreams(b..<(b + 1), to: run.projected.reshaped([time, 1, 3 * size]))
    }
    state = AttentionState(
      gradientOf: runs.map { $0.keys.steps(0..<$0.carried) },
      runs.map { $0.values.steps(0..<$0.carried) }, steps: cache.steps, size: size)
    return projection.backward(projected, cache: &cache.projection, in: context)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters { try visit("in_proj_\($0)", &$1) }
    try output.visitParameters { try visit("out_proj.\($0)", &$1) }
  }

  public func visitState(
    _ state: inout AttentionState<Element>,
    _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    try visit("keys", &state.keys)
    try visit("values", &state.values)
    try visit("steps", &state.steps)
  }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    window == 1 || input == .pooled ? input.mixingFeatures : .whole
  }

  public func checkState(_ state: AttentionState<Element>) throws {
    if let problem = state.problem { throw StateError(description: "\(Self.kind): \(problem)") }
  }

  public var inputFeatures: Int? { size }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == size else {
      throw ShapeError(Self.kind, expected: "[T, B, \(size)]", got: input)
    }
    return input
  }
}

extension SelfAttention where Element == Float {
  /// - Parameters:
  ///   - inputSize: F, the number of features, a multiple of `heads`.
  ///   - heads: the number of heads.
  ///   - window: how many steps a step attends to at most, itself included, which bounds the state;
  ///     `nil` for all.
  public init(inputSize: Int, heads: Int, window: Int? = nil) {
    self.init(inputSize, heads, window)
  }
}
