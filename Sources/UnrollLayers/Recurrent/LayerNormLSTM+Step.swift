import CUnrollKernels
import UnrollCore

// One step, by the fused kernels. Unlike in an LSTM the recurrent product is kept apart from the
// projected inputs, since each is normalized by itself.
extension LayerNormLSTMCell {
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
    let (H, Z) = (hiddenSize, rows.state.width)
    rows.multiplyHidden(
      before: t, rows.weights[0], into: rows.saved("recurrent")[t], width: 4 * H, adding: false)
    rows.forEachThread { rows in
      let (before, after) = (rows.state[t], rows.state[t + 1])
      var saved = self.saved(t, rows)
      withParameters { parameters in
        unroll_layer_norm_lstm_forward(
          Element.kernelType, rows.count, H, &parameters, rows.projected[t], &saved, before + H, Z,
          after, Z, after + H, Z)
      }
    }
  }

  @specialized(where Element == Float)
  private func stepBackward(_ t: Int, _ rows: RunRows<Element>) {
    let (H, Z) = (hiddenSize, rows.state.width)
    rows.forEachThread { rows in
      let gradient = rows.gradient
      var saved = self.saved(t, rows)
      withParameters { parameters in
        unroll_layer_norm_lstm_backward(
          Element.kernelType, rows.count, H, &parameters, rows.projected[t], &saved,
          rows.state[t] + H, Z, gradient, Z, gradient + H, Z, rows.saved("da")[t],
          rows.saved("dProduct")[t])
      }
    }
    rows.multiplyIntoHiddenGradient(
      rows.saved("dProduct")[t], width: 4 * H, rows.weights[0], adding: false)
  }

  /// What step `t` of some rows keeps.
  @specialized(where Element == Float)
  private func saved(_ t: Int, _ rows: RunRows<Element>) -> unroll_layer_norm_lstm_saved {
    unroll_layer_norm_lstm_saved(
      input: rows.saved("input")[t], recurrent: rows.saved("recurrent")[t],
      cell: rows.saved("cell")[t], tanh_out: rows.saved("activatedCell")[t],
      deviations: rows.saved("deviations")[t])
  }

  /// Calls `body` with the scales and biases.
  @specialized(where Element == Float)
  private func withParameters(_ body: (inout unroll_layer_norm_lstm) -> Void) {
    inputScale.value.withUnsafeBufferPointer { inputScale in
      recurrentScale.value.withUnsafeBufferPointer { recurrentScale in
        bias.value.withUnsafeBufferPointer { bias in
          cellScale.value.withUnsafeBufferPointer { cellScale in
            cellBias.value.withUnsafeBufferPointer { cellBias in
              var parameters = unroll_layer_norm_lstm(
                input_scale: inputScale.baseAddress, recurrent_scale: recurrentScale.baseAddress,
                bias: bias.baseAddress, cell_scale: cellScale.baseAddress,
                cell_bias: cellBias.baseAddress, epsilon: 1e-5)
              body(&parameters)
            }
          }
        }
      }
    }
  }
}
