// error: a stack needs at least one layer
import Unroll

let model = Sequential(seed: 1) {
  Dense(inputSize: 2, outputSize: 4)
  Residual {}
}
