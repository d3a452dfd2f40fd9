import Foundation
import Testing
import TestSupport
import UnrollCore
import UnrollData
import UnrollLayers
@testable import UnrollTraining

@Suite("Checkpoints")
struct CheckpointTests {
  typealias Model = Sequential<Tokens, Tensor<Float>, Float>
  typealias TextTrainer = Trainer<TextStreams, Tensor<Float>, Float>

  private static let text = String(
    repeating: "to be or not to be, that is the question. ", count: 60)

  private func trainer(
    _ optimizer: any Optimizer<Float> = Adam<Float>(weightDecay: 0.01),
    _ schedule: Schedule = .constant(0.01), seed: UInt64 = 1, hidden: Int = 12
  ) throws -> TextTrainer {
    let vocabulary = try Vocabulary(Self.text)
    let streams = try TextStreams(
      try vocabulary.encode(Self.text), batchSize: 7, chunkLength: 11)
    let model = Model(seed: 3) {
      Embedding(vocabularySize: vocabulary.count, dimension: 5)
      LSTM(inputSize: 5, hiddenSize: hidden)
      Dropout(0.3)
      Zoneout(GRUCell(inputSize: hidden, hiddenSize: 9), hidden: 0.2)
      DenseSoftmax(inputSize: 9, classes: vocabulary.count)
    }
    var trainer = Trainer(
      model: model, source: streams, optimizer: optimizer, schedule: schedule, seed: seed)
    trainer.averagingDecay = 0.9
    trainer.plateau = ReduceOnPlateau(factor: 0.5, patience: 1)
    trainer.groups = [ParameterGroup("*.bias", learningRate: 0.5)]
    return trainer
  }

  private func folder() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("checkpoints-\(UUID().uuidString)").path
  }

  private func run(_ trainer: inout TextTrainer, to steps: Int) throws {
    var observers: [any TrainingObserver] = []
    let validation = try self.trainer().source
    try trainer.train(
      steps: steps, validation: validation, validationInterval: 5, observers: &observers)
  }

  @Test("A checkpoint is a model file too")
  func modelFile() throws {
    var trainer = try trainer()
    try run(&trainer, to: 7)
    let path = folder() + ".safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try trainer.writeCheckpoint(to: path, metadata: ["unroll.vocabulary": "x"])
    let file = try ModelFile(contentsOf: path)
    #expect(file.file.metadata["unroll.vocabulary"] == "x")
    let model = try file.model(Model.self, registry: .standard)
    #expect(model.parameters.map(\.value) == trainer.model.parameters.map(\.value))
  }

  @Test("A folder keeps the newest files, and the newest whole one is found")
  func folders() throws {
    let path = folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let checkpoints = CheckpointFolder(path, keep: 3)
    let none = try checkpoints.withNewest { _ in Issue.record("there is no file yet") }
    #expect(none.step == nil && none.refused.isEmpty)

    var trainer = try trainer()
    var observers: [any TrainingObserver] = [Checkpoints(checkpoints, every: 4)]
    try trainer.train(steps: 22, observers: &observers)
    #expect(try checkpoints.steps() == [22, 20, 16])

    let newest = checkpoints.path(ofStep: 22)
    let whole = try Data(contentsOf: URL(fileURLWithPath: newest))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: newest))
    var resumed = try self.trainer()
    let found = try checkpoints.withNewest { try resumed.resume(from: $0, registry: .standard) }
    #expect(found.step == 20 && resumed.step == 20)
    #expect(found.refused.count == 1 && "\(found.refused)".contains("step-0000000022"))

    for step in [16, 20] {
      try Data().write(to: URL(fileURLWithPath: checkpoints.path(ofStep: step)))
    }
    #expect(throws: (any Error).self) { try checkpoints.withNewest { _ in } }
  }

  @Test("A run that is not the same is refused, and the trainer stays as it was")
  func refusals() throws {
    var trainer = try trainer()
    try run(&trainer, to: 6)
    let path = folder() + ".safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try trainer.writeCheckpoint(to: path)
    let file = try ModelFile(contentsOf: path)

    func refusal(_ other: TextTrainer, _ word: String) {
      var other = other
      let before = other.model.parameters.map(\.value)
      let error = #expect(throws: CheckpointError.self) {
        try other.resume(from: file, registry: .standard)
      }
      #expect(error?.description.contains(word) == true, "\(String(describing: error))")
      #expect(other.step == 0 && other.model.parameters.map(\.value) == before)
    }
    refusal(try self.trainer(seed: 2), "seed 1")
    refusal(try self.trainer(hidden: 13), "another model")
    refusal(try self.trainer(SGD<Float>()), "Adam")
    var unaveraged = try self.trainer()
    unaveraged.averagingDecay = nil
    refusal(unaveraged, "averages")

    try ModelFile.write(trainer.model, to: path)
    var again = try self.trainer()
    let plain = try ModelFile(contentsOf: path)
    let error = #expect(throws: CheckpointError.self) {
      try again.resume(from: plain, registry: .standard)
    }
    #expect(error?.reason.contains("no checkpoint") == true)

    try ModelFile.write(
      trainer.model, metadata: [TextTrainer.checkpointKey: #"{"version":2,"soul":1}"#], to: path)
    let newer = try ModelFile(contentsOf: path)
    let version = #expect(throws: CheckpointError.self) {
      try again.resume(from: newer, registry: .standard)
    }
    #expect(version?.reason.contains("version 2") == true)
  }

  @Test("Weights that are no numbers are not written")
  func notFinite() throws {
    let path = folder() + ".safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var trainer = try trainer()
    try trainer.writeCheckpoint(to: path)
    let good = try Data(contentsOf: URL(fileURLWithPath: path))
    trainer.model.visitParameters { if $0 == "3.bias" { $1.value[4] = .infinity } }
    let error = #expect(throws: TrainingError.self) { try trainer.writeCheckpoint(to: path) }
    #expect(error?.quantity == .weights && error?.parameter == "3.bias")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == good)
  }
}
