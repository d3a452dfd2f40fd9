/// What a ``GRUCell`` may have in place of the parts of the common one.
///
/// ```
/// GRU(inputSize: 3, hiddenSize: 9, options: GRUOptions(gate: .hardSigmoid()))
/// GRU(inputSize: 3, hiddenSize: 9, options: GRUOptions(clip: 3))
/// ```
public struct GRUOptions: Codable, Sendable, Equatable {
  /// The activation of the reset and update gates.
  public var gate: ActivationFunction
  /// The activation of the new state, n.
  public var candidate: ActivationFunction
  /// The input of every activation is kept within `-clip...clip`, as ONNX has it, and nothing goes
  /// back through a number that was clipped; above 0 and finite, `nil` for no clipping.
  public var clip: Double?

  public init(
    gate: ActivationFunction = .sigmoid, candidate: ActivationFunction = .tanh,
    clip: Double? = nil
  ) {
    self.gate = gate
    self.candidate = candidate
    self.clip = clip
  }

  /// Whether the step is the one that the fused kernels compute.
  var isStandard: Bool { self == GRUOptions() }

  /// What is wrong with the options, if anything.
  var problem: String? {
    gate.problem ?? candidate.problem ?? clip.flatMap(problem(ofClip:))
  }
}

/// What is wrong with a limit for the inputs of activations, if anything.
func problem(ofClip limit: Double) -> String? {
  limit > 0 && limit.isFinite ? nil : "the clipping limit \(limit) is not above 0 and finite"
}
