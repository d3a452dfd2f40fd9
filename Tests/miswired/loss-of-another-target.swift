// error: requires the types 'Tensor<Float>' and 'Tokens' be equivalent
import Unroll

func trainer(_ windows: some BatchSource<Tensor<Float>, Tensor<Float>>) {
  let model = Sequential(seed: 1) { LSTM(inputSize: 1, hiddenSize: 4) }
  _ = Trainer(
    model: model, source: windows, loss: NegativeLogLikelihood<Float>(),
    options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.1)))
}
