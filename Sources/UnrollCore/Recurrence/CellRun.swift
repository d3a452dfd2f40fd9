import CUnrollKernels

/// Everything that a recurrent cell reads and writes: some streams of a batch, over all steps.
///
/// # Shapes
/// T steps, b rows (streams); I inputs, P projected inputs, Z state numbers, of which the first H are
/// the output.
public struct CellRun<Element: Scalar>: Sendable {
  /// Steps, T.
  public internal(set) var steps: Int
  /// Streams, b.
  public let rows: Int
  /// The number of steps of each row, where some sequences end before the others.
  public internal(set) var lengths: [Int]?
  /// The input, `[T, b, I]`.
  public var input: Tensor<Element>
  /// `W_ih x_t + b` for every step, `[T, b, P]`. A step may overwrite its own, to keep activations
  /// for instance; after `stepBackward` it holds the gradient with respect to it.
  public var projected: Tensor<Element>
  /// What a step keeps for its backward: a tensor `[T, b, S]` for each of the cell's
  /// ``RecurrentCell/savedSizes``, by its name.
  public var saved: SavedTensors<Element>
  /// The state before every step and after the last, `[T + 1, b, Z]`: step `t` reads `t` and writes
  /// `t + 1`.
  public var state: Tensor<Element>
  /// The gradient with respect to the state after a step, `[b, Z]`, that of its output included;
  /// `stepBackward` makes it that before the step.
  public var gradient: Tensor<Element>
  /// What steps gave as the gradient of the input beside that through the projection; `nil` for nothing.
  var ownInputGradient: Tensor<Element>?
  /// a of a ``LinearRecurrentCell``, `[T, b, C]`, kept on the way forward.
  var factors: Tensor<Element>?
  /// c after every step, `[T, b, C]`, where the output is something else.
  var carried: Tensor<Element>?
  /// What ``RecurrentCell/pack(_:for:in:)`` packed.
  public var weights: [PackedMatrix<Element>] = []
  /// What the recurrent product sees of the hidden state: it is multiplied by this, `[b, H]`, where
  /// it is given. Dropout of recurrent connections sets it.
  public var recurrentMask: Tensor<Element>?
  /// Which streams of the batch the rows are.
  public let streams: Range<Int>
  /// The mode, the threads that this run has for itself, and the random numbers of the layer: the same
  /// ones forward and backward.
  public let context: Context

  /// A run that begins in a state, with nothing projected yet.
  ///
  /// - Parameters:
  ///   - input: `[T, b, I]`.
  ///   - initial: the state before the first step, `[b, Z]`.
  ///   - streams: which streams of the batch the rows are.
  public init<Cell: RecurrentCell<Element>>(
    of cell: Cell, input: Tensor<Element>, from initial: Tensor<Element>, streams: Range<Int>,
    in context: Context
  ) {
    self.init(
      input: input, streams: streams, in: context,
      saved: SavedTensors(cell.savedSizes, steps: input.shape[0], rows: input.shape[1]),
      state: .states(from: initial, steps: input.shape[0]))
    if !cell.projectsInput {
      projected = Tensor(shape: [steps, rows, cell.projection.outputSize])
    }
  }

  @specialized(where Element == Float)
  init(
    input: Tensor<Element>, streams: Range<Int>, in context: Context,
    saved: SavedTensors<Element>, state: Tensor<Element>
  ) {
    let (steps, rows) = (input.shape[0], input.shape[1])
    self.steps = steps
    self.rows = rows
    self.input = input
    self.streams = streams
    self.context = context
    let lengths = context.lengths.map { Array($0[streams]) }
    self.lengths = lengths?.contains { $0 < steps } == true ? lengths : nil
    self.saved = saved
    self.state = state
    projected = Tensor(shape: [0])
    gradient = Tensor(shape: [0])
  }

  /// The rows of step `t` where all but the last axis of `[T, b, ...]` are counted as one.
  public func rows(at t: Int) -> Range<Int> { (t * rows)..<((t + 1) * rows) }

  /// What the recurrent product sees of the hidden state before some steps, one row for each step
  /// and stream: its first `size` columns, masked by ``recurrentMask``.
  @specialized(where Element == Float)
  public func hidden(before steps: Range<Int>, size: Int) -> Matrix<Element> {
    let state = state.matrix
      .rows((steps.lowerBound * rows)..<(steps.upperBound * rows))
      .columns(0..<size)
    return recurrentMask.map { self.state.masked(steps, by: $0).matrix } ?? state
  }

  /// What the recurrent product sees of something `[b, H]`: it, or it times ``recurrentMask``.
  @specialized(where Element == Float)
  public func masked(_ hidden: Tensor<Element>) -> Tensor<Element> {
    recurrentMask.map { hidden * $0 } ?? hidden
  }

  /// Makes `W^T da` the gradient of the hidden state: what comes back through the recurrent product
  /// where nothing else does.
  ///
  /// - Parameters:
  ///   - da: the gradient of the product, `[b, P]`.
  ///   - weight: W, `[P, H]`.
  @specialized(where Element == Float)
  public mutating func setHiddenGradient(_ da: Matrix<Element>, _ weight: PackedMatrix<Element>) {
    let hidden = 0..<weight.columns
    if let recurrentMask {
      gradient.setColumns(hidden, to: Tensor.product(da, weight) * recurrentMask)
    } else {
      gradient.setProduct(da, weight, columns: hidden)
    }
  }

  /// Adds `W^T da` to the gradient of the hidden state.
  @specialized(where Element == Float)
  public mutating func addHiddenGradient(_ da: Matrix<Element>, _ weight: PackedMatrix<Element>) {
    let hidden = 0..<weight.columns
    if let recurrentMask {
      let through = Tensor.product(da, weight) * recurrentMask
      gradient.setColumns(hidden, to: gradient.columns(hidden) + through)
    } else {
      gradient.addProduct(da, weight, columns: hidden)
    }
  }

  /// The output of every step, the first `size` columns of the state after it, in the place of some
  /// streams of `[T, B, H]`. Steps beyond a stream's length are zero.
  ///
  /// - Parameter lengths: the lengths of all streams of the batch.
  @specialized(where Element == Float)
  public func writeOutput(
    to output: inout Tensor<Element>, streams: Range<Int>, lengths: [Int]?
  ) {
    let (batch, size, width) = (output.shape[1], output.shape[2], state.columns)
    output.withUnsafeMutableBufferPointer { y in
      state.withUnsafeBufferPointer { s in
        for t in 0..<steps {
          for r in 0..<rows {
            let to = (t * batch + streams.lowerBound + r) * size
            if let lengths, t >= lengths[streams.lowerBound + r] {
              y[to..<(to + size)].update(repeating: 0)
            } else {
              let from = ((t + 1) * rows + r) * width
              _ = y[to..<(to + size)].update(fromContentsOf: s[from..<(from + size)])
            }
          }
        }
      }
    }
  }

  /// Adds the gradient of the output of step `t`, some streams of `[T, B, H]`, to the gradient of the
  /// state after it.
  @specialized(where Element == Float)
  public mutating func addOutputGradient(
    _ output: Tensor<Element>, step t: Int, streams: Range<Int>
  ) {
    let (batch, size, width) = (output.shape[1], output.shape[2], gradient.columns)
    gradient.withUnsafeMutableBufferPointer { d in
      output.withUnsafeBufferPointer { g in
        for r in 0..<rows {
          let from = (t * batch + streams.lowerBound + r) * size
          guard let g = g.baseAddress, let d = d.baseAddress else { return }
          unroll_add(Element.kernelType, size, g + from, d + r * width)
        }
      }
    }
  }
}

extension Tensor {
  /// `[T + 1, b, Z]`, of which the first step is written.
  @specialized(where Element == Float)
  fileprivate static func states(from initial: Tensor, steps: Int) -> Tensor {
    Tensor(uninitialized: [steps + 1] + initial.shape) { state in
      initial.withUnsafeBufferPointer { _ = state.update(fromContentsOf: $0) }
    }
  }

  /// Some steps of a state `[T + 1, b, Z]`, its first columns multiplied by a mask `[b, H]`.
  @specialized(where Element == Float)
  fileprivate func masked(_ steps: Range<Int>, by mask: Tensor) -> Tensor {
    let (rows, width, size) = (shape[1], columns, mask.columns)
    return Tensor(uninitialized: [steps.count, rows, size]) { masked in
      withUnsafeBufferPointer { state in
        mask.withUnsafeBufferPointer { mask in
          for t in 0..<steps.count {
            for r in 0..<rows {
              let from = ((steps.lowerBound + t) * rows + r) * width
              for j in 0..<size {
                masked[(t * rows + r) * size + j] = state[from + j] * mask[r * size + j]
              }
            }
          }
        }
      }
    }
  }
}
