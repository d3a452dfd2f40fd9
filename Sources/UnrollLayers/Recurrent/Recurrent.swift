import UnrollCore

/// A recurrent cell run over a sequence.
///
/// It owns time, lengths, restarts, truncation and threads; the cell owns what one step does. Each
/// thread takes some of the streams over all steps, without waiting for the others at each step. What is
/// summed over streams is summed afterwards, over all of them, so that no result depends on the number
/// of threads.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`, state `[B, Z]`. With lengths, the output beyond the end of
/// a sequence is zero and the state is that at its end.
public struct Recurrent<Cell: RecurrentCell>: Layer {
  public typealias Element = Cell.Element

  /// What is carried between chunks.
  public struct State: Sendable {
    /// `[B, Z]`: the parts of the cell's state side by side.
    public var values: Tensor<Element>
    /// `[B, 1]`, where the state in which a sequence begins is learned: 0 of a stream that has not begun,
    /// to whose values that state is added, else 1.
    var begun: Tensor<Element>?
    /// `[B, (k - 1) I]`, where the cell sees k inputs: the last ones, the oldest first.
    var inputs: Tensor<Element>?
  }

  /// What `forward` keeps: the runs, and weights as the kernels want them.
  public struct Cache: Sendable {
    /// In training, after `forward`: every step, of all streams or, where each thread had a run of its
    /// own, of some of them after the others.
    public internal(set) var runs: [CellRun<Element>] = []
    var projection = PackedMatrix<Element>()
    var forward: [PackedMatrix<Element>] = []
    var backward: [PackedMatrix<Element>] = []
    var backwardProjection = PackedMatrix<Element>()
    /// Which streams had begun before the chunk, where that matters.
    var begun: Tensor<Element>?
  }

  /// The cell, with the parameters.
  public var cell: Cell
  /// The state in which a sequence begins, `[Z]`, where it is learned; else that is zero.
  public internal(set) var initialState: Parameter<Element>?

  /// A layer that runs this cell.
  ///
  /// - Parameter initialState: in which state a sequence begins.
  public init(_ cell: Cell, initialState: InitialState = .zero) {
    self.cell = cell
    self.initialState = initialState == .learned ? Parameter([cell.stateSize], .zeros) : nil
  }

  public static var kind: String { Cell.kind }

  public func makeState(batch: Int) -> State {
    State(
      values: cell.makeState(batch: batch),
      begun: initialState == nil ? nil : Tensor(shape: [batch, 1]),
      inputs: cell.inputWidth == 1
        ? nil : Tensor(shape: [batch, (cell.inputWidth - 1) * cell.inputSize]))
  }
  public func makeCache() -> Cache { Cache() }

  @specialized(where Cell == LSTMCell<Float>)
  @specialized(where Cell == GRUCell<Float>)
  @specialized(where Cell == RNNCell<Float>)
  @specialized(where Cell == LayerNormLSTMCell<Float>)
  public func forward(
    _ input: Tensor<Element>, state: inout State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, cell.inputSize], axes: "TBI", of: "\(Self.kind) input")
    let (time, batch) = (input.shape[0], input.shape[1])
    state.values.expectShape(
      [batch, cell.stateSize], axes: "BZ",
      of: "\(Self.kind) state of \(cell.stateParts.map { "\($0) \($1)" }.joined(separator: ", "))")
    let slices = slices(batch: batch, steps: time, context)

    if cell.projectsInput {
      cache.projection.pack(
        cell.projection.weight.value.transposed, for: context, threads: context.threads)
    }
    cell.pack(&cache.forward, for: .forward, in: context)
    let (projection, weights) = (cache.projection, cache.forward)
    let begun = state.begun.map { slices.restarting($0) }
    let initial = beginning(slices.restarting(state.values), begun)
    let input = seen(
      input.zeroingSteps(beyond: context.lengths), &state, slices, lengths: context.lengths)
    let share = slices.share(of: context)
    var runs = slices.ranges.map { range in
      CellRun(
        of: cell, input: input.streams(range), from: initial.steps(range), streams: range, in: share
      )
    }
    Threads.forEach(&runs, threads: context.threads) { _, run in
      run.weights = weights
      if cell.projectsInput {
        cell.projection.project(&run, packed: projection, threads: share.threads)
      }
      cell.sweep(&run)
      run.weights = []
    }

    var output = Tensor<Element>(uninitialized: [time, batch, cell.outputSize]) { _ in }
    var final = Tensor<Element>(uninitialized: state.values.shape) { _ in }
    for (range, run) in zip(slices.ranges, runs) {
      run.writeOutput(to: &output, streams: range, lengths: context.lengths)
      final.setSteps(range, to: run.state.step(time))
    }
    state.values = final
    state.begun = begun.map { Tensor(shape: $0.shape, repeating: 1) }
    if context.mode == .training { (cache.runs, cache.begun) = (runs, begun) }
    return output
  }

  @specialized(where Cell == LSTMCell<Float>)
  @specialized(where Cell == GRUCell<Float>)
  @specialized(where Cell == RNNCell<Float>)
  @specialized(where Cell == LayerNormLSTMCell<Float>)
  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    var runs: [CellRun<Element>] = []
    swap(&runs, &cache.runs)
    Self.require(!runs.isEmpty, "\(Self.kind): backward without a forward in training before")
    let (time, batch) = (runs[0].steps, runs.reduce(0) { $0 + $1.rows })
    gradient.expectShape(
      [time, batch, cell.outputSize], axes: "TBH", of: "\(Self.kind) output gradient")
    state.values.expectShape(
      [batch, cell.stateSize], axes: "BZ", of: "\(Self.kind) state gradient")
    let slices = slices(batch: batch, steps: time, context)

    if cell.projectsInput {
      cache.backwardProjection.pack(
        cell.projection.weight.value.matrix, for: .training, threads: context.threads)
    }
    cell.pack(&cache.backward, for: .backward, in: context)
    sweepBackward(
      &runs, cache.backward, gradient.zeroingSteps(beyond: context.lengths), state.values, context)

    let run = CellRun.joining(runs, in: context)
    runs = []
    if cell.projectsInput { cell.projection.accumulate(run, threads: context.threads) }
    cell.accumulate(run, threads: context.threads)
    let inputGradient = run.inputGradient(
      through: cell.projectsInput ? cache.backwardProjection : nil, threads: context.threads)
    let initial = run.gradient
    state.begun = learnBeginning(initial, cache.begun.take()).map { slices.restarting($0) }
    state.values = slices.restarting(initial)
    return self.inputGradient(inputGradient, &state, slices, lengths: context.lengths)
  }

  /// Takes every run back over its steps. Not `mutating`, so that the copy of the cell that the
  /// threads share is gone before gradients are added to: held twice, they would be copied.
  @specialized(where Cell == LSTMCell<Float>)
  @specialized(where Cell == GRUCell<Float>)
  @specialized(where Cell == RNNCell<Float>)
  @specialized(where Cell == LayerNormLSTMCell<Float>)
  private func sweepBackward(
    _ runs: inout [CellRun<Element>], _ weights: [PackedMatrix<Element>],
    _ gradient: Tensor<Element>, _ final: Tensor<Element>, _ context: Context
  ) {
    let cell = cell
    Threads.forEach(&runs, threads: context.threads) { _, run in
      run.weights = weights
      run.gradient = final.steps(run.streams)
      cell.sweepBackward(&run, outputGradient: gradient)
      run.weights = []
    }
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try cell.visitParameters(visit)
    try initialState.visit("initial_state", visit)
  }

  public func visitState(
    _ state: inout State, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    var (parts, start) = ([Tensor<Element>](), 0)
    for (name, size) in cell.stateParts {
      parts.append(state.values.columns(start..<(start + size)))
      try visit(name, &parts[parts.count - 1])
      start += size
    }
    state.values = .concatenatingColumns(parts)
    if var begun = state.begun.take() {
      try visit("begun", &begun)
      state.begun = begun
    }
    if var inputs = state.inputs.take() {
      try visit("inputs", &inputs)
      state.inputs = inputs
    }
  }

  /// As many slices as threads, unless the cell shares a run out by itself.
  private func slices(batch: Int, steps: Int, _ context: Context) -> StreamSlices {
    StreamSlices(
      batch: batch, steps: steps, count: cell.sharesRun ? 1 : context.threads, context)
  }

  public var inputFeatures: Int? { cell.inputSize }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == cell.inputSize else {
      throw ShapeError(Self.kind, expected: "[T, B, \(cell.inputSize)]", got: input)
    }
    return [input[0], input[1], cell.outputSize]
  }
}

extension LayerRegistry {
  /// Makes a cell known, and the layer that runs it.
  ///
  /// - Precondition: no other type has its kind.
  public mutating func register<Cell: RecurrentCell<Element>>(_ cell: Cell.Type) {
    register(cell: cell, runBy: Recurrent<Cell>.self)
  }
}
