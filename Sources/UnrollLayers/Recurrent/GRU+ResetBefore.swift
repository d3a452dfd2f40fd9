import UnrollCore

// The reset gate before the recurrent product: two products a step, that of r and z, and that of
// what the reset gate leaves of the hidden state.
extension GRUCell {
  func packGates(
    _ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context
  ) {
    if weights.isEmpty { weights = [PackedMatrix(), PackedMatrix()] }
    let (matrix, H) = (recurrence.weight.value.matrix, hiddenSize)
    for (i, part) in [matrix.rows(0..<(2 * H)), matrix.rows((2 * H)..<(3 * H))].enumerated() {
      weights[i].pack(
        pass == .forward ? part.transposed : part, for: context, threads: context.threads)
    }
  }

  func stepResettingHidden(_ t: Int, _ run: inout CellRun<Element>) {
    let (H, rows, h) = (hiddenSize, run.rows(at: t), run.state.step(t))
    run.projected.addProduct(
      run.hidden(before: t..<(t + 1), size: H), run.weights[0], rows: rows, columns: 0..<(2 * H))
    let gates = gateActivation(run.projected.step(t).columns(0..<(2 * H)))
    let (r, z) = (gates.columns(0..<H), gates.columns(H..<(2 * H)))
    let reset = run.masked(r * h)
    run.projected.addProduct(
      reset.matrix, run.weights[1], rows: rows, columns: (2 * H)..<(3 * H))
    let n = candidateActivation(run.projected.step(t).columns((2 * H)..<(3 * H)))
    run.saved["reset"].setStep(t, to: reset)
    run.projected.setStep(t, to: .concatenatingColumns(gates, n))
    run.state.setStep(t + 1, to: n + z * (h - n))
  }

  func stepBackwardResettingHidden(_ t: Int, _ run: inout CellRun<Element>) {
    let (H, h, dh) = (hiddenSize, run.state.step(t), run.gradient)
    let gates = run.projected.step(t)
    let (r, z) = (gates.columns(0..<H), gates.columns(H..<(2 * H)))
    let n = gates.columns((2 * H)..<(3 * H))
    let dn = candidateActivation.inputGradient(dh * (1 - z), at: n)
    let dz = gateActivation.inputGradient(dh * (h - n), at: z)
    let ds = run.masked(Tensor.product(dn.matrix, run.weights[1]))
    let dr = gateActivation.inputGradient(ds * h, at: r)
    run.gradient = dh * z + ds * r
    run.addHiddenGradient(Tensor.concatenatingColumns(dr, dz).matrix, run.weights[0])
    run.projected.setStep(t, to: .concatenatingColumns(dr, dz, dn))
  }

  mutating func accumulateResettingHidden(_ run: CellRun<Element>, threads: Int) {
    let (da, H) = (run.projected.transposed, hiddenSize)
    recurrence.weight.gradient.addProduct(
      da.rows(0..<(2 * H)), run.hidden(before: 0..<run.steps, size: H),
      rows: 0..<(2 * H), threads: threads)
    recurrence.weight.gradient.addProduct(
      da.rows((2 * H)..<(3 * H)), run.saved["reset"].matrix,
      rows: (2 * H)..<(3 * H), threads: threads)
  }
}
