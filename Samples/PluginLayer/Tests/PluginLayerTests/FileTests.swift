import Foundation
import PluginLayer
import Testing
import Unroll
import UnrollModels

@Suite("A model with an outside layer and cell")
struct FileTests {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("plugin-\(UUID().uuidString).safetensors").path

  /// A model that was trained on a text until it knew it.
  private func trained() throws -> LanguageModel {
    let text = String(repeating: "the cat sat on the mat. ", count: 60)
    let vocabulary = try Vocabulary(text)
    let network = LanguageModel.Network(seed: 1) {
      Embedding(vocabularySize: vocabulary.count, dimension: 8)
      RMSNorm(8)
      Recurrent(GILRCell(inputSize: 8, hiddenSize: 24))
      Recurrent(GILRCell(inputSize: 24, hiddenSize: 24))
      DenseSoftmax(inputSize: 24, classes: vocabulary.count)
    }
    var trainer = Trainer(
      model: network,
      source: try TextStreams(try vocabulary.encode(text), batchSize: 4, chunkLength: 12),
      options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.02)))
    let first = try trainer.trainStep().loss
    try trainer.train(steps: 80)
    #expect(try trainer.trainStep().loss < first / 3)
    return LanguageModel(vocabulary: vocabulary, network: trainer.model)
  }

  @Test("is trained, saved and loaded, and gives the same")
  func trainSaveLoad() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try trained()
    try model.save(to: path)
    var registry = LayerRegistry<Float>.standard
    registry.register(RMSNorm<Float>.self)
    registry.register(GILRCell<Float>.self)
    let loaded = try LanguageModel(contentsOf: path, registry: registry)
    let input = Tokens(time: 5, batch: 1, ids: [1, 2, 3, 4, 5])
    #expect(loaded.network(input) == model.network(input))
  }

  @Test("is refused where a kind is not registered, and the error names the kind")
  func unregistered() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try trained().save(to: path)
    var registry = LayerRegistry<Float>.standard
    for kind in ["RMSNorm", "GILR"] {
      let error = #expect(throws: ModelFileError.self) {
        try LanguageModel(contentsOf: path, registry: registry)
      }
      #expect(error?.description.contains("'\(kind)'") == true)
      registry.register(RMSNorm<Float>.self)
    }
  }
}
