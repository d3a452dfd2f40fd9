import Foundation
import PluginLayer
import Unroll
import UnrollModels

do {
  let path = CommandLine.arguments.dropFirst().first ?? "../CharLM/Data/tales.txt"
  let text = try TextFile.read(path)
  let (vocabulary, heldOut) = (try Vocabulary(text), text.count / 20)
  let ids = try vocabulary.encode(String(text.dropLast(heldOut)))
  let network = LanguageModel.Network(seed: 1) {
    Embedding(vocabularySize: vocabulary.count, dimension: 96)
    for _ in 0..<3 {
      Residual {
        RMSNorm(96)
        Recurrent(GILRCell(inputSize: 96, hiddenSize: 96))
      }
    }
    RMSNorm(96)
    DenseSoftmax(inputSize: 96, classes: vocabulary.count)
  }
  var trainer = Trainer(
    model: network, source: try TextStreams(ids, batchSize: 32, chunkLength: 40),
    options: TrainingOptions(
      optimizer: Adam(), schedule: .warmUpAndDecay(peak: 0.02, warmUp: 40, steps: 400)))
  for step in 1...400 {
    let loss = try trainer.trainStep().loss
    if step % 50 == 0 { print(String(format: "step %d/400  loss %.3f", step, loss)) }
  }
  let trained = LanguageModel(vocabulary: vocabulary, network: trainer.model)
  try trained.save(to: "plugin.safetensors")

  var registry = LayerRegistry<Float>.standard
  registry.register(RMSNorm<Float>.self)
  registry.register(GILRCell<Float>.self)
  let model = try LanguageModel(contentsOf: "plugin.safetensors", registry: registry)
  print(try model.generate(sampling: Sampling(temperature: 0.7)).prefix(200).joined())
  let nats = try model.evaluate(String(text.suffix(heldOut))).nats
  print(String(format: "wrote plugin.safetensors: %.3f nats per held-out character", nats))
} catch {
  FileHandle.standardError.write(Data("plugin-model: \(error)\n".utf8))
  exit(1)
}
