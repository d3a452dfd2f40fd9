// error: what layers of a list take is known at run time only; try Sequential(layers: list)
import Unroll

let list: [any Layer<Float>] = []
let model = Sequential(seed: 1) {
  list
}
