import UnrollCore

/// The gates of an LSTM at every step, each `[T, b, H]`.
public struct LSTMGates<Element: Scalar>: Sendable {
  /// i, f, g and o.
  public let input, forget, candidate, output: Tensor<Element>
}

extension LSTMCell {
  /// The gates of a run that has gone forward and not back.
  ///
  /// ```
  /// let y = layer.forward(x, state: &state, cache: &cache, in: Context(.training))
  /// let gates = layer.cell.gates(of: cache.runs[0])    // of all streams
  /// ```
  public func gates(of run: CellRun<Element>) -> LSTMGates<Element> {
    let H = hiddenSize
    let block = { (index: Int) in run.projected.columns((index * H)..<((index + 1) * H)) }
    return switch options.forgetGate {
    case .independent:
      LSTMGates(input: block(0), forget: block(1), candidate: block(2), output: block(3))
    case .coupled:
      LSTMGates(input: block(0), forget: 1 - block(0), candidate: block(1), output: block(2))
    }
  }
}
