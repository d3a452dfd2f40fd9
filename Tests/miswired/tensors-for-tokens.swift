// error: these layers do not take what comes here, or do not give what is wanted
import Unroll

let model = Sequential<Tokens, Tensor<Float>, Float>(seed: 1) {
  Dense(inputSize: 3, outputSize: 4)
}
