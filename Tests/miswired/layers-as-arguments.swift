// error: layers go into braces, one to a line: Sequential { ... }
import Unroll

let model = Sequential(
  Embedding(vocabularySize: 3, dimension: 2), LSTM(inputSize: 2, hiddenSize: 3))
