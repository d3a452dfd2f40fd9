import CUnrollKernels
import UnrollCore

// One step, by the fused kernels where the options are the common ones, else by
// `LSTMCell.forward(_:)` and `backward(_:)`.
extension LSTMCell {
  @specialized(where Element == Float)
  public func step(_ t: Int, _ run: inout CellRun<Element>) {
    let (b, H, Z, P) = (run.rows, hiddenSize, run.state.columns, outputSize)
    recurrence.addProduct(t, &run)
    // With a projection, o * tanh(c_t) is not the output yet.
    var unprojected = Tensor<Element>(shape: outputWeight == nil ? [0] : [b, H])
    let projects = outputWeight != nil
    run.projected.withUnsafeMutableBufferPointer { a in
      run.state.withUnsafeMutableBufferPointer { state in
        run.saved["activated"].withUnsafeMutableBufferPointer { activated in
          unprojected.withUnsafeMutableBufferPointer { unprojected in
            guard let a = a.baseAddress, let state = state.baseAddress,
              let activated = activated.baseAddress
            else { return }
            let (before, after) = (state + t * b * Z, state + (t + 1) * b * Z)
            forward(
              LSTMForward(
                rows: b, hidden: H, gates: a + t * b * options.blocks * H, before: before + P,
                beforeStride: Z, h: projects ? unprojected.baseAddress ?? after : after,
                hStride: projects ? H : Z, c: after + P, cStride: Z,
                activated: activated + t * b * H))
          }
        }
      }
    }
    if projects {
      run.saved["unprojected"].setStep(t, to: unprojected)
      run.state.setProduct(
        unprojected.matrix, run.weights[1], rows: run.rows(at: t + 1), columns: 0..<P)
    }
    if peepholes != nil {
      run.saved["cell"].setStep(
        t, to: run.state.step(t + 1).columns(P..<(P + H)))
    }
  }

  @specialized(where Element == Float)
  public func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (b, H, Z, P) = (run.rows, hiddenSize, run.state.columns, outputSize)
    var unprojected = Tensor<Element>(shape: [0])
    let projects = outputWeight != nil
    if projects {
      let outputGradient = run.gradient.columns(0..<P)
      run.saved["outputGradient"].setStep(t, to: outputGradient)
      unprojected = .product(outputGradient.matrix, run.weights[1])
    }
    run.projected.withUnsafeMutableBufferPointer { a in
      run.gradient.withUnsafeMutableBufferPointer { d in
        run.state.withUnsafeBufferPointer { state in
          run.saved["activated"].withUnsafeBufferPointer { activated in
            unprojected.withUnsafeBufferPointer { unprojected in
              guard let a = a.baseAddress, let d = d.baseAddress, let state = state.baseAddress,
                let activated = activated.baseAddress
              else { return }
              let dh = UnsafePointer(d)
              backward(
                LSTMBackward(
                  rows: b, hidden: H, gates: a + t * b * options.blocks * H,
                  activated: activated + t * b * H, before: state + t * b * Z + P,
                  after: state + (t + 1) * b * Z + P, cellStride: Z,
                  dh: projects ? unprojected.baseAddress ?? dh : dh, dhStride: projects ? H : Z,
                  dc: d + P, dcStride: Z))
            }
          }
        }
      }
    }
    recurrence.setHiddenGradient(t, &run)
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
