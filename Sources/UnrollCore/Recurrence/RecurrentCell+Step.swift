// A cell by itself: one step, without a layer around it.
extension RecurrentCell {
  /// The state in which a sequence begins, `[B, Z]`: zeros.
  public func makeState(batch: Int) -> Tensor<Element> { Tensor(shape: [batch, stateSize]) }

  /// One step for an input `[B, I]` and a state `[B, Z]`: the state after it, whose first H columns
  /// are the output, and what ``stepBackward(_:through:)`` needs. A cell that sees k inputs takes
  /// them side by side, `[B, k I]`, the last one last.
  ///
  /// - Parameter context: for training unless said otherwise. A cell with noise, such as zoneout,
  ///   draws the same numbers in every step with the same random source: give each step a child of
  ///   one, or step in `.inference`.
  public func step(
    _ input: Tensor<Element>, from state: Tensor<Element>, in context: Context = Context(threads: 1)
  ) -> (state: Tensor<Element>, run: CellRun<Element>) {
    input.expectShape([nil, projection.inputSize], axes: "BI", of: "\(Self.kind) cell input")
    state.expectShape([input.shape[0], stateSize], axes: "BZ", of: "\(Self.kind) cell state")
    var context = context
    context.lengths = nil
    var run = CellRun(
      of: self, input: input.reshaped([1] + input.shape), from: state, streams: 0..<input.shape[0],
      in: context)
    if projectsInput {
      var packed = PackedMatrix<Element>()
      packed.pack(projection.weight.value.transposed, for: context)
      projection.project(&run, packed: packed)
    }
    pack(&run.weights, for: .forward, in: context)
    step(0, &run)
    return (run.state.step(1), run)
  }

  /// The gradients of one step, given that with respect to the state after it, `[B, Z]`, which
  /// includes that of the output. Parameters' gradients are added to.
  ///
  /// - Returns: the gradients with respect to the input, `[B, I]`, and the state before, `[B, Z]`;
  ///   and the run, whose `projected` is the gradient with respect to the projected inputs.
  public mutating func stepBackward(
    _ gradient: Tensor<Element>, through run: CellRun<Element>
  ) -> (input: Tensor<Element>, state: Tensor<Element>, run: CellRun<Element>) {
    gradient.expectShape([run.rows, stateSize], axes: "BZ", of: "\(Self.kind) cell gradient")
    var run = run
    run.gradient = gradient
    pack(&run.weights, for: .backward, in: run.context)
    stepBackward(0, &run)
    if projectsInput { projection.accumulate(run, threads: 1) }
    accumulate(run, threads: 1)
    let input = run.inputGradient(
      through: projectsInput ? PackedMatrix(projection.weight.value.matrix) : nil)
    return (input.reshaped([run.rows, projection.inputSize]), run.gradient, run)
  }
}
