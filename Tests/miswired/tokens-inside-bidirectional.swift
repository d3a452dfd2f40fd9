// error: these layers do not take what comes here, or do not give what is wanted
import Unroll

let model = Sequential(seed: 1) {
  Bidirectional { Embedding(vocabularySize: 3, dimension: 2) }
}
