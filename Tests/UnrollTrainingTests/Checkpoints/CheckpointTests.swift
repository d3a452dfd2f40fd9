import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollText
import UnrollTraining

@Suite("Checkpoints")
struct CheckpointTests {
  typealias Model = Sequential<Tokens, Tensor<Float>, Float>
  typealias TextTrainer = Trainer<Sequential<Tokens, Tensor<Float>, Float>, TextStreams>

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
      Dropout(rate: 0.3)
      Zoneout(GRUCell(inputSize: hidden, hiddenSize: 9), hiddenRate: 0.2)
      DenseSoftmax(inputSize: 9, classes: vocabulary.count)
    }
    var trainer = Trainer(
      model: model, source: streams,
      options: TrainingOptions(optimizer: optimizer, schedule: schedule, seed: seed))
    trainer.options.averagingDecay = 0.9
    trainer.options.plateau = ReduceOnPlateau(factor: 0.5, patience: 1)
    trainer.options.groups = [ParameterGroup("*.bias", learningRate: 0.5)]
    return trainer
  }

  private func folder() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("checkpoints-\(UUID().uuidString)").path
  }

  private func run(_ trainer: inout TextTrainer, to steps: Int) throws {
    let validation = try self.trainer().source
    try trainer.train(
      untilStep: steps, validation: validation, validationInterval: 5)
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

  @Test("Any schedule and clipping can be kept")
  func longSchedule() throws {
    let folder = try TemporaryFolder()
    let long = (1...40).reduce(Schedule.constant(1)) {
      .sequence(.constant(0.1), steps: $1, then: $0)
    }
    func trainer() throws -> TextTrainer {
      var trainer = try self.trainer(SGD<Float>(), long)
      trainer.options.clipping = .globalNorm(.infinity)
      return trainer
    }
    var first = try trainer()
    try run(&first, to: 3)
    try first.writeCheckpoint(to: folder.file("c"))
    var second = try trainer()
    try second.resume(from: try ModelFile(contentsOf: folder.file("c")), registry: .standard)
    #expect(second.step == 3)
  }

  @Test("A run goes on with other settings where that is said")
  func otherSettings() throws {
    let folder = try TemporaryFolder()
    var first = try trainer()
    try run(&first, to: 7)
    try first.writeCheckpoint(to: folder.file("c"))
    let file = try ModelFile(contentsOf: folder.file("c"))
    var second = try trainer(Adam<Float>(weightDecay: 0.5), .constant(0.001), seed: 9)
    second.options.averagingDecay = nil
    second.options.plateau = nil
    second.options.groups = []
    try second.resume(from: file, registry: .standard, acceptingOtherSettings: true)
    #expect(second.step == 7 && second.learningRate == 0.001)
    try run(&second, to: 9)
    try second.writeCheckpoint(to: folder.file("c"))
    var other = try trainer(SGD<Float>())
    #expect(throws: CheckpointError.self) {
      try other.resume(from: file, registry: .standard, acceptingOtherSettings: true)
    }
  }

  @Test("A run that has ended for want of something better stays ended when it goes on")
  func patience() throws {
    let folder = try TemporaryFolder()
    var trainer = try trainer(SGD<Float>(), .constant(-0.5))
    trainer.options.patience = 2
    try run(&trainer, to: 100)
    let end = trainer.step
    #expect(end < 30 && trainer.best?.step ?? 0 < end)
    try trainer.writeCheckpoint(to: folder.file("c"))
    var again = try self.trainer(SGD<Float>(), .constant(-0.5))
    again.options.patience = 2
    try again.resume(from: try ModelFile(contentsOf: folder.file("c")), registry: .standard)
    try run(&again, to: 100)
    #expect(again.step == end)
    #expect(again.bestModel.parameters.map(\.value) == trainer.bestModel.parameters.map(\.value))
    again.options.patience = 3
    try run(&again, to: 100)
    #expect(again.step == end + 5)
  }

  @Test("A folder keeps the newest files, and the newest whole one is found")
  func folders() throws {
    let path = folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let checkpoints = CheckpointFolder(path, keep: 3)
    let none = try checkpoints.withNewest { _ in Issue.record("there is no file yet") }
    #expect(none.step == nil && none.refused.isEmpty)

    var trainer = try trainer()
    try trainer.train(untilStep: 22, observers: [Checkpoints(checkpoints, every: 4)])
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
    refusal(try self.trainer(seed: 2), "seed was 1, and now it is 2")
    refusal(try self.trainer(hidden: 13), "another model")
    refusal(try self.trainer(SGD<Float>()), "optimizer was Adam, and now it is SGD")
    refusal(try self.trainer(Adam<Float>(weightDecay: 0.02)), "weightDecay was 0.01")
    refusal(try self.trainer(Adam<Float>(beta2: 0.99, weightDecay: 0.01)), "beta2 was 0.999")
    refusal(try self.trainer(Adam<Float>(weightDecay: 0.01), .constant(0.02)), "schedule was")
    // Deeper than JSON may be.
    let long = (1...40).reduce(Schedule.constant(1)) {
      .sequence(.constant(0.1), steps: $1, then: $0)
    }
    refusal(try self.trainer(Adam<Float>(weightDecay: 0.01), long), "schedule was another")
    let changes: [(String, (inout TextTrainer) -> Void)] = [
      ("averagingDecay", { $0.options.averagingDecay = nil }),
      ("clipping", { $0.options.clipping = .none }),
      ("accumulation", { $0.options.accumulation = 2 }), ("groups", { $0.options.groups = [] }),
      ("plateau", { $0.options.plateau = nil }), ("plateau", { $0.options.plateau?.factor = 0.25 }),
      ("patience", { $0.options.patience = 4 }),
    ]
    for (word, change) in changes {
      var other = try self.trainer()
      change(&other)
      refusal(other, "\(word) was")
    }

    try ModelFile.write(trainer.model, to: path)
    var again = try self.trainer()
    let plain = try ModelFile(contentsOf: path)
    let error = #expect(throws: CheckpointError.self) {
      try again.resume(from: plain, registry: .standard)
    }
    #expect(error?.reason.contains("no checkpoint") == true)

    try ModelFile.write(
      trainer.model, metadata: [TextTrainer.checkpointKey: #"{"version":9,"soul":1}"#], to: path)
    let newer = try ModelFile(contentsOf: path)
    let version = #expect(throws: CheckpointError.self) {
      try again.resume(from: newer, registry: .standard)
    }
    #expect(version?.reason.contains("version 9") == true)
  }

  /// A change to a checkpoint, and a word of its refusal; it has a right digest.
  private static let damages: [(String, @Sendable (inout [String: Tensor<Float>]) -> Void)] = [
    ("some of the moments of '1.bias'", { $0["unroll.moment/square/1.bias"] = nil }),
    ("shape", { $0["unroll.moment/mean/1.bias"] = Tensor(shape: [47]) }),
    ("shape", { $0["unroll.average/4.weight"] = Tensor(shape: [9, 3]) }),
    (
      "moments",
      { tensors in
        for name in tensors.keys where name.hasPrefix("unroll.moment/") { tensors[name] = nil }
      }
    ),
    ("averages", { $0["unroll.average/1.bias"] = nil }),
    ("does not keep", { $0["unroll.moment/velocity/1.bias"] = Tensor(shape: [48]) }),
    ("no tensor 'unroll.best/0.weight'", { $0["unroll.best/0.weight"] = nil }),
    ("no '1.h'", { $0["unroll.state/1.h"] = nil }),
    ("1.h", { $0["unroll.state/1.h"] = Tensor(shape: [7, 11]) }),
    ("1.c", { $0["unroll.state/1.c"] = Tensor(shape: [8, 12]) }),
    ("3.h", { $0["unroll.state/3.h"] = Tensor(shape: [7, 9, 1]) }),
    ("1.weight_hh", { $0["1.weight_hh"] = nil }),
    ("2.more", { $0["2.more"] = Tensor(shape: [2]) }),
  ]

  private func expectRefusal(
    _ word: String, metadata: [String: String], _ tensors: [String: Tensor<Float>]
  ) throws {
    let folder = try TemporaryFolder()
    var writer = TensorFileWriter(metadata: metadata)
    for (name, tensor) in tensors { writer.add(name, tensor) }
    try writer.write(to: folder.file("c"))
    var other = try trainer()
    let before = other.model.parameters.map(\.value)
    var refusal: (any Error)?
    do {
      try other.resume(from: try ModelFile(contentsOf: folder.file("c")), registry: .standard)
    } catch {
      refusal = error
    }
    #expect(refusal is CheckpointError || refusal is ModelFileError, "\(word)")
    let text = refusal.map { "\($0)" } ?? ""
    #expect(text.contains(word) && !text.contains("\n"), "\(word): \(text)")
    #expect(other.step == 0 && other.model.parameters.map(\.value) == before)
    try other.train(untilStep: 2)
  }

  @Test("A checkpoint that does not hold together is refused, and the run goes on without it")
  func hostile() throws {
    let folder = try TemporaryFolder()
    var trainer = try trainer()
    try run(&trainer, to: 6)
    try trainer.writeCheckpoint(to: folder.file("c"))
    let file = try TensorFile(contentsOf: folder.file("c"))
    var tensors: [String: Tensor<Float>] = [:]
    for entry in file.entries {
      tensors[entry.name] = Tensor(
        shape: entry.shape, scalars: try file.values(of: entry.name, as: Float.self))
    }
    for (word, damage) in Self.damages {
      var changed = tensors
      damage(&changed)
      try expectRefusal(word, metadata: file.metadata, changed)
    }
    let text = try #require(file.metadata[TextTrainer.checkpointKey])
    let record = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let settings = try #require(record["settings"] as? [String: String])
    let records: [(String, [String: Any])] = [
      ("counts", ["step": -1]), ("counts", ["batches": -3]), ("counts", ["waits": -1]),
      ("counts", ["waits": 7]), ("counts", ["seconds": -1]), ("counts", ["seconds": 1e300]),
      ("counts", ["step": Int.max]), ("counts", ["batches": Int.max]),
      ("counts", ["best": ["step": 7, "loss": 1]]),
      (
        "counts",
        ["plateau": ["factor": 0.5, "patience": 1, "scale": 1, "waits": Int.max] as [String: Any]]
      ),
      (
        "counts",
        ["plateau": ["factor": 0.5, "patience": 1, "scale": 0, "waits": 0] as [String: Any]]
      ),
      (
        "counts",
        [
          "plateau": ["factor": 0.5, "patience": Int.max, "scale": 1, "waits": Int.max]
            as [String: Any]
        ]
      ),
      ("batches", ["batches": 2.5]), ("step", ["step": "many"]), ("more", ["more": 1]),
      ("place", ["position": ["epoch": 0, "batch": 1, "source": "another"]]),
      ("version 7", ["version": 7]), ("settings", ["settings": ["seed": 1]]),
      ("seed was 7", ["settings": settings.merging(["seed": "7"]) { _, new in new }]),
    ]
    for (word, change) in records {
      let changed = record.merging(change) { _, new in new }
      let json = try JSONSerialization.data(withJSONObject: changed)
      let metadata = file.metadata.merging(
        [TextTrainer.checkpointKey: String(decoding: json, as: UTF8.self)]) { _, new in new }
      try expectRefusal(word, metadata: metadata, tensors)
    }
  }

  @Test("A checkpoint whose carried attention does not hold together is refused")
  func hostileAttention() throws {
    let vocabulary = try Vocabulary(Self.text)
    let streams = try TextStreams(
      try vocabulary.encode(Self.text), batchSize: 3, chunkLength: 5)
    func trainer() -> TextTrainer {
      let model = Model(seed: 3) {
        Embedding(vocabularySize: vocabulary.count, dimension: 4)
        Residual { SelfAttention(inputSize: 4, heads: 2, window: 8) }
        DenseSoftmax(inputSize: 4, classes: vocabulary.count)
      }
      return Trainer(
        model: model, source: streams,
        options: TrainingOptions(optimizer: SGD(), schedule: .constant(0.1)))
    }
    let folder = try TemporaryFolder()
    var first = trainer()
    try first.train(steps: 2)
    try first.writeCheckpoint(to: folder.file("c"))
    let file = try TensorFile(contentsOf: folder.file("c"))
    var tensors: [String: Tensor<Float>] = [:]
    for entry in file.entries { tensors[entry.name] = try file.tensor(entry.name) }
    let prefix = "unroll.state/1.0."
    #expect(tensors[prefix + "steps"] == Tensor(shape: [3], repeating: 7))
    for (name, tensor) in [
      ("steps", Tensor<Float>(shape: [3], repeating: 8)),
      ("steps", Tensor(shape: [3], repeating: .nan)),
      ("steps", Tensor(shape: [3], repeating: -1)), ("keys", Tensor(shape: [3, 6, 4])),
      ("values", Tensor(shape: [3, 0, 4])),
    ] {
      var writer = TensorFileWriter(metadata: file.metadata)
      for (name, tensor) in tensors.merging([prefix + name: tensor], uniquingKeysWith: { $1 }) {
        writer.add(name, tensor)
      }
      try writer.write(to: folder.file("hostile"))
      var second = trainer()
      let error = #expect(throws: CheckpointError.self) {
        try second.resume(
          from: ModelFile(contentsOf: folder.file("hostile")), registry: .standard)
      }
      #expect(error?.reason.contains("the saved state has") == true)
      try second.train(steps: 1)
    }
  }

  @Test("What a checkpoint says is shown on one line that acts on no terminal")
  func printable() {
    let error = CheckpointError("a\n\u{202E}", "has '\u{1B}[31m\u{2028}\u{9B}'")
    let scalars = error.description.unicodeScalars
    #expect(scalars.allSatisfy { !$0.isUnprintable } && error.reason.contains("[31m"))
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
