import CUnrollKernels

/// Everything that a recurrent cell reads and writes: some streams of a batch, over all steps.
///
/// # Shapes
/// T steps, b rows (streams); I inputs, P projected inputs, S saved numbers, Z state numbers, of
/// which the first H are the output.
public struct CellRun<Element: Scalar>: Sendable {
  /// Steps, T.
  public let steps: Int
  /// Streams, b.
  public let rows: Int
  /// The input, `[T, b, I]`.
  public var input: Tensor<Element>
  /// `W_ih x_t + b` for every step, `[T, b, P]`. A step may overwrite its own, to keep activations
  /// for instance; after `stepBackward` it holds the gradient with respect to it.
  public var projected: Tensor<Element>
  /// What a step keeps for its backward, `[T, b, S]`.
  public var saved: Tensor<Element>
  /// The state before every step and after the last, `[T + 1, b, Z]`: step `t` reads `t` and writes
  /// `t + 1`.
  public var state: Tensor<Element>
  /// The gradient with respect to the state after a step, `[b, Z]`, that of its output included;
  /// `stepBackward` makes it that before the step.
  public var gradient: Tensor<Element>
  /// What ``RecurrentCell/pack(_:for:in:)`` packed.
  public var weights: [PackedMatrix<Element>] = []
  /// Whether backward will follow.
  public let mode: Context.Mode

  /// A run that begins in a state, with nothing projected yet.
  ///
  /// - Parameters:
  ///   - input: `[T, b, I]`.
  ///   - state: `[b, Z]`.
  public init<Cell: RecurrentCell<Element>>(
    of cell: Cell, input: Tensor<Element>, from initial: Tensor<Element>, mode: Context.Mode
  ) {
    steps = input.shape[0]
    rows = input.shape[1]
    self.input = input
    self.mode = mode
    projected = Tensor(shape: [0])
    saved = Tensor(uninitialized: [steps, rows, cell.savedSize]) { _ in }
    state = Tensor(uninitialized: [steps + 1, rows, cell.stateSize]) { state in
      initial.withUnsafeBufferPointer { _ = state.update(fromContentsOf: $0) }
    }
    gradient = Tensor(shape: [0])
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

  /// Copies the state of some rows over step `t` unchanged: their sequences have ended.
  @specialized(where Element == Float)
  public mutating func holdState(of rows: [Int], over t: Int) {
    let (width, count) = (state.columns, self.rows)
    state.withUnsafeMutableBufferPointer { s in
      for r in rows {
        for z in 0..<width { s[((t + 1) * count + r) * width + z] = s[(t * count + r) * width + z] }
      }
    }
  }

  /// Gives some rows the gradient that they had after step `t`, and their projected inputs none: the
  /// step did nothing to them.
  @specialized(where Element == Float)
  public mutating func holdGradient(
    of rows: [Int], over t: Int, after: Tensor<Element>
  ) {
    let (width, projectedWidth, count) = (gradient.columns, projected.columns, self.rows)
    gradient.withUnsafeMutableBufferPointer { d in
      after.withUnsafeBufferPointer { a in
        for r in rows { for z in 0..<width { d[r * width + z] = a[r * width + z] } }
      }
    }
    projected.withUnsafeMutableBufferPointer { p in
      for r in rows {
        let row = (t * count + r) * projectedWidth
        p[row..<(row + projectedWidth)].update(repeating: 0)
      }
    }
  }
}
