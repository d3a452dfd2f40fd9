import CUnrollKernels
import UnrollCore

// The reset gate after the recurrent product: one product for all gates, kept apart from the
// projected inputs, since r is multiplied with its part alone.
extension GRUCell {
  @specialized(where Element == Float)
  func stepResettingProduct(_ t: Int, _ rows: RunRows<Element>) {
    let H = hiddenSize
    rows.multiplyHidden(
      before: t, rows.weights[0], into: rows.saved("products")[t], width: 3 * H, adding: false)
    rows.forEachThread { rows in
      let (gates, products) = (rows.projected[t], rows.saved("products")[t])
      productBias?.value.withUnsafeBufferPointer { bias in
        guard let bias = bias.baseAddress else { return }
        if options.isStandard {
          unroll_gru_forward(
            Element.kernelType, rows.count, H, gates, products, bias, rows.state[t], H,
            rows.state[t + 1], H)
        } else {
          forwardWithOptions(
            rows.count, gates, products, bias, rows.state[t], rows.state[t + 1])
        }
      }
    }
  }

  @specialized(where Element == Float)
  func stepBackwardResettingProduct(_ t: Int, _ rows: RunRows<Element>) {
    let H = hiddenSize
    rows.forEachThread { rows in
      let (gates, products) = (rows.projected[t], rows.saved("products")[t])
      if options.isStandard {
        unroll_gru_backward(
          Element.kernelType, rows.count, H, gates, products, rows.state[t], H, rows.gradient, H)
      } else {
        backwardWithOptions(rows.count, gates, products, rows.state[t], rows.gradient)
      }
    }
    rows.multiplyIntoHiddenGradient(
      rows.saved("products")[t], width: 3 * H, rows.weights[0], adding: true)
  }

  @specialized(where Element == Float)
  mutating func accumulateResettingProduct(_ run: CellRun<Element>, threads: Int) {
    let (products, H) = (run.saved["products"], hiddenSize)
    recurrence.weight.gradient.addProduct(
      products.transposed, run.hidden(before: 0..<run.steps, size: H), threads: threads)
    productBias?.gradient.addRowSums(
      of: products.columns((2 * H)..<(3 * H)), threads: threads)
  }
}

// The step between the matrix products with other activations, row by row; what the kernels do with
// the common ones. `a` holds the projected inputs and becomes the activations r, z and n; of
// `products` the last third becomes q.
extension GRUCell {
  @specialized(where Element == Float)
  private func forwardWithOptions(
    _ rows: Int, _ a: UnsafeMutablePointer<Element>, _ products: UnsafeMutablePointer<Element>,
    _ bias: UnsafePointer<Element>, _ before: UnsafePointer<Element>,
    _ after: UnsafeMutablePointer<Element>
  ) {
    let (H, gate, candidate) = (hiddenSize, gateActivation, candidateActivation)
    for row in 0..<rows {
      let (r, p) = (a + row * 3 * H, products + row * 3 * H)
      let (z, n, q) = (r + H, r + 2 * H, p + 2 * H)
      let (before, after) = (before + row * H, after + row * H)
      for j in 0..<(2 * H) { r[j] += p[j] }
      gate.apply(2 * H, r)
      for j in 0..<H {
        q[j] += bias[j]
        n[j] += r[j] * q[j]
      }
      candidate.apply(H, n)
      for j in 0..<H { after[j] = n[j] + z[j] * (before[j] - n[j]) }
    }
  }

  /// `a` and `products` become the gradients of the projected inputs and of the recurrent product,
  /// `dh` that of the state before, without what goes through the product.
  @specialized(where Element == Float)
  private func backwardWithOptions(
    _ rows: Int, _ a: UnsafeMutablePointer<Element>, _ products: UnsafeMutablePointer<Element>,
    _ before: UnsafePointer<Element>, _ dh: UnsafeMutablePointer<Element>
  ) {
    let (H, gate, candidate) = (hiddenSize, gateActivation, candidateActivation)
    for row in 0..<rows {
      let (a, p) = (a + row * 3 * H, products + row * 3 * H)
      let (before, dh) = (before + row * H, dh + row * H)
      for j in 0..<H {
        let (r, z, n, q) = (a[j], a[H + j], a[2 * H + j], p[2 * H + j])
        let dn = dh[j] * (1 - z) * candidate.derivative(at: n)
        let dr = dn * q * gate.derivative(at: r)
        let dz = dh[j] * (before[j] - n) * gate.derivative(at: z)
        (a[j], a[H + j], a[2 * H + j]) = (dr, dz, dn)
        (p[j], p[H + j], p[2 * H + j]) = (dr, dz, dn * r)
        dh[j] *= z
      }
    }
  }
}
