import Foundation
import Unroll

do {
  let text = try TextFile.read("Samples/CharLM/Data/tales.txt")
  let data = try TextSplit.end.split(
    text, into: .characters, fraction: 0.05, batchSize: 32, chunkLength: 40)

  let model = Sequential(seed: 1) {
    Embedding(vocabularySize: data.vocabulary.count, dimension: 32)
    for layer in 0..<2 { LSTM(inputSize: layer == 0 ? 32 : 96, hiddenSize: 96) }
    Dropout(rate: 0.1)
    DenseSoftmax(inputSize: 96, classes: data.vocabulary.count)
  }

  var trainer = Trainer(
    model: model, source: data.training,
    options: TrainingOptions(
      optimizer: Adam(), schedule: .warmUpAndDecay(peak: 0.01, warmUp: 50, steps: 600)))
  try trainer.train(steps: 600, observers: [ProgressLine(unit: "characters")])

  if let validation = data.validation {
    let loss = try trainer.validate(validation).mean
    print("\(model.parameterCount) parameters, validation loss \(loss) nats per character")
  }
} catch {
  FileHandle.standardError.write(Data("compose: \(error)\n".utf8))
  exit(1)
}
