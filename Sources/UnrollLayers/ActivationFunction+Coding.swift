// A function is coded by its name and its parameters, `{"hardSigmoid":{"slope":0.2}}`. The offset of a
// hard sigmoid is said where it is not 1/2 only: so what had no other has the form that it had.
extension ActivationFunction: Codable {
  private enum Name: String, CodingKey {
    case sigmoid, hardSigmoid, hardStep, tanh, scaledTanh, relu, leakyReLU, thresholdedReLU, elu
    case softsign, softplus, identity, affine
  }

  private enum Parameter: String, CodingKey {
    case slope, offset, threshold, scale
  }

  private var form: (name: Name, parameters: KeyValuePairs<Parameter, Double>) {
    switch self {
    case .sigmoid: (.sigmoid, [:])
    case .hardSigmoid(let slope, offset: 0.5): (.hardSigmoid, [.slope: slope])
    case .hardSigmoid(let slope, let offset): (.hardSigmoid, [.slope: slope, .offset: offset])
    case .hardStep: (.hardStep, [:])
    case .tanh: (.tanh, [:])
    case .scaledTanh(let scale, let slope): (.scaledTanh, [.scale: scale, .slope: slope])
    case .relu: (.relu, [:])
    case .leakyReLU(let slope): (.leakyReLU, [.slope: slope])
    case .thresholdedReLU(let threshold): (.thresholdedReLU, [.threshold: threshold])
    case .elu(let scale): (.elu, [.scale: scale])
    case .softsign: (.softsign, [:])
    case .softplus: (.softplus, [:])
    case .identity: (.identity, [:])
    case .affine(let slope, let offset): (.affine, [.slope: slope, .offset: offset])
    }
  }

  public func encode(to encoder: any Encoder) throws {
    let form = form
    var container = encoder.container(keyedBy: Name.self)
    var parameters = container.nestedContainer(keyedBy: Parameter.self, forKey: form.name)
    for (parameter, value) in form.parameters { try parameters.encode(value, forKey: parameter) }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    guard container.allKeys.count == 1, let name = container.allKeys.first else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath, debugDescription: "no activation has this name"))
    }
    let parameters = try container.nestedContainer(keyedBy: Parameter.self, forKey: name)
    func number(_ parameter: Parameter) throws -> Double {
      try parameters.decode(Double.self, forKey: parameter)
    }
    self =
      switch name {
      case .sigmoid: .sigmoid
      case .hardSigmoid:
        .hardSigmoid(
          slope: try number(.slope),
          offset: try parameters.decodeIfPresent(Double.self, forKey: .offset) ?? 0.5)
      case .hardStep: .hardStep
      case .tanh: .tanh
      case .scaledTanh: .scaledTanh(scale: try number(.scale), slope: try number(.slope))
      case .relu: .relu
      case .leakyReLU: .leakyReLU(slope: try number(.slope))
      case .thresholdedReLU: .thresholdedReLU(threshold: try number(.threshold))
      case .elu: .elu(scale: try number(.scale))
      case .softsign: .softsign
      case .softplus: .softplus
      case .identity: .identity
      case .affine: .affine(slope: try number(.slope), offset: try number(.offset))
      }
  }
}
