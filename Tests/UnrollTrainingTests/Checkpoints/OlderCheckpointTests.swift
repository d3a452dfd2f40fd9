import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTraining

/// Checkpoints that were written by versions before, which stay readable. They are in
/// `Fixtures/checkpoints_v1`, of runs of 12 steps, beside the models that those runs had after 14.
@Suite("Older checkpoints")
struct OlderCheckpointTests {
  typealias LabelTrainer = Trainer<
    Sequential<Tokens, Tensor<Float>, Float>, PaddedSequences<Tokens>
  >

  private static let folder = Golden.fixtures.appendingPathComponent("checkpoints_v1")

  private func file(_ name: String) throws -> ModelFile {
    try ModelFile(contentsOf: Self.folder.appendingPathComponent("\(name).safetensors").path)
  }

  /// The run that wrote the checkpoint.
  private func trainer(_ name: String) throws -> LabelTrainer {
    let random = RandomSource(seed: 8)
    let texts = (0..<20).map { i in
      (0..<(2 + random.bits(i) % 9)).map { Int32(random.child(i).bits(Int($0)) % 4) }
    }
    let model = Sequential<Tokens, Tensor<Float>, Float>(seed: 3) {
      Embedding(vocabularySize: 4, dimension: 2)
      GRU(inputSize: 2, hiddenSize: 3)
      MeanOverTime()
      DenseSoftmax(inputSize: 3, classes: 2)
    }
    let source = try PaddedSequences(
      texts, labels: texts.map { $0.contains(3) ? 1 : 0 }, batching: .similarLengths(outOf: 3),
      batchSize: 6)
    let (optimizer, schedule, clipping): (any Optimizer<Float>, Schedule, GradientClipping) =
      switch name {
      case "adam":
        (
          Adam<Float>(weightDecay: 0.1), .warmUpAndDecay(peak: 0.02, warmUp: 5, steps: 40),
          .globalNorm(2)
        )
      case "rmsprop":
        (
          RMSProp<Float>(),
          .product(
            .step(from: 0.02, factor: 0.5, every: 7), .linear(from: 1, to: 0.1, steps: 30)), .none
        )
      default:
        (
          SGD<Float>(momentum: 0.9, weightDecay: 0.1),
          .exponential(from: 0.02, factor: 0.1, over: 30), .value(0.5)
        )
      }
    var trainer = Trainer(
      model: model, source: source,
      options: TrainingOptions(optimizer: optimizer, schedule: schedule, clipping: clipping))
    trainer.options.accumulation = 2
    trainer.options.averagingDecay = name == "sgd" ? nil : 0.9
    if name == "rmsprop" {
      trainer.options.patience = 7
    } else {
      trainer.options.plateau = ReduceOnPlateau(factor: 0.5, patience: 1)
      trainer.options.groups = [
        ParameterGroup("*.bias", learningRate: 0.5), .frozen("*weight_hh"),
        ParameterGroup("3.*", weightDecay: 0.25),
      ]
    }
    return trainer
  }

  @Test(
    "A run goes on from one, to the weights that it had", arguments: ["adam", "rmsprop", "sgd"])
  func goesOn(name: String) throws {
    var trainer = try trainer(name)
    let validation = trainer.source
    try trainer.resume(from: try file(name), registry: .standard)
    #expect(trainer.step == 12)
    try trainer.train(untilStep: 14, validation: validation, validationInterval: 5)
    let expected = try file("\(name)-14").model(LabelTrainer.Model.self, registry: .standard)
    for (now, then) in zip(trainer.model.parameters, expected.parameters) {
      // Instruction sets round differently.
      #expect(difference(now.value, then.value) < 1e-5, "\(now.name)")
    }

    let folder = try TemporaryFolder()
    try trainer.writeCheckpoint(to: folder.file("c"))
    let written = try ModelFile(contentsOf: folder.file("c"))
    #expect(written.file.metadata[LabelTrainer.checkpointKey]?.contains("\"version\":2") == true)
    var again = try self.trainer(name)
    try again.resume(from: written, registry: .standard)
    #expect(again.step == 14)
  }

  private static let changes: [(String, @Sendable (inout LabelTrainer) -> Void)] = [
    ("the schedule", { $0.options.schedule = .constant(1) }),
    ("the clipping", { $0.options.clipping = .globalNorm(3) }),
    ("the groups", { $0.options.groups[2].weightDecay = 0.5 }),
    ("the groups", { $0.options.groups = [] }),
    ("the optimizer's beta1", { $0.options.optimizer = Adam<Float>(beta1: 0.8, weightDecay: 0.1) }),
    ("the optimizer", { $0.options.optimizer = SGD<Float>() }),
    ("the plateau", { $0.options.plateau = nil }),
    ("the accumulation", { $0.options.accumulation = 3 }),
  ]

  @Test("What a run is told otherwise is still refused, and named", arguments: 0..<8)
  func refused(index: Int) throws {
    let (name, change) = Self.changes[index]
    var trainer = try trainer("adam")
    change(&trainer)
    let error = #expect(throws: CheckpointError.self) {
      try trainer.resume(from: try file("adam"), registry: .standard)
    }
    #expect(error?.reason.hasPrefix("is of a run where \(name) was") == true)
    #expect(trainer.step == 0)
  }

  @Test("The texts of settings are those that are in files")
  func texts() throws {
    let expected = [
      "adam": """
      [linear from 0.004 to 0.02 over 4] for 5, then [cosine from 0.02 to 0.0 over 35]
      """,
      "rmsprop": "[0.02 times 0.5 every 7] times [linear from 1.0 to 0.1 over 30]",
      "sgd": "exponential from 0.02 times 0.1 over 30",
    ]
    for (name, schedule) in expected {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      let settings = try JSONDecoder().decode(
        [String: String].self, from: encoder.encode(TrainingSettings(of: try trainer(name))))
      #expect(settings["schedule"] == schedule)
      guard name == "adam" else { continue }
      #expect(
        settings.filter { $0.key != "schedule" } == [
          "accumulation": "2", "averagingDecay": "0.9", "clipping": "norm of 2.0",
          "groups": "*.bias at 0.5; *weight_hh at 1.0, frozen; 3.* at 1.0, weight decay 0.25",
          "optimizer": "Adam", "optimizer's beta1": "0.9", "optimizer's beta2": "0.999",
          "optimizer's epsilon": "1e-08", "optimizer's weightDecay": "0.1", "patience": "none",
          "plateau": "0.5 after 1", "seed": "1",
        ])
    }
  }
}
