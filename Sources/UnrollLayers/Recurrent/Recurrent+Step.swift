import UnrollCore

// One step of inference, as a generator and a server take them: in the memory of the step before.
extension Recurrent {
  /// - Parameter input: `[1, B, I]`; no stream has ended or begins anew, and the cell's input is projected.
  @specialized(where Cell == LSTMCell<Float>)
  @specialized(where Cell == GRUCell<Float>)
  @specialized(where Cell == RNNCell<Float>)
  @specialized(where Cell == LayerNormLSTMCell<Float>)
  func step(
    _ input: Tensor<Element>, _ state: inout State, _ cache: inout Cache, _ context: Context
  ) -> Tensor<Element> {
    let batch = input.shape[1]
    let initial = state.begun.map { beginning(state.values, $0) } ?? state.values
    var run: CellRun<Element>
    if let last = cache.step.take(), last.rows == batch, last.context.threads == context.threads {
      run = last
      run.input = input
      run.state.setSteps(0..<1, to: initial.reshaped([1, batch, cell.stateSize]))
    } else {
      run = CellRun(
        of: cell, input: input, from: initial, streams: 0..<batch, in: context)
    }
    run.weights = cache.forward
    cell.projection.project(&run, packed: cache.projection, threads: context.threads)
    cell.sweep(&run)
    run.weights = []
    state.values = run.state.step(1)
    if let begun = state.begun { state.begun = Tensor(shape: begun.shape, repeating: 1) }
    cache.step = run
    return state.values.columns(0..<cell.outputSize).reshaped([1, batch, cell.outputSize])
  }
}
