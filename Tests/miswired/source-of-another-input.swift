// error: the source gives another input than the model takes
import Unroll

func trainer(_ windows: some BatchSource<Tensor<Float>, Tensor<Float>>) {
  let model = Sequential(seed: 1) { Embedding(vocabularySize: 3, dimension: 2) }
  _ = Trainer(
    model: model, source: windows, loss: MeanSquaredError(),
    options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.1)))
}
