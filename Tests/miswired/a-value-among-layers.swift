// error: in a stack are layers, no values
import Unroll

let model = Sequential(seed: 1) {
  3
  LSTM(inputSize: 2, hiddenSize: 4)
}
