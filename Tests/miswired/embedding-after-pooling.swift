// error: a layer that takes tokens, such as Embedding, comes after one that gives a tensor
import Unroll

let model = Sequential(seed: 1) {
  Embedding(vocabularySize: 3, dimension: 2)
  LSTM(inputSize: 2, hiddenSize: 4)
  LSTM(inputSize: 4, hiddenSize: 4)
  LastStep()
  Embedding(vocabularySize: 3, dimension: 2)
  LSTM(inputSize: 2, hiddenSize: 4)
  Dropout(rate: 0.1)
  LSTM(inputSize: 4, hiddenSize: 4)
  LayerNorm(inputSize: 4)
  DenseSoftmax(inputSize: 4, classes: 3)
}
