/// What an ``LSTMCell`` may have beside, or in place of, the parts of the common one.
///
/// ```
/// LSTM(inputSize: 64, hiddenSize: 512, options: LSTMOptions(projectionSize: 128))
/// LSTM(inputSize: 3, hiddenSize: 9, options: LSTMOptions(peepholes: .diagonal))
/// ```
public struct LSTMOptions: Codable, Sendable, Equatable {
  /// Whether the gates see the cell.
  public enum Peepholes: String, Codable, Sendable {
    case none
    /// Each unit's gates see its own cell: `p_i c_{t-1}`, `p_f c_{t-1}` and `p_o c_t` are added to
    /// their pre-activations (Gers and Schmidhuber 2000).
    case diagonal
  }

  /// How the forget gate is made.
  public enum ForgetGate: String, Codable, Sendable {
    /// It has weights of its own.
    case independent
    /// `f = 1 - i`: what is written takes the place of what is forgotten (Greff et al. 2017).
    case coupled
  }

  /// What is kept within `-limit...limit`. Nothing goes back through a number that was clipped.
  public enum Clipping: Codable, Sendable, Equatable {
    case none
    /// The cell, `c_t` (Sak et al. 2014).
    case cell(limit: Double)
    /// The input of every activation, that of the cell's included, as ONNX has it; the cell that is
    /// carried on is not clipped.
    case activationInputs(limit: Double)

    var limit: Double? {
      switch self {
      case .none: nil
      case .cell(let limit), .activationInputs(let limit): limit
      }
    }
  }

  /// The activation of the input, forget and output gates.
  public var gate: ActivationFunction
  /// The activation of the candidate, g.
  public var candidate: ActivationFunction
  /// The activation of the cell on its way out.
  public var output: ActivationFunction
  public var peepholes: Peepholes
  public var forgetGate: ForgetGate
  public var clipping: Clipping
  /// P: the output is `W_hr (o * tanh(c_t))`, of this size (Sak et al. 2014); `nil` for none.
  public var projectionSize: Int?

  public init(
    gate: ActivationFunction = .sigmoid, candidate: ActivationFunction = .tanh,
    output: ActivationFunction = .tanh, peepholes: Peepholes = .none,
    forgetGate: ForgetGate = .independent, clipping: Clipping = .none, projectionSize: Int? = nil
  ) {
    self.gate = gate
    self.candidate = candidate
    self.output = output
    self.peepholes = peepholes
    self.forgetGate = forgetGate
    self.clipping = clipping
    self.projectionSize = projectionSize
  }

  /// The blocks of weights: i, f, g, o; or i, g, o where the forget gate has none.
  var blocks: Int { forgetGate == .independent ? 4 : 3 }

  /// Whether the step is the one that the fused kernels compute.
  var isStandard: Bool {
    var standard = LSTMOptions()
    standard.projectionSize = projectionSize
    return self == standard
  }

  /// What is wrong with the options, if anything.
  var problem: String? {
    if let problem = clipping.limit.flatMap(problem(ofClip:)) { return problem }
    if let problem = [gate, candidate, output].compactMap(\.problem).first { return problem }
    if let projectionSize, projectionSize < 1 { return "projectionSize \(projectionSize)" }
    return nil
  }
}
