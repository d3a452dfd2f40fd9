import Unroll

/// One step of a minimal gated recurrent unit, minGRU (Feng et al. 2024, section 3.1).
///
///     a = W_ih x_t + b                                  split into a_z, a_h
///     z = sigmoid(a_z)                                  h_t = (1 - z) * h_{t-1} + z * a_h
///
///     da_z = dh_t * (a_h - h_{t-1}) * z(1-z)            da_h = dh_t * z
///     dh_{t-1} = dh_t * (1 - z)
///
/// # Shapes
/// `weight_ih [2H, I]` and `bias [2H]`, z before h; the state of a stream is `h`, `[H]`.
public struct MinGRUCell<Element: Scalar>: RecurrentCell {
  public var projection: InputProjection<Element>

  /// - Precondition: `inputSize`, I, and `hiddenSize`, H, are positive.
  public init(inputSize: Int, hiddenSize: Int) {
    Self.require(inputSize > 0 && hiddenSize > 0, "MinGRU: sizes \(inputSize), \(hiddenSize)")
    projection = InputProjection(
      inputSize: inputSize, outputSize: 2 * hiddenSize, weight: .gates(2, .glorot))
  }

  public init(from decoder: any Decoder) throws {
    projection = try decoder.container(keyedBy: CodingKeys.self)
      .decode(InputProjection<Element>.self, forKey: .projection)
    try decoder.expect(projection.outputSize % 2 == 0, "a MinGRU has 2H rows of weights")
  }

  public var outputSize: Int { projection.outputSize / 2 }

  public func step(_ t: Int, _ run: inout CellRun<Element>) {
    let (H, a, h) = (outputSize, run.projected.step(t), run.state.step(t))
    let (z, candidate) = (a.columns(0..<H).sigmoid(), a.columns(H..<(2 * H)))
    run.projected.setStep(t, to: .concatenatingColumns(z, candidate))
    run.state.setStep(t + 1, to: (1 - z) * h + z * candidate)
  }

  public func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (H, kept, h, dh) = (outputSize, run.projected.step(t), run.state.step(t), run.gradient)
    let (z, candidate) = (kept.columns(0..<H), kept.columns(H..<(2 * H)))
    let dz = dh * (candidate - h) * z * (1 - z)
    run.projected.setStep(t, to: .concatenatingColumns(dz, dh * z))
    run.gradient = dh * (1 - z)
  }
}
