import CUnrollKernels
import UnrollCore

// The reset gate after the recurrent product: one product for all gates, kept apart from the
// projected inputs, since r is multiplied with its part alone.
extension GRUCell {
  @specialized(where Element == Float)
  func stepResettingProduct(_ t: Int, _ run: inout CellRun<Element>) {
    let (b, H) = (run.rows, hiddenSize)
    run.saved["products"].setProduct(
      run.hidden(before: t..<(t + 1), size: H), run.weights[0], rows: run.rows(at: t))
    run.projected.withUnsafeMutableBufferPointer { a in
      run.saved["products"].withUnsafeMutableBufferPointer { products in
        run.state.withUnsafeMutableBufferPointer { h in
          productBias?.value.withUnsafeBufferPointer { bias in
            guard let a = a.baseAddress, let products = products.baseAddress,
              let h = h.baseAddress, let bias = bias.baseAddress
            else { return }
            let (gates, recurrent) = (a + t * b * 3 * H, products + t * b * 3 * H)
            let (before, after) = (h + t * b * H, h + (t + 1) * b * H)
            if options.isStandard {
              unroll_gru_forward(
                Element.kernelType, b, H, gates, recurrent, bias, before, H, after, H)
            } else {
              forwardWithOptions(b, gates, recurrent, bias, before, after)
            }
          }
        }
      }
    }
  }

  @specialized(where Element == Float)
  func stepBackwardResettingProduct(_ t: Int, _ run: inout CellRun<Element>) {
    let (b, H) = (run.rows, hiddenSize)
    run.projected.withUnsafeMutableBufferPointer { a in
      run.saved["products"].withUnsafeMutableBufferPointer { products in
        run.gradient.withUnsafeMutableBufferPointer { dh in
          run.state.withUnsafeBufferPointer { h in
            guard let a = a.baseAddress, let products = products.baseAddress,
              let dh = dh.baseAddress, let h = h.baseAddress
            else { return }
            let (gates, recurrent) = (a + t * b * 3 * H, products + t * b * 3 * H)
            let before = h + t * b * H
            if options.isStandard {
              unroll_gru_backward(Element.kernelType, b, H, gates, recurrent, before, H, dh, H)
            } else {
              backwardWithOptions(b, gates, recurrent, before, dh)
            }
          }
        }
      }
    }
    run.addHiddenGradient(run.saved["products"].matrix.rows(run.rows(at: t)), run.weights[0])
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
