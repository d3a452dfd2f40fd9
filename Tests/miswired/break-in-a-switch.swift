// error: no 'break'; write () for a case without layers
import Unroll

enum Depth { case none, some }
let depth = Depth.none
let model = Sequential(seed: 1) {
  Dense(inputSize: 2, outputSize: 4)
  switch depth {
  case .none: break
  case .some: Dense(inputSize: 4, outputSize: 4)
  }
}
