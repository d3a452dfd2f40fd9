// An LSTM to be traced by hand. Its one memory adds x1 where x2 is 1, forgets where x2 is -1, and is
// shown where x3 is 1. The fourth input is always 1: its weights are the biases.
import Foundation
import Unroll

let inputs: [[Float]] = [
  [1, 0, 0, 1], [3, 1, 0, 1], [2, 0, 0, 1], [4, 1, 0, 1], [2, 0, 0, 1], [1, 0, 1, 1],
  [3, -1, 0, 1], [6, 1, 0, 1], [1, 0, 1, 1],
]
let x = Tensor(shape: [inputs.count, 1, 4], scalars: inputs.flatMap { $0 })

/// A cell of one unit with these rows of weights, no recurrence and no bias.
func cell(
  _ options: LSTMOptions, input: [Float], forget: [Float], candidate: [Float], output: [Float]
) -> LSTMCell<Float> {
  var cell = LSTMCell<Float>(inputSize: 4, hiddenSize: 1, forgetBias: 0, options: options)
  cell.visitParameters { name, parameter in
    parameter.value = Tensor(shape: parameter.shape)
    if name == "weight_ih" {
      parameter.value = Tensor(shape: [4, 4], scalars: input + forget + candidate + output)
    }
  }
  return cell
}

/// One row of a table: the numbers of a step, for which the memory before it is known.
func row(_ t: Int, _ gates: LSTMGates<Float>, at g: Int, before: Float, after: Float, h: Float) {
  let numbers = [
    before, gates.input[g, 0, 0], gates.forget[g, 0, 0], gates.candidate[g, 0, 0],
    gates.output[g, 0, 0], after, h,
  ]
  let x = inputs[t].prefix(3).map { String(format: "%3g", $0) }.joined()
  // Whole numbers as they are, others to five digits.
  print(x, numbers.map { String(format: $0 == $0.rounded() ? "%11g" : "%#11.5g", $0) }.joined())
}

func trace(_ title: String, _ cell: LSTMCell<Float>) {
  let header = ["memory", "i", "f", "g", "o", "memory'", "h"]
    .map { String(repeating: " ", count: 11 - $0.count) + $0 }.joined()
  print("\n\(title)\n\nOne step of the cell after another\n x1 x2 x3 \(header)")
  var state = cell.makeState(batch: 1)  // [h | c]
  var outputs: [Float] = []
  for t in inputs.indices {
    let (after, run) = cell.step(x.step(t), from: state)
    row(t, cell.gates(of: run), at: 0, before: state[0, 1], after: after[0, 1], h: after[0, 0])
    state = after
    outputs.append(after[0, 0])
  }

  print("\nThe whole sequence by the layer\n x1 x2 x3 \(header)")
  let layer = Recurrent(cell)
  var (carried, cache) = (layer.makeState(batch: 1), layer.makeCache())
  let y = layer.forward(x, state: &carried, cache: &cache, in: Context(.training))
  let run = cache.runs[0]
  for t in inputs.indices {
    row(
      t, cell.gates(of: run), at: t, before: run.state[t, 0, 1], after: run.state[t + 1, 0, 1],
      h: y[t, 0, 0])
  }
  print(y.scalars == outputs ? "\nBoth give the same." : "\nThey differ!")
}

trace(
  "Gates that are open or shut, and no squashing",
  cell(
    LSTMOptions(gate: .hardStep, candidate: .identity, output: .identity),
    input: [0, 100, 0, -10], forget: [0, 100, 0, 10], candidate: [1, 0, 0, 0],
    output: [0, 0, 100, -10]))

// The rows in the order in which they are often written down, read as i, f, g, o: as PyTorch reads
// them too.
trace(
  "Sigmoid and tanh, the input and forget gates exchanged",
  cell(
    LSTMOptions(), input: [0, 100, 0, 10], forget: [0, 100, 0, -10], candidate: [1, 0, 0, 0],
    output: [0, 0, 100, -10]))
