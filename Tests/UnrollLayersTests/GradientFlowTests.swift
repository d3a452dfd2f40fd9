import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers

@Suite("Gradient flow")
struct GradientFlowTests {
  /// The gradient with respect to the state at step 20 of a loss 100 steps later, as a multiple of
  /// that of a loss at the same step, for each part of the state of a fresh network.
  private func ratios<Cell: RecurrentCell<Double>>(_ cell: Cell) -> [Double] {
    let random = RandomSource(seed: 8)
    let x = Tensor(
      shape: [121, 8, 32], scalars: (0..<(121 * 8 * 32)).map { random.normal($0) })
    let model = Sequential(seed: 1) { Recurrent(cell) }
    let late = GradientFlow(of: model, x).curves
    let soon = GradientFlow(of: model, x.steps(0..<21)).curves
    return zip(late, soon).map { $0.values[100] / $1.values[0] }
  }

  @Test("Over 100 steps: lost in a tanh RNN, faint in an LSTM, kept by a high forget bias")
  func order() {
    let rnn = ratios(RNNCell<Double>(inputSize: 32, hiddenSize: 64))
    let lstm = ratios(LSTMCell<Double>(inputSize: 32, hiddenSize: 64))
    let open = ratios(LSTMCell<Double>(inputSize: 32, hiddenSize: 64, forgetBias: 5))
    #expect(rnn.count == 1 && lstm.count == 2 && open.count == 2)
    #expect(rnn.allSatisfy { (1e-19...1e-16).contains($0) }, "\(rnn)")
    #expect(lstm.allSatisfy { (1e-9...1e-6).contains($0) }, "\(lstm)")
    #expect(open.allSatisfy { (0.1...10).contains($0) }, "\(open)")
  }

  @Test("Norms are those of the gradients that one backward over the whole sequence gives")
  func norms() {
    let model = Sequential<Tokens, Tensor<Double>, Double>(seed: 3) {
      Embedding<Double>(vocabularySize: 5, dimension: 4)
      LSTM<Double>(inputSize: 4, hiddenSize: 3)
      GRU<Double>(inputSize: 3, hiddenSize: 6)
      DenseSoftmax<Double>(inputSize: 6, classes: 5)
    }
    let tokens = Tokens(time: 4, batch: 2, ids: [0, 3, 1, 4, 2, 2, 4, 0])
    let flow = GradientFlow(of: model, tokens, target: [1, 2])
    #expect(flow.curves.map(\.name) == ["1.h", "1.c", "2.h"])

    var copy = model
    var (state, cache) = (model.makeState(batch: 2), model.makeCache())
    let y = copy.forward(tokens, state: &state, cache: &cache, in: Context())
    var gradient = Tensor<Double>(shape: y.shape)
    gradient[3, 0, 1] = -1
    gradient[3, 1, 2] = -1
    state = model.zeros(like: state)
    _ = copy.backward(gradient, state: &state, cache: &cache, in: Context())
    for (part, curve) in zip(model.tensors(of: state), flow.curves) {
      #expect(curve.values.count == 4 && curve.ratios[0] == 1)
      #expect(abs(part.value.sumOfSquares().squareRoot() - curve.values[3]) < 1e-14)
    }
  }

  @Test("A cell that only keeps hands back the product of its forget gates")
  func forgetGates() throws {
    var cell = LSTMCell<Double>(inputSize: 1, hiddenSize: 1, forgetBias: 0)
    // The output gate is shut but for the last step, so that nothing comes back but through the cell.
    let rows: [Double] = [0, 0.7, 0, 100]
    cell.visitParameters { name, parameter in
      parameter.value = Tensor(shape: parameter.shape)
      if name == "weight_ih" { parameter.value = Tensor(shape: [4, 1], scalars: rows) }
      if name == "bias" { parameter.value = Tensor(shape: [4], scalars: [-50, 0.2, 0, -50]) }
    }
    let inputs = [0.1, -0.4, 0.3, 0.2, 1]
    let model = Sequential<Tensor<Double>, Tensor<Double>, Double>(seed: nil) { Recurrent(cell) }
    let flow = GradientFlow(of: model, Tensor(shape: [5, 1, 1], scalars: inputs))
    let gates = inputs.map { 1 / (1 + exp(-(0.7 * $0 + 0.2))) }
    let memory = try #require(flow.curves.first { $0.name == "0.c" })
    var product = 1.0
    for d in 0..<5 {
      #expect(abs(flow.forgetProducts[0].values[d] - product) < 1e-15)
      #expect(abs(memory.ratios[d] - product) < 1e-12)
      product *= gates[max(0, 3 - d)]
    }
  }
}
