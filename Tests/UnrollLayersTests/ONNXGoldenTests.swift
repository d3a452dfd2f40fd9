import Testing
import TestSupport
import UnrollCore
import UnrollLayers

/// The numbers of ONNX's definitions of LSTM, GRU and RNN, which have what PyTorch has not:
/// peepholes, clipping, coupled gates, other activations, the reset gate before the product.
@Suite("ONNX's numbers")
struct ONNXGoldenTests {
  private static let cases = (try? GoldenCase.load("onnx_golden.json")) ?? []

  private func activation(_ name: String) throws -> ActivationFunction {
    switch name {
    case "Sigmoid": .sigmoid
    case "Tanh": .tanh
    case "Relu": .relu
    case "HardSigmoid": .hardSigmoid()
    case "Affine": .identity  // With its factor 1 and its offset 0.
    default: throw UnknownCase(name: name)
    }
  }

  private func options(_ golden: GoldenCase) throws -> LSTMOptions {
    let attributes = try #require(golden.attributes)
    let activations = try (attributes.activations ?? ["Sigmoid", "Tanh", "Tanh"]).map(activation)
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
      return layer(
        GRUCell<E>(
          inputSize: I, hiddenSize: H,
          resetGate: golden.attributes?.linearBeforeReset == 1 ? .afterProduct : .beforeProduct))
    case "RNN":
      let name = golden.attributes?.activations?.first ?? "Tanh"
      return layer(RNNCell<E>(inputSize: I, hiddenSize: H, activation: try activation(name)))
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
    #expect(try GoldenCase.load("onnx_golden.json").count == 18)
  }

  @Test("in double precision, to 1e-12", arguments: cases)
  func double(golden: GoldenCase) throws { try check(golden, Double.self, within: 1e-12) }

  @Test("in single precision, to 1e-5", arguments: cases)
  func float(golden: GoldenCase) throws { try check(golden, Float.self, within: 1e-5) }
}
