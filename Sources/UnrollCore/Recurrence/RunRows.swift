import CUnrollKernels

/// Some rows of a run where they lie in memory: what the kernels of a cell work on, so that several
/// threads can do rows of their own in one run.
package struct RunRows<Element: Scalar> {
  /// The numbers of every step, `[T, b, width]`.
  package struct Steps {
    let base: UnsafeMutablePointer<Element>
    let runRows, first: Int
    package let width: Int

    /// Where those of the rows begin at step `t`.
    package subscript(t: Int) -> UnsafeMutablePointer<Element> {
      base + (t * runRows + first) * width
    }
  }

  package let steps: Int
  /// Which rows of the run they are.
  package let range: Range<Int>
  /// How many threads may share a step of these rows.
  package let threads: Int
  package let projected, state: Steps
  package let weights: [PackedMatrix<Element>]
  private let runRows: Int
  private let names: [String]
  private let tensors: [Steps]
  private let gradients: UnsafeMutablePointer<Element>
  package let gradientWidth: Int
  private let mask: Tensor<Element>?
  private let lengths: [Int]?
  private let streams: Range<Int>

  /// All rows of a run, which must live as long and stay where it is.
  @specialized(where Element == Float)
  fileprivate init(_ run: inout CellRun<Element>, threads: Int) {
    let count = run.rows
    func steps(_ tensor: inout Tensor<Element>) -> Steps {
      Steps(base: tensor.mutableAddress, runRows: count, first: 0, width: tensor.columns)
    }
    (self.steps, range, runRows, self.threads) = (run.steps, 0..<count, count, threads)
    projected = steps(&run.projected)
    state = steps(&run.state)
    names = run.saved.names
    tensors = run.saved.tensors.indices.map { steps(&run.saved.tensors[$0]) }
    gradients = run.gradient.mutableAddress
    gradientWidth = run.gradient.columns
    mask = run.recurrentMask
    (weights, lengths, streams) = (run.weights, run.lengths, run.streams)
  }

  /// Some of these rows, for one thread.
  private init(_ all: RunRows, _ part: Range<Int>) {
    func steps(_ of: Steps) -> Steps {
      Steps(base: of.base, runRows: of.runRows, first: part.lowerBound, width: of.width)
    }
    (self.steps, range, runRows, threads) = (all.steps, part, all.runRows, 1)
    (projected, state, tensors) = (steps(all.projected), steps(all.state), all.tensors.map(steps))
    (names, mask) = (all.names, all.mask)
    (gradients, gradientWidth) = (all.gradients, all.gradientWidth)
    (weights, lengths, streams) = (all.weights, all.lengths, all.streams)
  }

  /// The number of rows.
  package var count: Int { range.count }

  /// What the steps keep under a name.
  package func saved(_ name: String) -> Steps {
    guard let index = names.firstIndex(of: name) else {
      fatalError("a cell saves '\(name)', and its savedSizes have \(names)")
    }
    return tensors[index]
  }

  /// The gradient with respect to the state after a step, of which the rows lie Z apart.
  package var gradient: UnsafeMutablePointer<Element> {
    gradients + range.lowerBound * gradientWidth
  }

  /// Calls `body`, which computes the gates of a step, for rows that together are these: each time on a
  /// thread of its own where there is enough to do.
  package func forEachThread(_ body: @Sendable (RunRows) -> Void) {
    if count * projected.width < 1 << 14 { body(self) } else { split(body) }
  }

  /// Calls `body` for rows that together are these, each time on a thread of its own.
  fileprivate func split(_ body: @Sendable (RunRows) -> Void) {
    guard threads > 1 else { return body(self) }
    // Each thread gets rows of its own.
    nonisolated(unsafe) let all = self
    let first = range.lowerBound
    Threads.forEachRange(count, threads: threads) {
      body(RunRows(all, ($0.lowerBound + first)..<($0.upperBound + first)))
    }
  }

  /// `to = x W`, or `to += x W`, for the rows of two tensors at a step.
  @specialized(where Element == Float)
  package func multiply(
    _ x: UnsafePointer<Element>, width: Int, _ weight: PackedMatrix<Element>,
    into to: UnsafeMutablePointer<Element>, width toWidth: Int, adding: Bool = false
  ) {
    weight.multiply(
      MatrixAddress(base: x, rows: count, columns: weight.rows, rowStride: width), into: to,
      stride: toWidth,
      start: adding ? UNROLL_START_C : UNROLL_START_ZERO, threads: threads)
  }

  /// `to += h_{t-1} W`, or `to = h_{t-1} W`, with what the recurrent product sees of the hidden state.
  @specialized(where Element == Float)
  package func multiplyHidden(
    before t: Int, _ weight: PackedMatrix<Element>, into to: UnsafeMutablePointer<Element>,
    width: Int, adding: Bool
  ) {
    guard mask != nil else {
      return multiply(
        state[t], width: state.width, weight, into: to, width: width, adding: adding)
    }
    let size = weight.rows
    var seen = Tensor(
      copying: MatrixAddress(base: state[t], rows: count, columns: size, rowStride: state.width),
      shape: [count, size])
    self.mask(seen.mutableAddress, size: size)
    multiply(seen.mutableAddress, width: size, weight, into: to, width: width, adding: adding)
    withExtendedLifetime(seen) {}
  }

  /// Multiplies something `[count, size]` by the mask of the recurrent product, if there is one.
  @specialized(where Element == Float)
  package func mask(_ x: UnsafeMutablePointer<Element>, size: Int) {
    mask?.withUnsafeBufferPointer { mask in
      for i in 0..<(count * size) { x[i] *= mask[range.lowerBound * size + i] }
    }
  }

  /// Makes `W^T da` the gradient of the hidden state, or adds it.
  @specialized(where Element == Float)
  package func multiplyIntoHiddenGradient(
    _ da: UnsafePointer<Element>, width: Int, _ weight: PackedMatrix<Element>, adding: Bool
  ) {
    let size = weight.columns
    guard mask != nil else {
      return multiply(
        da, width: width, weight, into: gradient, width: gradientWidth, adding: adding)
    }
    var through = Tensor<Element>(uninitialized: [count, size]) { _ in }
    let from = through.mutableAddress
    multiply(da, width: width, weight, into: from, width: size)
    self.mask(from, size: size)
    for r in 0..<count {
      let (d, from) = (gradient + r * gradientWidth, from + r * size)
      for j in 0..<size { d[j] = adding ? d[j] + from[j] : from[j] }
    }
    withExtendedLifetime(through) {}
  }

  /// The rows, counted from the first of these, whose sequences have ended before step `t`.
  package func ended(at t: Int) -> [Int] {
    guard let lengths else { return [] }
    return (0..<count).filter { lengths[range.lowerBound + $0] <= t }
  }

  /// Leaves the state of rows whose sequences have ended as it was before step `t`.
  package func holdEnded(over t: Int) {
    for r in ended(at: t) {
      (state[t + 1] + r * state.width).update(from: state[t] + r * state.width, count: state.width)
    }
  }

  /// Takes the gradient back over step `t` by `step`, once that of the output of all streams, `[T, B, H]`,
  /// is added to it. A sequence that has ended by then leaves no gradient anywhere, and keeps its own.
  @specialized(where Element == Float)
  package func takingBack(
    _ outputGradient: Tensor<Element>, at t: Int, _ step: (RunRows) -> Void
  ) {
    addOutputGradient(outputGradient, at: t)
    let ended = ended(at: t)
    guard !ended.isEmpty else { return step(self) }
    let taken = ended.flatMap { r in
      let row = UnsafeMutableBufferPointer(
        start: gradient + r * gradientWidth, count: gradientWidth)
      defer { row.update(repeating: 0) }
      return Array(row)
    }
    step(self)
    for (i, r) in ended.enumerated() {
      for j in 0..<gradientWidth { gradient[r * gradientWidth + j] = taken[i * gradientWidth + j] }
    }
  }

  /// Adds the gradient of the output of step `t`, of all streams `[T, B, H]`, to that of the state.
  @specialized(where Element == Float)
  private func addOutputGradient(_ output: Tensor<Element>, at t: Int) {
    let (batch, size) = (output.shape[1], output.columns)
    output.withUnsafeBufferPointer { g in
      guard let g = g.baseAddress else { return }
      let first = g + (t * batch + streams.lowerBound + range.lowerBound) * size
      for r in 0..<count {
        unroll_add(Element.kernelType, size, first + r * size, gradient + r * gradientWidth)
      }
    }
  }
}

extension CellRun {
  /// Calls `body` for rows that together are all: at once on several threads, or, where a step is better
  /// shared, once for all of them.
  @specialized(where Element == Float)
  package mutating func forEachRows(_ body: @Sendable (RunRows<Element>) -> Void) {
    let threads = context.threads
    let all = RunRows(&self, threads: threads)
    if sharesSteps { body(all) } else { all.split(body) }
    withExtendedLifetime(self) {}
  }

  /// Takes all steps, of rows that together are all. Where a sequence has ended its state stays as it is.
  @specialized(where Element == Float)
  package mutating func sweepRows(_ step: @Sendable (Int, RunRows<Element>) -> Void) {
    forEachRows { rows in
      for t in 0..<rows.steps {
        step(t, rows)
        rows.holdEnded(over: t)
      }
    }
  }

  /// Takes the gradient back over all steps, given that of the output of all streams, `[T, B, H]`.
  @specialized(where Element == Float)
  package mutating func sweepRowsBackward(
    _ outputGradient: Tensor<Element>, _ step: @Sendable (Int, RunRows<Element>) -> Void
  ) {
    forEachRows { rows in
      for t in (0..<rows.steps).reversed() {
        rows.takingBack(outputGradient, at: t) { step(t, $0) }
      }
    }
  }

  /// Whether threads share every step rather than the rows: with few rows each would read all the
  /// weights for next to nothing.
  private var sharesSteps: Bool { rows < 8 * context.threads }
}
