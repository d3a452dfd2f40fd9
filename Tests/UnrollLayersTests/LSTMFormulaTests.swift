import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// The equations of long short-term memory written out number by number, for one stream.
private struct ScalarLSTM {
  let inputs: Int
  let hidden: Int
  let weightIH: [Double]
  let weightHH: [Double]
  let bias: [Double]

  func preActivation(_ gate: Int, _ k: Int, _ x: [Double], _ h: [Double]) -> Double {
    let row = gate * hidden + k
    var a = bias[row]
    for j in 0..<inputs { a += weightIH[row * inputs + j] * x[j] }
    for j in 0..<hidden { a += weightHH[row * hidden + j] * h[j] }
    return a
  }

  func sigmoid(_ a: Double) -> Double { 1 / (1 + exp(-a)) }
}

@Suite("One LSTM step, formula by formula")
struct LSTMFormulaTests {
  private let B = 2
  private let I = 4
  private let H = 5
  private var cell: LSTMCell<Double>
  private let x: Tensor<Double> = noise([2, 4], seed: 11)
  private let state: Tensor<Double> = noise([2, 10], seed: 12)
  private let gradient: Tensor<Double> = noise([2, 10], seed: 13)

  init() {
    cell = LSTMCell(inputSize: 4, hiddenSize: 5)
    cell.projection.weight.value = noise([20, 4], seed: 14)
    cell.projection.bias!.value = noise([20], seed: 15)
    cell.recurrence.weight.value = noise([20, 5], seed: 16)
  }

  @Test("h_t and c_t; da_i, da_f, da_g, da_o; dc and dh before; dx; dW_ih, dW_hh, db")
  func formulas() {
    var cell = cell
    let (after, run) = cell.step(x, from: state)
    let back = cell.stepBackward(gradient, through: run)
    let scalar = ScalarLSTM(
      inputs: I, hidden: H, weightIH: cell.projection.weight.value.scalars,
      weightHH: cell.recurrence.weight.value.scalars, bias: cell.projection.bias!.value.scalars)
    var da = Tensor<Double>(shape: [B, 4 * H])
    for b in 0..<B {
      let input = (0..<I).map { x[b, $0] }
      let h = (0..<H).map { state[b, $0] }
      for k in 0..<H {
        let a = (0..<4).map { scalar.preActivation($0, k, input, h) }
        let (i, f) = (scalar.sigmoid(a[0]), scalar.sigmoid(a[1]))
        let (g, o) = (tanh(a[2]), scalar.sigmoid(a[3]))
        let before = state[b, H + k]
        let c = f * before + i * g
        expect(after[b, H + k], c, "c_t")
        expect(after[b, k], o * tanh(c), "h_t")
        let dh = gradient[b, k]
        let dc = dh * o * (1 - tanh(c) * tanh(c)) + gradient[b, H + k]
        da[b, k] = dc * g * i * (1 - i)
        da[b, H + k] = dc * before * f * (1 - f)
        da[b, 2 * H + k] = dc * i * (1 - g * g)
        da[b, 3 * H + k] = dh * tanh(c) * o * (1 - o)
        for (gate, name) in ["da_i", "da_f", "da_g", "da_o"].enumerated() {
          expect(back.run.projected[0, b, gate * H + k], da[b, gate * H + k], name)
        }
        expect(back.state[b, H + k], dc * f, "dc_{t-1}")
      }
    }
    for b in 0..<B {
      for k in 0..<H {
        let sum = (0..<(4 * H)).reduce(0) { $0 + cell.recurrence.weight.value[$1, k] * da[b, $1] }
        expect(back.state[b, k], sum, "dh_{t-1}")
      }
      for j in 0..<I {
        let sum = (0..<(4 * H)).reduce(0) { $0 + cell.projection.weight.value[$1, j] * da[b, $1] }
        expect(back.input[b, j], sum, "dx_t")
      }
    }
    for row in 0..<(4 * H) {
      expect(
        cell.projection.bias!.gradient[row], (0..<B).reduce(0) { $0 + da[$1, row] }, "db")
      for j in 0..<I {
        let sum = (0..<B).reduce(0) { $0 + da[$1, row] * x[$1, j] }
        expect(cell.projection.weight.gradient[row, j], sum, "dW_ih")
      }
      for k in 0..<H {
        let sum = (0..<B).reduce(0) { $0 + da[$1, row] * state[$1, k] }
        expect(cell.recurrence.weight.gradient[row, k], sum, "dW_hh")
      }
    }
  }

  private func expect(_ value: Double, _ expected: Double, _ name: String) {
    #expect(abs(value - expected) < 1e-13, "\(name): \(value), expected \(expected)")
  }

  @Test("A forget gate of one and an input gate of zero keep the cell")
  func memory() {
    var cell = cell
    cell.recurrence.weight.value = Tensor(shape: [20, 5])
    cell.projection.weight.value = Tensor(shape: [20, 4])
    cell.projection.bias!.value = Tensor(
      shape: [20], scalars: [-800, 800, 0, 0].flatMap { Array(repeating: $0, count: 5) })
    let (after, _) = cell.step(x, from: state)
    #expect(after.columns(5..<10) == state.columns(5..<10))
  }

  @Test("The cell by itself, step after step, is the layer")
  func cellIsLayer() {
    let layer = Recurrent(cell)
    let input: Tensor<Double> = noise([6, 2, 4], seed: 17)
    let output = layer(input, batch: 2)
    var state = cell.makeState(batch: 2)
    for t in 0..<6 {
      state = cell.step(input.step(t), from: state).state
      #expect(output.step(t) == state.columns(0..<5))
    }
  }
}
