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

  @specialized(where Element == Float)
  func stepResettingHidden(_ t: Int, _ rows: RunRows<Element>) {
    let H = hiddenSize
    let (gate, candidate) = (gateActivation, candidateActivation)
    rows.multiplyHidden(
      before: t, rows.weights[0], into: rows.projected[t], width: 3 * H, adding: true)
    rows.forEachThread { rows in
      let (a, h, reset) = (rows.projected[t], rows.state[t], rows.saved("reset")[t])
      for i in 0..<rows.count {
        let (r, h, reset) = (a + i * 3 * H, h + i * H, reset + i * H)
        gate.apply(2 * H, r)
        for j in 0..<H { reset[j] = r[j] * h[j] }
      }
      rows.mask(reset, size: H)
    }
    rows.multiply(
      rows.saved("reset")[t], width: H, rows.weights[1], into: rows.projected[t] + 2 * H,
      width: 3 * H, adding: true)
    rows.forEachThread { rows in
      let (a, before, after) = (rows.projected[t], rows.state[t], rows.state[t + 1])
      for i in 0..<rows.count {
        let (z, h, next) = (a + i * 3 * H + H, before + i * H, after + i * H)
        let n = z + H
        candidate.apply(H, n)
        for j in 0..<H { next[j] = n[j] + z[j] * (h[j] - n[j]) }
      }
    }
  }

  @specialized(where Element == Float)
  func stepBackwardResettingHidden(_ t: Int, _ rows: RunRows<Element>) {
    let H = hiddenSize
    let (gate, candidate) = (gateActivation, candidateActivation)
    // dz and dn in the places of z and n, and of dh what goes past the candidate.
    rows.forEachThread { rows in
      let (a, before, gradient) = (rows.projected[t], rows.state[t], rows.gradient)
      withUnsafeTemporaryAllocation(of: Element.self, capacity: 2 * H) { row in
        guard let dz = row.baseAddress else { return }
        let dn = dz + H
        for i in 0..<rows.count {
          let (z, h, dh) = (a + i * 3 * H + H, before + i * H, gradient + i * H)
          let n = z + H
          for j in 0..<H {
            dz[j] = dh[j] * (h[j] - n[j])
            dn[j] = dh[j] * (1 - z[j])
            dh[j] *= z[j]
          }
          gate.multiplyDerivative(H, z, dz)
          candidate.multiplyDerivative(H, n, dn)
          z.update(from: dz, count: 2 * H)
        }
      }
    }
    // ds, of s = r * h_{t-1}; and dr in the place of r.
    var through = Tensor<Element>(uninitialized: [rows.count, H]) { _ in }
    let ds = through.mutableAddress
    rows.multiply(
      rows.projected[t] + 2 * H, width: 3 * H, rows.weights[1], into: ds, width: H)
    rows.mask(ds, size: H)
    let (a, before, gradient) = (rows.projected[t], rows.state[t], rows.gradient)
    for i in 0..<rows.count {
      let (r, h) = (a + i * 3 * H, before + i * H)
      let (ds, dh) = (ds + i * H, gradient + i * H)
      for j in 0..<H {
        dh[j] += ds[j] * r[j]
        ds[j] *= h[j]
      }
      gate.multiplyDerivative(H, r, ds)
      r.update(from: ds, count: H)
    }
    withExtendedLifetime(through) {}
    rows.multiplyIntoHiddenGradient(
      rows.projected[t], width: 3 * H, rows.weights[0], adding: true)
  }

  @specialized(where Element == Float)
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
