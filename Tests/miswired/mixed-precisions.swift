// error: a stack has layers of one precision; this one is of another
import Unroll

let model = Sequential(seed: 1) {
  LSTM<Double>(inputSize: 2, hiddenSize: 4)
  Dense<Float>(inputSize: 4, outputSize: 4)
}
