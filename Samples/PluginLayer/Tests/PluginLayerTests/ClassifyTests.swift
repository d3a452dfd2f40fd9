import Foundation
import PluginLayer
import Testing
import Unroll
import UnrollModels

@Suite("An outside cell that classifies")
struct ClassifyTests {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("plugin-\(UUID().uuidString).safetensors").path
  private static let gilr = NamedCell("gilr") { GILRCell(inputSize: $0, hiddenSize: $1) }

  /// Sequences whose largest number is in their first half, or in their second.
  private static func sequences(_ count: Int, seed: UInt64) -> [Tensor<Float>] {
    let random = RandomSource(seed: seed)
    return (0..<count).map { i in
      let own = random.child(i)
      let half = 4 + Int(own.bits(0) % 4)
      let peak = Int(own.bits(1) % UInt64(half)) + (i % 2 == 0 ? 0 : half)
      return Tensor(
        shape: [2 * half, 1],
        scalars: (0..<(2 * half)).map { $0 == peak ? 2 : Float(own.uniform(9 + $0)) })
    }
  }

  @Test("reads in both directions of the model, is saved and loaded, and is right")
  func classifies() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let labels = try #require(LabelTable(["early", "late"]))
    let training = Self.sequences(200, seed: 1)
    let preparation = try NumberPreparation(training, columns: ["x"])
    let network = ClassifierConfiguration(cell: Self.gilr, hidden: 16, filters: 4, dropout: 0)
      .network(for: preparation, labels: 2, seed: 1)
    var trainer = Trainer(
      model: network,
      source: try preparation.batches(
        training, labels: training.indices.map { Int32($0 % 2) }, batchSize: 16, seed: 1),
      loss: CrossEntropy(), options: TrainingOptions(schedule: .constant(0.01)))
    try trainer.train(steps: 300)
    try NumberClassifier(preparation: preparation, labels: labels, members: [trainer.model])
      .save(to: path)
    let error = #expect(throws: ModelFileError.self) { try NumberClassifier(contentsOf: path) }
    #expect(error?.description.contains("'GILR'") == true)
    var registry = LayerRegistry<Float>.standard
    Self.gilr.register(in: &registry)
    let loaded = try NumberClassifier(contentsOf: path, registry: registry)
    let others = Self.sequences(100, seed: 2)
    let right = try loaded.predictions(of: others).enumerated().count {
      $1.label == ["early", "late"][$0 % 2]
    }
    #expect(right > 90, "\(right)")
  }
}
