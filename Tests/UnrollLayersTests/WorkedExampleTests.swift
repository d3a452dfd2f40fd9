import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// The LSTM of `Samples/Gates`, which is traced by hand.
@Suite("The worked example")
struct WorkedExampleTests {
  private let x = Tensor<Double>(
    shape: [9, 1, 4],
    scalars: [
      1, 0, 0, 1, 3, 1, 0, 1, 2, 0, 0, 1, 4, 1, 0, 1, 2, 0, 0, 1, 1, 0, 1, 1, 3, -1, 0, 1, 6, 1, 0,
      1, 1, 0, 1, 1,
    ])

  private func cell(_ rows: [Double], _ options: LSTMOptions = LSTMOptions()) -> LSTMCell<Double> {
    var cell = LSTMCell<Double>(inputSize: 4, hiddenSize: 1, options: options)
    cell.visitParameters { name, parameter in
      parameter.value = Tensor(shape: parameter.shape)
      if name == "weight_ih" { parameter.value = Tensor(shape: [4, 4], scalars: rows) }
    }
    return cell
  }

  private func memory(_ cell: LSTMCell<Double>) -> (before: [Double], outputs: [Double]) {
    var state = cell.makeState(batch: 1)
    var (before, outputs) = ([Double](), [Double]())
    for t in 0..<9 {
      before.append(state[0, 1])
      state = cell.step(x.step(t), from: state).state
      outputs.append(state[0, 0])
    }
    #expect(Recurrent(cell)(x).scalars == outputs)
    return (before, outputs)
  }

  @Test("with gates that are open or shut")
  func hardStep() {
    let options = LSTMOptions(gate: .hardStep, candidate: .identity, output: .identity)
    let (before, outputs) = memory(
      cell([0, 100, 0, -10, 0, 100, 0, 10, 1, 0, 0, 0, 0, 0, 100, -10], options))
    #expect(before == [0, 0, 3, 3, 7, 7, 7, 0, 6])
    #expect(outputs == [0, 0, 0, 0, 0, 7, 0, 0, 6])
  }

  @Test("with sigmoid and tanh, as PyTorch has it")
  func sigmoid() {
    let (_, outputs) = memory(cell([0, 100, 0, 10, 0, 100, 0, -10, 1, 0, 0, 0, 0, 0, 100, -10]))
    let expected = [
      2.9145e-05, 4.2770e-05, 3.3871e-05, 4.3643e-05, 3.3871e-05, 0.64202, 0.0, 3.4575e-05, 0.64202,
    ]
    for (y, e) in zip(outputs, expected) { #expect(abs(y - e) <= 2e-5 * e + 1e-40) }
  }
}
