// error: a loop repeats its layers, so the last of them must give what the first one takes
import Unroll

let model = Sequential(seed: 1) {
  for _ in 0..<2 { Embedding(vocabularySize: 3, dimension: 2) }
}
