// error: both branches must take and give the same
import Unroll

let pooled = true
let model = Sequential(seed: 1) {
  Embedding(vocabularySize: 3, dimension: 2)
  if pooled { LastStep() } else { Embedding(vocabularySize: 3, dimension: 2) }
}
