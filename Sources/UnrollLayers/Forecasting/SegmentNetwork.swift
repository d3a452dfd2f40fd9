import UnrollCore

/// A forecaster that reads a window by segments and writes all segments of the horizon at once, after SegRNN
/// (Lin et al. 2023).
///
///     e_n = relu(W_e x_n + b_e)                n = 1...N, x_n being W rows of the window side by side
///     s   = the state of the layers after e_1 ... e_N
///     d_m = p_m + c + W_k k_m                  m = 1...M, k_m being what is known of W rows ahead
///     y_m = W_y dropout(the layers' output for d_m, from s) + b_y
///
/// So of a horizon's segments none waits for another, and an error in one is not carried to the next. The
/// position vectors p, and the vectors c of the window's categories, tell the segments apart.
/// Where the window is no whole number of segments, zeros come before it.
///
/// # Shapes
/// Past `[T, B, F]`, future `[H, B, K]`, categories `[S, B]`. Output `[B, H * Q]`: Q numbers of the first row
/// ahead, then of the second. `input.weight [D, W F]`, `position [M, D]`, `known.weight [D, W K]`,
/// `output.weight [W Q, D']`; the layers inside take `[N, B, D]` and give `[N, B, D']`.
public struct SegmentNetwork<Element: Scalar>: Layer {
  /// The layers inside.
  public typealias Inner = Sequential<Tensor<Element>, Tensor<Element>, Element>

  /// What the sizes of a window are.
  public struct Sizes: Codable, Sendable, Equatable {
    /// The rows of a segment, W.
    public var segment: Int
    /// The rows ahead, H.
    public var horizon: Int
    /// The columns of the past, F.
    public var pastColumns: Int
    /// The columns that are known ahead, K.
    public var futureColumns: Int
    /// The numbers of a row ahead, Q.
    public var outputs: Int
    /// How many there are of each category.
    public var categories: [Int]

    public init(
      segment: Int, horizon: Int, pastColumns: Int = 1, futureColumns: Int = 0, outputs: Int = 1,
      categories: [Int] = []
    ) {
      self.segment = segment
      self.horizon = horizon
      self.pastColumns = pastColumns
      self.futureColumns = futureColumns
      self.outputs = outputs
      self.categories = categories
    }

    /// The segments of the horizon, M.
    var segmentsAhead: Int { (horizon + segment - 1) / segment }

    fileprivate var problem: String? {
      let positive = [segment, horizon, pastColumns, outputs] + categories
      return positive.allSatisfy { $0 > 0 && $0 < 1 << 24 }
        && (0..<(1 << 24)).contains(futureColumns)
        ? nil : "sizes \(self)"
    }
  }

  public let sizes: Sizes
  /// What drops outputs of the layers inside in training.
  public let dropout: Dropout<Element>
  var input: Dense<Element>
  var known: Dense<Element>?
  var position: Parameter<Element>
  var categories: CategoryVectors<Element>
  /// The layers inside: recurrent ones.
  public var inner: Inner
  var output: Dense<Element>

  /// What forward keeps.
  public struct Cache: Sendable {
    var input = Dense<Element>.Cache()
    var embedded: Tensor<Element>?
    var reading: Inner.Cache
    var known = Dense<Element>.Cache()
    var categories: Tokens?
    var writing: Inner.Cache
    var output = Dense<Element>.Cache()
  }

  /// - Parameters:
  ///   - width: the features of an embedded segment, D, which the layers inside take.
  ///   - outputWidth: the features that they give, D'.
  ///   - dropout: how often an output of the layers inside is dropped in training, in `[0, 1)`.
  public init(
    _ sizes: Sizes, width: Int, outputWidth: Int, dropout: Double = 0,
    @LayerBuilder<Element> _ build: () -> LayerStack<Tensor<Element>, Tensor<Element>, Element>
  ) {
    self.init(sizes, width, outputWidth, dropout, Inner(seed: nil, build))
  }

  private init(_ sizes: Sizes, _ width: Int, _ outputWidth: Int, _ dropout: Double, _ inner: Inner)
  {
    Self.require(sizes.problem == nil, "SegmentNetwork: \(sizes.problem ?? "")")
    Self.require(
      width > 0 && outputWidth > 0 && dropout >= 0 && dropout < 1,
      "SegmentNetwork: widths \(width) and \(outputWidth), dropout \(dropout)")
    self.sizes = sizes
    self.dropout = Dropout(rate: dropout)
    input = Dense(inputSize: sizes.segment * sizes.pastColumns, outputSize: width)
    known =
      sizes.futureColumns == 0
      ? nil : Dense(inputSize: sizes.segment * sizes.futureColumns, outputSize: width)
    position = Parameter([sizes.segmentsAhead, width], .normal(standardDeviation: 0.1))
    categories = CategoryVectors(sizes: sizes.categories, dimension: width)
    self.inner = inner
    output = Dense(inputSize: outputWidth, outputSize: sizes.segment * sizes.outputs)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    sizes = try container.decode(Sizes.self, forKey: .sizes)
    dropout = try container.decode(Dropout<Element>.self, forKey: .dropout)
    try decoder.expect(sizes.problem == nil, "\(sizes) are no sizes")
    input = try container.decode(Dense<Element>.self, forKey: .input)
    known = try container.decodeIfPresent(Dense<Element>.self, forKey: .known)
    position = try container.decode(Parameter<Element>.self, forKey: .position)
    categories = try container.decode(CategoryVectors<Element>.self, forKey: .categories)
    inner = try container.decode(Inner.self, forKey: .inner)
    output = try container.decode(Dense<Element>.self, forKey: .output)
    let width = input.outputSize
    try decoder.expect(
      input.inputSize == sizes.segment * sizes.pastColumns
        && known?.weight.shape
          == (sizes.futureColumns == 0 ? nil : [width, sizes.segment * sizes.futureColumns])
        && position.shape == [sizes.segmentsAhead, width]
        && categories.tables.map(\.shape) == sizes.categories.map { [$0, width] }
        && output.outputSize == sizes.segment * sizes.outputs
        && inner.outputShape(of: [1, 1, width]) == [1, 1, output.inputSize],
      "parameters that do not fit \(sizes)")
  }

  public var isCausal: Bool { false }
  public func makeState(batch: Int) {}
  public func makeCache() -> Cache {
    Cache(reading: inner.makeCache(), writing: inner.makeCache())
  }
  public func visitState(
    _ state: inout Void, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {}

  public func forward(
    _ window: WindowInput<Element>, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    if let problem = problem(of: window) { Self.require(false, "SegmentNetwork: \(problem)") }
    let (batch, ahead, steps) = (window.batch, sizes.segmentsAhead, context.withoutLengths)
    var embedded = input.forward(segments(of: window.past), cache: &cache.input, in: steps)
    embedded = embedded.map { $0 > 0 ? $0 : 0 }
    var carried = inner.makeState(batch: batch)
    _ = inner.forward(embedded, state: &carried, cache: &cache.reading, in: steps.child(0))

    var queries = known(of: window, &cache, steps)
    queries.addToBlocks(position.value)
    categories.add(to: &queries, of: window.categories, repeats: ahead)
    carried = inner.gathering((0..<(batch * ahead)).map { $0 / ahead }, of: carried)
    var written = inner.forward(
      queries.reshaped([1, batch * ahead, queries.columns]), state: &carried,
      cache: &cache.writing, in: steps.child(1))
    written = dropped(written, steps)
    if context.mode == .training {
      (cache.embedded, cache.categories) = (embedded, window.categories)
    }
    return output.forward(written, cache: &cache.output, in: steps)
      .reshaped([batch, ahead * sizes.segment * sizes.outputs])
      .columns(0..<(sizes.horizon * sizes.outputs))
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout Void, cache: inout Cache, in context: Context
  ) -> NoGradient {
    guard let embedded = cache.embedded.take(), let ids = cache.categories.take() else {
      fatalError("SegmentNetwork: backward without a forward in training before")
    }
    let (batch, ahead, steps) = (embedded.shape[1], sizes.segmentsAhead, context.withoutLengths)
    let row = sizes.horizon * sizes.outputs
    gradient.expectShape([batch, row], axes: "BH", of: "SegmentNetwork output gradient")
    var whole = Tensor<Element>(shape: [batch, ahead * sizes.segment * sizes.outputs])
    whole.setColumns(0..<row, to: gradient)

    var written = output.backward(
      whole.reshaped([1, batch * ahead, sizes.segment * sizes.outputs]), cache: &cache.output,
      in: steps)
    written = dropped(written, steps)
    var carried = inner.zeros(like: inner.makeState(batch: batch * ahead))
    let queries = inner.backward(
      written, state: &carried, cache: &cache.writing, in: steps.child(1))
    position.gradient.addSums(ofBlocksOf: queries)
    categories.accumulate(queries, of: ids, repeats: ahead)
    if sizes.futureColumns > 0 { _ = known?.backward(queries, cache: &cache.known, in: steps) }

    inner.visitState(&carried) { $1 = $1.summingNeighbors(ahead) }
    let read = Tensor<Element>(shape: [embedded.shape[0], batch, output.inputSize])
    var back = inner.backward(read, state: &carried, cache: &cache.reading, in: steps.child(0))
    back = back.combined(with: embedded) { $1 > 0 ? $0 : 0 }
    _ = input.backward(back, cache: &cache.input, in: steps)
    return NoGradient()
  }

  private func dropped(_ x: Tensor<Element>, _ context: Context) -> Tensor<Element> {
    var nothing: Void = ()
    return dropout.forward(x, cache: &nothing, in: context.child(2))
  }

  /// The segments of a window, `[T, B, F]` to `[N, B, W F]`, zeros before the first.
  private func segments(of past: Tensor<Element>) -> Tensor<Element> {
    let (time, batch, width) = (past.shape[0], past.shape[1], past.shape[2])
    let segments = max(1, (time + sizes.segment - 1) / sizes.segment)
    let missing = segments * sizes.segment - time
    var result = Tensor<Element>(shape: [segments, batch, sizes.segment * width])
    result.withUnsafeMutableBufferPointer { y in
      past.withUnsafeBufferPointer { x in
        for t in 0..<time {
          let (n, j) = ((t + missing) / sizes.segment, (t + missing) % sizes.segment)
          for b in 0..<batch {
            let to = ((n * batch + b) * sizes.segment + j) * width
            for f in 0..<width { y[to + f] = x[(t * batch + b) * width + f] }
          }
        }
      }
    }
    return result
  }

  /// `W_k k_m` for every window and segment ahead, `[B M, D]`; zero where nothing is known.
  private func known(
    of window: WindowInput<Element>, _ cache: inout Cache, _ context: Context
  ) -> Tensor<Element> {
    let (batch, ahead, width) = (window.batch, sizes.segmentsAhead, sizes.futureColumns)
    guard let known else { return Tensor(shape: [batch * ahead, input.outputSize]) }
    var segments = Tensor<Element>(shape: [1, batch * ahead, sizes.segment * width])
    segments.withUnsafeMutableBufferPointer { y in
      window.future.withUnsafeBufferPointer { x in
        for h in 0..<sizes.horizon {
          for b in 0..<batch {
            let to = (b * ahead * sizes.segment + h) * width
            for k in 0..<width { y[to + k] = x[(h * batch + b) * width + k] }
          }
        }
      }
    }
    return known.forward(segments, cache: &cache.known, in: context)
      .reshaped([batch * ahead, input.outputSize])
  }

  private func problem(of window: WindowInput<Element>) -> String? {
    let (past, future) = (window.past.shape, window.future.shape)
    guard past[0] > 0, past[2] == sizes.pastColumns, future[0] == sizes.horizon,
      future[2] == sizes.futureColumns
    else {
      return "expected a past [T, B, \(sizes.pastColumns)] and a future [\(sizes.horizon), B, "
        + "\(sizes.futureColumns)], got \(past) and \(future)"
    }
    return categories.problem(of: window.categories)
  }

  public func checkInput(_ input: WindowInput<Element>) throws {
    if let problem = problem(of: input) { throw InputError("SegmentNetwork: \(problem)") }
  }

  public var inputFeatures: Int? { sizes.pastColumns }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == sizes.pastColumns else {
      throw ShapeError(Self.kind, expected: "[T, B, \(sizes.pastColumns)]", got: input)
    }
    return [input[1], sizes.horizon * sizes.outputs]
  }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds { .pooled }
  public var innerLayers: [[any Layer<Element>]] { [inner.layers] }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try input.visitParameters { try visit("input.\($0)", &$1) }
    try known?.visitParameters { try visit("known.\($0)", &$1) }
    try visit("position", &position)
    try categories.visitParameters(visit)
    try inner.visitParameters { try visit("inner.\($0)", &$1) }
    try output.visitParameters { try visit("output.\($0)", &$1) }
  }
}
