import CUnrollKernels
import UnrollCore

// The reset gate after the recurrent product: one product for all gates, kept apart from the
// projected inputs, since r is multiplied with its part alone.
extension GRUCell {
  func stepResettingProduct(_ t: Int, _ run: inout CellRun<Element>) {
    let (b, H) = (run.rows, hiddenSize)
    run.saved[0].setProduct(
      run.hidden(before: t..<(t + 1), size: H), run.weights[0], rows: run.rows(at: t))
    run.projected.withUnsafeMutableBufferPointer { a in
      run.saved[0].withUnsafeMutableBufferPointer { products in
        run.state.withUnsafeMutableBufferPointer { h in
          productBias?.value.withUnsafeBufferPointer { bias in
            guard let a = a.baseAddress, let products = products.baseAddress,
              let h = h.baseAddress, let bias = bias.baseAddress
            else { return }
            unroll_gru_forward(
              Element.kernelType, b, H, a + t * b * 3 * H, products + t * b * 3 * H, bias,
              h + t * b * H, H, h + (t + 1) * b * H, H)
          }
        }
      }
    }
  }

  func stepBackwardResettingProduct(_ t: Int, _ run: inout CellRun<Element>) {
    let (b, H) = (run.rows, hiddenSize)
    run.projected.withUnsafeMutableBufferPointer { a in
      run.saved[0].withUnsafeMutableBufferPointer { products in
        run.gradient.withUnsafeMutableBufferPointer { dh in
          run.state.withUnsafeBufferPointer { h in
            guard let a = a.baseAddress, let products = products.baseAddress,
              let dh = dh.baseAddress, let h = h.baseAddress
            else { return }
            unroll_gru_backward(
              Element.kernelType, b, H, a + t * b * 3 * H, products + t * b * 3 * H,
              h + t * b * H, H, dh, H)
          }
        }
      }
    }
    run.addHiddenGradient(run.saved[0].matrix.rows(run.rows(at: t)), run.weights[0])
  }

  mutating func accumulateResettingProduct(_ run: CellRun<Element>, threads: Int) {
    let (products, H) = (run.saved[0], hiddenSize)
    recurrence.weight.gradient.addProduct(
      products.transposed, run.hidden(before: 0..<run.steps, size: H), threads: threads)
    productBias?.gradient.addRowSums(
      of: products.columns((2 * H)..<(3 * H)), threads: threads)
  }
}
