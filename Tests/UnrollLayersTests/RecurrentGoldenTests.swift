import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// Every number that PyTorch gives: outputs, final states, and all gradients.
@Suite("PyTorch's numbers")
struct RecurrentGoldenTests {
  private static let cases = (try? GoldenCase.load("recurrent_golden.json")) ?? []

  private typealias Model<E: Scalar> = Sequential<Tensor<E>, Tensor<E>, E>

  private func model<E: Scalar>(_ golden: GoldenCase, _: E.Type) throws -> Model<E> {
    let H = golden.hiddenSize
    let options = LSTMOptions(projectionSize: golden.projectionSize)
    func layers<Cell: RecurrentCell<E>>(_ cell: (_ inputSize: Int) -> Cell) -> Model<E> {
      Model<E> {
        for layer in 0..<(golden.layers ?? 1) {
          if golden.bidirectional {
            Bidirectional<E> { Recurrent(cell(golden.inputSize)) }
          } else {
            Recurrent(cell(layer == 0 ? golden.inputSize : golden.projectionSize ?? H))
          }
        }
      }
    }
    switch golden.cell {
    case "rnn_tanh": return layers { RNNCell<E>(inputSize: $0, hiddenSize: H) }
    case "rnn_relu": return layers { RNNCell<E>(inputSize: $0, hiddenSize: H, activation: .relu) }
    case "gru": return layers { GRUCell<E>(inputSize: $0, hiddenSize: H) }
    case "lstm": return layers { LSTMCell<E>(inputSize: $0, hiddenSize: H, options: options) }
    default: throw UnknownCase(name: golden.name)
    }
  }

  private func check<E: Scalar>(_ golden: GoldenCase, _: E.Type, within bound: Double) throws {
    let found = golden.difference(from: try model(golden, E.self)) { name in
      // '0.forward.0.weight_ih' or '0.weight_ih' is '0.forward.weight_ih' there.
      let parts = name.split(separator: ".")
      let direction = golden.bidirectional ? parts[1] : "forward"
      return "\(parts[0]).\(direction).\(parts[parts.count - 1])"
    }
    #expect(found.count >= 7)
    for (name, difference) in found { #expect(difference < bound, "\(golden.name): \(name)") }
  }

  @Test("There are cases of every cell")
  func count() throws {
    #expect(try GoldenCase.load("recurrent_golden.json").count == 25)
  }

  @Test("in double precision, to 1e-12", arguments: cases)
  func double(golden: GoldenCase) throws { try check(golden, Double.self, within: 1e-12) }

  @Test("in single precision, to 1e-5", arguments: cases)
  func float(golden: GoldenCase) throws { try check(golden, Float.self, within: 1e-5) }
}

struct UnknownCase: Error {
  let name: String
}
