import CUnrollKernels
import UnrollCore

// Steps of inference, as a generator and a server take them: in the memory of one run of one step.
extension Recurrent: TableSteppingLayer {
  package func makeStepper(
    from state: any Sendable, batch: Int, in context: Context
  ) -> (any LayerStepper<Element>)? {
    stepper(over: nil, from: state, batch, context)
  }

  package func makeStepper(
    over table: Tensor<Element>, from state: any Sendable, batch: Int, in context: Context
  ) -> (any LayerStepper<Element>)? {
    // Of larger tables few rows are ever read; what 8 bits give is not what a table would.
    table.rows <= 1024 && context.weights == .full
      ? stepper(over: table, from: state, batch, context) : nil
  }

  private func stepper(
    over table: Tensor<Element>?, from state: any Sendable, _ batch: Int, _ context: Context
  ) -> (any LayerStepper<Element>)? {
    guard cell.projectsInput, cell.inputWidth == 1, let state = state as? State else { return nil }
    return RecurrentStepper(self, from: state, batch: batch, table: table, in: context)
  }
}

private struct RecurrentStepper<Cell: RecurrentCell>: LayerStepper {
  typealias Element = Cell.Element

  private let cell: Cell
  private var run: CellRun<Element>
  private let projection: PackedMatrix<Element>
  /// The inputs that tokens stand for, `[V, I]`, and what they are projected to, `[V, P]`.
  private let table: (inputs: Tensor<Element>, projected: Tensor<Element>)?
  private let learnsBeginning: Bool

  init(
    _ layer: Recurrent<Cell>, from state: Recurrent<Cell>.State, batch: Int,
    table: Tensor<Element>?, in context: Context
  ) {
    cell = layer.cell
    learnsBeginning = layer.initialState != nil
    var packed = PackedMatrix<Element>()
    packed.pack(cell.projection.weight.value.transposed, for: context)
    projection = packed
    self.table = table.map { [cell] in
      ($0, .product($0.matrix, packed, bias: cell.projection.bias?.value))
    }
    run = CellRun(
      of: cell, input: Tensor(shape: [1, batch, cell.inputSize]),
      from: layer.beginning(state.values, state.begun), streams: 0..<batch, in: context)
    run.projected = Tensor(shape: [1, batch, cell.projection.outputSize])
    cell.pack(&run.weights, for: .forward, in: context)
  }

  var state: any Sendable {
    Recurrent<Cell>.State(
      values: run.state.step(0),
      begun: learnsBeginning ? Tensor(shape: [run.rows, 1], repeating: 1) : nil)
  }

  @specialized(where Cell == LSTMCell<Float>)
  @specialized(where Cell == GRUCell<Float>)
  @specialized(where Cell == RNNCell<Float>)
  @specialized(where Cell == LayerNormLSTMCell<Float>)
  mutating func step(_ input: StepSignal<Element>) -> StepSignal<Element> {
    let (rows, I, P) = (run.rows, cell.inputSize, run.projected.columns)
    let (x, projected) = (run.input.mutableAddress, run.projected.mutableAddress)
    switch (input, table) {
    case (.tokens(let ids), let table?):
      for r in 0..<rows {
        let id = Int(ids[r])
        Cell.require(
          id >= 0 && id < table.inputs.rows,
          "Embedding: token \(id) of a vocabulary of \(table.inputs.rows)")
        table.inputs.withUnsafeBufferPointer {
          if let from = $0.baseAddress { (x + r * I).update(from: from + id * I, count: I) }
        }
        table.projected.withUnsafeBufferPointer {
          if let from = $0.baseAddress { (projected + r * P).update(from: from + id * P, count: P) }
        }
      }
    case (.rows(let from), _):
      guard let base = from.base else { break }
      for r in 0..<rows { (x + r * I).update(from: base + r * from.rowStride, count: I) }
      project(from, into: projected)
    case (.tokens, nil): fatalError("\(Cell.kind): a step of tokens without a table")
    }
    cell.sweep(&run)
    // The state after this step is that before the next one.
    let (state, count) = (run.state.mutableAddress, rows * run.state.columns)
    state.update(from: state + count, count: count)
    return .rows(
      MatrixAddress(
        base: state, rows: rows, columns: cell.outputSize, rowStride: run.state.columns))
  }

  private func project(_ x: MatrixAddress<Element>, into y: UnsafeMutablePointer<Element>) {
    let (P, threads) = (cell.projection.outputSize, run.context.threads)
    if let bias = cell.projection.bias?.value {
      bias.withUnsafeBufferPointer {
        projection.multiply(
          x, into: y, stride: P, start: UNROLL_START_BIAS, bias: $0.baseAddress, threads: threads)
      }
    } else {
      projection.multiply(x, into: y, stride: P, start: UNROLL_START_ZERO, threads: threads)
    }
  }
}
