// error: an if without else may leave its layers out, so they must give what they take
import Unroll

let tied = true
let model = Sequential(seed: 1) {
  if tied { Embedding(vocabularySize: 3, dimension: 2) }
  Dense(inputSize: 2, outputSize: 4)
}
