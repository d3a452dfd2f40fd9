import Unroll

// What a stack may have between its layers.
enum Depth { case none, some, more }
let depth = Depth.more
let model = Sequential(seed: 1) {
  var size = 2
  let widths = [4, 5]
  Embedding(vocabularySize: 3, dimension: size)
  for width in widths {
    LSTM(inputSize: size, hiddenSize: width)
    size = width
  }
  if depth == .some { Dropout(rate: 0.1) }
  if depth == .none { print("shallow") } else { LayerNorm(inputSize: size) }
  switch depth {
  case .none: ()
  case .some, .more: Residual { Dense(inputSize: size, outputSize: size) }
  }
  DenseSoftmax(inputSize: size, classes: 3)
}
