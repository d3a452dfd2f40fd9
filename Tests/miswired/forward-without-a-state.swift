// error: missing arguments for parameters 'state', 'cache', 'in' in call
import Unroll

let model = Sequential(seed: 1) { LSTM(inputSize: 1, hiddenSize: 4) }
let output = model.forward(Tensor<Float>(shape: [3, 2, 1]))
