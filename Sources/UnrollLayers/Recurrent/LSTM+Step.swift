import CUnrollKernels
import UnrollCore

// One step, by the fused kernels where the options are the common ones, else by
// `LSTMCell.forward(_:)` and `backward(_:)`.
extension LSTMCell {
  public var sharesRun: Bool { true }

  public func sweep(_ run: inout CellRun<Element>) {
    run.sweepRows { step($0, $1) }
  }

  public func sweepBackward(_ run: inout CellRun<Element>, outputGradient: Tensor<Element>) {
    run.sweepRowsBackward(outputGradient) { stepBackward($0, $1) }
  }

  public func step(_ t: Int, _ run: inout CellRun<Element>) {
    run.forEachRows { step(t, $0) }
  }

  public func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    run.forEachRows { stepBackward(t, $0) }
  }

  @specialized(where Element == Float)
  private func step(_ t: Int, _ rows: RunRows<Element>) {
    let (H, Z, P) = (hiddenSize, rows.state.width, outputSize)
    recurrence.addProduct(t, rows)
    rows.forEachThread { rows in
      let (before, after) = (rows.state[t], rows.state[t + 1])
      // With a projection, o * tanh(c_t) is not the output yet.
      let unprojected = outputWeight.map { _ in rows.saved("unprojected")[t] }
      forward(
        LSTMForward(
          rows: rows.count, hidden: H, gates: rows.projected[t], before: before + P,
          beforeStride: Z, h: unprojected ?? after, hStride: unprojected == nil ? Z : H,
          c: after + P, cStride: Z, activated: rows.saved("activated")[t]))
      if peepholes != nil {
        let cell = rows.saved("cell")[t]
        for r in 0..<rows.count { (cell + r * H).update(from: after + r * Z + P, count: H) }
      }
    }
    if outputWeight != nil {
      rows.multiply(
        rows.saved("unprojected")[t], width: H, rows.weights[1], into: rows.state[t + 1], width: Z)
    }
  }

  @specialized(where Element == Float)
  private func stepBackward(_ t: Int, _ rows: RunRows<Element>) {
    let (H, Z, P) = (hiddenSize, rows.state.width, outputSize)
    let d = rows.gradient
    // With a projection, the gradient of o * tanh(c_t).
    var unprojected: Tensor<Element>?
    if outputWeight != nil {
      let outputGradient = rows.saved("outputGradient")[t]
      for r in 0..<rows.count { (outputGradient + r * P).update(from: d + r * Z, count: P) }
      unprojected = Tensor(uninitialized: [rows.count, H]) { unprojected in
        guard let unprojected = unprojected.baseAddress else { return }
        rows.multiply(outputGradient, width: P, rows.weights[1], into: unprojected, width: H)
      }
    }
    let (first, hiddenGradient) = (rows.range.lowerBound, unprojected)
    rows.forEachThread { rows in
      func backward(_ dh: UnsafePointer<Element>, _ dhStride: Int) {
        self.backward(
          LSTMBackward(
            rows: rows.count, hidden: H, gates: rows.projected[t],
            activated: rows.saved("activated")[t], before: rows.state[t] + P,
            after: rows.state[t + 1] + P, cellStride: Z, dh: dh, dhStride: dhStride,
            dc: rows.gradient + P, dcStride: Z))
      }
      guard let hiddenGradient else { return backward(rows.gradient, Z) }
      hiddenGradient.withUnsafeBufferPointer { dh in
        guard let dh = dh.baseAddress else { return }
        backward(dh + (rows.range.lowerBound - first) * H, H)
      }
    }
    recurrence.setHiddenGradient(t, rows)
  }
}

/// Where the numbers of a step are, forward. Strides are between rows.
struct LSTMForward<Element: Scalar> {
  let rows, hidden: Int
  /// Pre-activations, which become activations.
  let gates: UnsafeMutablePointer<Element>
  /// `c_{t-1}`.
  let before: UnsafePointer<Element>
  let beforeStride: Int
  let h: UnsafeMutablePointer<Element>
  let hStride: Int
  let c: UnsafeMutablePointer<Element>
  let cStride: Int
  /// The activated cell, `tanh(c_t)`, `[rows, hidden]`.
  let activated: UnsafeMutablePointer<Element>
}

/// Where the numbers of a step are, backward. Strides are between rows.
struct LSTMBackward<Element: Scalar> {
  let rows, hidden: Int
  /// Activations, which become gradients of pre-activations.
  let gates: UnsafeMutablePointer<Element>
  /// The activated cell, `[rows, hidden]`.
  let activated: UnsafePointer<Element>
  /// `c_{t-1}`, and `c_t`.
  let before, after: UnsafePointer<Element>
  let cellStride: Int
  let dh: UnsafePointer<Element>
  let dhStride: Int
  /// The gradient of `c_t` from the step after, which becomes that of `c_{t-1}`.
  let dc: UnsafeMutablePointer<Element>
  let dcStride: Int
}
