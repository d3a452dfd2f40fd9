// error: a layer that takes tokens, such as Embedding, comes after one that gives a tensor
import Unroll

let model = Sequential(seed: 1) {
  Dense(inputSize: 2, outputSize: 4)
  Embedding(vocabularySize: 3, dimension: 2)
}
