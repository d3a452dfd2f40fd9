import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// Every number of the papers' equations, written step by step in PyTorch: outputs, final states, and
/// all gradients.
@Suite("Numbers of cells without a product in their recurrence")
struct LinearGoldenTests {
  private static let cases = (try? GoldenCase.load("linear_golden.json")) ?? []

  private typealias Model<E: Scalar> = Sequential<Tensor<E>, Tensor<E>, E>

  private func model<E: Scalar>(_ golden: GoldenCase, _: E.Type) throws -> Model<E> {
    let H = golden.hiddenSize
    func layers<Cell: RecurrentCell<E>>(_ cell: (_ inputSize: Int) -> Cell) -> Model<E> {
      Model<E> {
        for layer in 0..<(golden.layers ?? 1) {
          if golden.bidirectional {
            Bidirectional<E> { Recurrent(cell(golden.inputSize)) }
          } else {
            Recurrent(cell(layer == 0 ? golden.inputSize : H))
          }
        }
      }
    }
    switch golden.cell {
    case "min_gru": return layers { MinGRUCell<E>(inputSize: $0, hiddenSize: H) }
    case "min_lstm": return layers { MinLSTMCell<E>(inputSize: $0, hiddenSize: H) }
    case "qrnn1": return layers { QRNNCell<E>(inputSize: $0, hiddenSize: H, width: 1) }
    case "qrnn2": return layers { QRNNCell<E>(inputSize: $0, hiddenSize: H, width: 2) }
    case "sru": return layers { SRUCell<E>(inputSize: $0, hiddenSize: H) }
    case "sru_tanh": return layers { SRUCell<E>(inputSize: $0, hiddenSize: H, activation: .tanh) }
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
    #expect(found.count >= 6)
    for (name, difference) in found { #expect(difference < bound, "\(golden.name): \(name)") }
  }

  @Test("There are cases of every cell")
  func count() throws {
    #expect(try GoldenCase.load("linear_golden.json").count == 40)
  }

  @Test("in double precision, to 1e-12", arguments: cases)
  func double(golden: GoldenCase) throws { try check(golden, Double.self, within: 1e-12) }

  @Test("in single precision, to 1e-5", arguments: cases)
  func float(golden: GoldenCase) throws { try check(golden, Float.self, within: 1e-5) }
}
