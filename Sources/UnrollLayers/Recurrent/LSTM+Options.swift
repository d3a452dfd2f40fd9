import CUnrollKernels
import UnrollCore

// The step between the matrix products, with every option. The common one is left to the kernels.
//
//     i = act(a_i + p_i c_{t-1})     f = act(a_f + p_f c_{t-1}), or 1 - i     g = act(a_g)
//     c_t = f c_{t-1} + i g          o = act(a_o + p_o c_t)                   h = o act(c_t)
extension LSTMCell {
  func forward(_ step: LSTMForward<Element>) {
    if options.isStandard {
      unroll_lstm_forward(
        Element.kernelType, step.rows, step.hidden, step.gates, step.before, step.beforeStride,
        step.h, step.hStride, step.c, step.cStride, step.activated)
    } else {
      let activations = LSTMActivations<Element>(options)
      withPeepholes {
        for r in 0..<step.rows { forward(step, row: r, peepholes: $0, activations) }
      }
    }
  }

  func backward(_ step: LSTMBackward<Element>) {
    if options.isStandard {
      unroll_lstm_backward(
        Element.kernelType, step.rows, step.hidden, step.gates, step.activated, step.before,
        step.cellStride, step.dh, step.dhStride, step.dc, step.dcStride)
    } else {
      let activations = LSTMActivations<Element>(options)
      withPeepholes {
        for r in 0..<step.rows { backward(step, row: r, peepholes: $0, activations) }
      }
    }
  }

  /// Calls `body` with the address of the peepholes, or with `nil`.
  private func withPeepholes(_ body: (UnsafePointer<Element>?) -> Void) {
    if let peepholes {
      peepholes.value.withUnsafeBufferPointer { body($0.baseAddress) }
    } else {
      body(nil)
    }
  }

  @specialized(where Element == Float)
  private func forward(
    _ step: LSTMForward<Element>, row: Int, peepholes p: UnsafePointer<Element>?,
    _ activations: LSTMActivations<Element>
  ) {
    let (H, coupled) = (step.hidden, options.forgetGate == .coupled)
    let i = step.gates + row * options.blocks * H
    let f = coupled ? nil : i + H
    let g = i + (coupled ? H : 2 * H)
    let o = g + H
    let (before, c) = (step.before + row * step.beforeStride, step.c + row * step.cStride)
    let (h, activated) = (step.h + row * step.hStride, step.activated + row * H)

    if let p {
      for j in 0..<H { i[j] += p[j] * before[j] }
      if let f { for j in 0..<H { f[j] += p[H + j] * before[j] } }
    }
    activations.gate.apply(H, i)
    if let f { activations.gate.apply(H, f) }
    activations.candidate.apply(H, g)
    for j in 0..<H { c[j] = (f?[j] ?? 1 - i[j]) * before[j] + i[j] * g[j] }
    if case .cell(let limit) = options.clipping { clip(H, c, Element(limit)) }
    if let p {
      let p = p + (coupled ? H : 2 * H)
      for j in 0..<H { o[j] += p[j] * c[j] }
    }
    activations.gate.apply(H, o)
    for j in 0..<H { activated[j] = c[j] }
    activations.output.apply(H, activated)
    for j in 0..<H { h[j] = o[j] * activated[j] }
  }

  /// With `act'` the derivative of an activation, 0 where its input was clipped:
  ///
  ///     da_o = dh act(c_t) act'      dc_t = (dc from t+1) + dh o act' + da_o p_o
  ///     da_i = dc_t g act'           da_f = dc_t c_{t-1} act'         da_g = dc_t i act'
  ///     dc_{t-1} = dc_t f + da_i p_i + da_f p_f
  ///
  /// and with coupled gates `da_i = dc_t (g - c_{t-1}) act'`.
  @specialized(where Element == Float)
  private func backward(
    _ step: LSTMBackward<Element>, row: Int, peepholes p: UnsafePointer<Element>?,
    _ activations: LSTMActivations<Element>
  ) {
    let (H, coupled) = (step.hidden, options.forgetGate == .coupled)
    let i = step.gates + row * options.blocks * H
    let f = coupled ? nil : i + H
    let g = i + (coupled ? H : 2 * H)
    let o = g + H
    let (before, after) = (
      step.before + row * step.cellStride, step.after + row * step.cellStride
    )
    let activated = step.activated + row * H
    let (dh, dc) = (step.dh + row * step.dhStride, step.dc + row * step.dcStride)
    let cellLimit: Element =
      if case .cell(let limit) = options.clipping { Element(limit) } else { .infinity }
    let pO = p.map { $0 + (coupled ? H : 2 * H) }

    for j in 0..<H {
      let (iGate, gGate, oGate) = (i[j], g[j], o[j])
      o[j] = dh[j] * activated[j] * activations.gate.derivative(at: oGate)
      var dCell = dc[j] + dh[j] * oGate * activations.output.derivative(at: activated[j])
      if let pO { dCell += o[j] * pO[j] }
      if abs(after[j]) >= cellLimit { dCell = 0 }
      g[j] = dCell * iGate * activations.candidate.derivative(at: gGate)
      if let f {
        let fGate = f[j]
        i[j] = dCell * gGate * activations.gate.derivative(at: iGate)
        f[j] = dCell * before[j] * activations.gate.derivative(at: fGate)
        dc[j] = dCell * fGate
        if let p { dc[j] += f[j] * p[H + j] }
      } else {
        i[j] = dCell * (gGate - before[j]) * activations.gate.derivative(at: iGate)
        dc[j] = dCell * (1 - iGate)
      }
      if let p { dc[j] += i[j] * p[j] }
    }
  }

  @specialized(where Element == Float)
  private func clip(_ count: Int, _ x: UnsafeMutablePointer<Element>, _ limit: Element) {
    for j in 0..<count { x[j] = x[j] > limit ? limit : x[j] < -limit ? -limit : x[j] }
  }
}

/// A cell's activations, and their derivatives from their values.
private struct LSTMActivations<Element: Scalar> {
  let gate, candidate, output: ClippedActivation<Element>

  init(_ options: LSTMOptions) {
    let limit: Double? =
      if case .activationInputs(let limit) = options.clipping { limit } else { nil }
    gate = ClippedActivation(options.gate, limit: limit)
    candidate = ClippedActivation(options.candidate, limit: limit)
    output = ClippedActivation(options.output, limit: limit)
  }
}

extension LSTMCell {
  /// The gradients of the peepholes for every step and stream, `[T, b, 3H]`: `da_i c_{t-1}`,
  /// `da_f c_{t-1}` and `da_o c_t`. `run.projected` holds the gradients da.
  func peepholeGradients(_ run: CellRun<Element>) -> Tensor<Element> {
    let (H, P) = (hiddenSize, outputSize)
    let before = run.state.steps(0..<run.steps).columns(P..<(P + H))
    let after = run.saved["cell"]
    let da = { (block: Int) in run.projected.columns((block * H)..<((block + 1) * H)) }
    return switch options.forgetGate {
    case .independent: .concatenatingColumns(da(0) * before, da(1) * before, da(3) * after)
    case .coupled: .concatenatingColumns(da(0) * before, da(2) * after)
    }
  }
}
