import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers

/// The numbers of ONNX's definitions of LSTM, GRU and RNN, which have what PyTorch has not:
/// peepholes, clipping, coupled gates, other activations, the reset gate before the product.
@Suite("ONNX's numbers")
struct ONNXGoldenTests {
  private static let cases = (try? GoldenCase.load("onnx_golden.json")) ?? []

  /// The activations of an operator, which take their parameters one after another.
  private func activations(
    _ golden: GoldenCase, else usual: [String]
  ) throws -> [ActivationFunction] {
    let attributes = golden.attributes
    var alphas = (attributes?.alphas ?? []).makeIterator()
    var betas = (attributes?.betas ?? []).makeIterator()
    return try (attributes?.activations ?? usual).map { name in
      switch name {
      case "Sigmoid": .sigmoid
      case "Tanh": .tanh
      case "Relu": .relu
      case "Softsign": .softsign
      case "Softplus": .softplus
      case "HardSigmoid": .hardSigmoid(slope: alphas.next() ?? 0.2, offset: betas.next() ?? 0.5)
      case "Affine": .affine(slope: alphas.next() ?? 1, offset: betas.next() ?? 0)
      case "LeakyRelu": .leakyReLU(slope: alphas.next() ?? 0.01)
      case "ThresholdedRelu": .thresholdedReLU(threshold: alphas.next() ?? 1)
      case "Elu": .elu(scale: alphas.next() ?? 1)
      case "ScaledTanh":
        .scaledTanh(scale: alphas.next() ?? .nan, slope: betas.next() ?? .nan)
      default: throw UnknownCase(name: name)
      }
    }
  }

  private func options(_ golden: GoldenCase) throws -> LSTMOptions {
    let attributes = try #require(golden.attributes)
    let activations = try activations(golden, else: ["Sigmoid", "Tanh", "Tanh"])
    return LSTMOptions(
      gate: activations[0], candidate: activations[1], output: activations[2],
      peepholes: golden.tensors["peepholes"] == nil ? .none : .diagonal,
      forgetGate: attributes.inputForget == 1 ? .coupled : .independent,
      clipping: attributes.clip.map { .activationInputs(limit: $0) } ?? .none)
  }

  private func model<E: Scalar>(
    _ golden: GoldenCase, _: E.Type
  ) throws -> Sequential<Tensor<E>, Tensor<E>, E> {
    func layer<Cell: RecurrentCell<E>>(_ cell: Cell) -> Sequential<Tensor<E>, Tensor<E>, E> {
      Sequential {
        if golden.bidirectional {
          Bidirectional<E> { Recurrent(cell) }
        } else {
          Recurrent(cell)
        }
      }
    }
    let (I, H) = (golden.inputSize, golden.hiddenSize)
    switch golden.operator {
    case "LSTM":
      return layer(LSTMCell<E>(inputSize: I, hiddenSize: H, options: try options(golden)))
    case "GRU":
      let activations = try activations(golden, else: ["Sigmoid", "Tanh"])
      return layer(
        GRUCell<E>(
          inputSize: I, hiddenSize: H,
          resetGate: golden.attributes?.linearBeforeReset == 1 ? .afterProduct : .beforeProduct,
          options: GRUOptions(
            gate: activations[0], candidate: activations[1], clip: golden.attributes?.clip)))
    case "RNN":
      return layer(
        RNNCell<E>(
          inputSize: I, hiddenSize: H, activation: try activations(golden, else: ["Tanh"])[0],
          clip: golden.attributes?.clip))
    default: throw UnknownCase(name: golden.name)
    }
  }

  private func check<E: Scalar>(_ golden: GoldenCase, _: E.Type, within bound: Double) throws {
    let found = golden.difference(from: try model(golden, E.self)) { name in
      // '0.forward.0.weight_ih' is '0.forward.weight_ih' there, '0.weight_ih' is 'weight_ih'.
      let parts = name.split(separator: ".")
      let last = String(parts[parts.count - 1])
      return golden.bidirectional ? "0.\(parts[1]).\(last)" : last
    }
    #expect(found.count >= 7)
    for (name, difference) in found { #expect(difference < bound, "\(golden.name): \(name)") }
  }

  @Test("There are cases of every operator")
  func count() throws {
    #expect(try GoldenCase.load("onnx_golden.json").count == 37)
  }

  @Test("in double precision, to 1e-12", arguments: cases)
  func double(golden: GoldenCase) throws { try check(golden, Double.self, within: 1e-12) }

  @Test("in single precision, to 1e-5", arguments: cases)
  func float(golden: GoldenCase) throws { try check(golden, Float.self, within: 1e-5) }
}
