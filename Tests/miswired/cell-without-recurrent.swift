// error: a cell is one step and no layer; run it over a sequence with Recurrent(cell)
import Unroll

let model = Sequential(seed: 1) {
  Embedding(vocabularySize: 3, dimension: 2)
  LSTMCell(inputSize: 2, hiddenSize: 4)
  Dense(inputSize: 4, outputSize: 4)
}
