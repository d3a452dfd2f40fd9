// error: a stack has layers of one precision; this one is of another
import Unroll

let model = Sequential(seed: 1) {
  Embedding<Double>(vocabularySize: 3, dimension: 2)
  LSTM<Float>(inputSize: 2, hiddenSize: 4)
}
