// error: a stack needs at least one layer
import Unroll

let model = Sequential<Tokens, Tensor<Double>, Double>(seed: 1) {
}
