import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollTraining

/// Batches without an end; it counts how many were drawn.
private struct Endless: BatchSource {
  var position = 0
  let batchSize = 2
  let batchesPerEpoch: Int
  let drawn: Locked<Int>

  init(batchesPerEpoch: Int = 4) {
    self.batchesPerEpoch = batchesPerEpoch
    drawn = Locked(0)
  }

  mutating func next() -> Batch<Tokens, Tokens> {
    position += 1
    drawn.withLock { $0 += 1 }
    return Batch(
      input: Tokens(time: 2, batch: 2, ids: [0, 1, 2, 1]),
      target: Tokens(time: 2, batch: 2, ids: [1, 2, 0, 2]))
  }
}

/// Training within a task.
@Suite("A task that trains")
struct TaskTests {
  private typealias Model = Sequential<Tokens, Tensor<Float>, Float>

  private func trainer() -> Trainer<Model, Endless> {
    Trainer(
      model: Model(seed: 2) {
        Embedding(vocabularySize: 3, dimension: 4)
        DenseSoftmax(inputSize: 4, classes: 3)
      }, source: Endless())
  }

  @Test("tells its events to whoever reads them, and gives the model back")
  func events() async throws {
    let (trainer, stream) = (trainer(), TrainingEventStream())
    let training = Task(executorPreference: TrainingExecutor.shared) {
      var trainer = trainer
      try trainer.train(
        steps: 5, validation: trainer.source, validationInterval: 2, observers: [stream])
      return (trainer.step, trainer.bestModel)
    }
    var names: [String] = []
    for await event in stream.events {
      switch event {
      case .began: names.append("began")
      case .trained(let report): names.append("\(report.step)")
      case .validated: names.append("validated")
      case .finished: break
      case .ended: names.append("ended")
      case .failed: names.append("failed")
      }
    }
    #expect(
      names == ["began", "1", "2", "validated", "3", "4", "validated", "5", "validated", "ended"])
    #expect(try await training.value.0 == 5)
  }

  @Test("ends after its step when it is cancelled, and tells of the end")
  func cancelled() async throws {
    let (trainer, stream) = (trainer(), TrainingEventStream())
    let training = Task(executorPreference: TrainingExecutor.shared) {
      var trainer = trainer
      do {
        try trainer.train(steps: .max / 2, observers: [stream])
      } catch is CancellationError {
        return trainer.step
      }
      return -1
    }
    var (last, isEnded) = (0, false)
    for await event in stream.events {
      if case .trained(let report) = event {
        last = report.step
        if last >= 7 { training.cancel() }
      }
      if case .ended(let steps) = event { isEnded = steps == last }
    }
    let step = try await training.value
    #expect(step >= 7 && step == last && isEnded)
  }

  @Test("ends within a validation when it is cancelled")
  func cancelledValidation() async throws {
    let (trainer, endless) = (trainer(), Endless(batchesPerEpoch: .max))
    let validation = Task(executorPreference: TrainingExecutor.shared) {
      try trainer.validate(endless)
    }
    while endless.drawn.withLock({ $0 }) < 3 { await Task.yield() }
    validation.cancel()
    await #expect(throws: CancellationError.self) { try await validation.value }
  }

  @Test("A model need not be a stack, and other sources validate it")
  func anyLayer() throws {
    struct Few: BatchSource {
      var position = 0
      let batchSize = 1
      let batchesPerEpoch = 1
      mutating func next() -> Batch<Tokens, Tokens> {
        position += 1
        return Batch(
          input: Tokens(time: 1, batch: 1, ids: [1]), target: Tokens(time: 1, batch: 1, ids: [2]))
      }
    }
    var model = TiedEmbedding<Float>(vocabularySize: 3, dimension: 4) {
      RNN(inputSize: 4, hiddenSize: 4)
    }
    model.initialize(seed: 1)
    var trainer = Trainer(
      model: model, source: Endless(), options: TrainingOptions(schedule: .constant(0.05)))
    let before = try trainer.validate(Few()).mean
    try trainer.train(steps: 30, validation: Few())
    #expect(trainer.best.map { $0.loss < before / 2 } == true)
    let folder = try TemporaryFolder()
    try trainer.writeCheckpoint(to: folder.file("c"))
    var again = Trainer(
      model: model, source: Endless(), options: TrainingOptions(schedule: .constant(0.05)))
    try again.resume(from: try ModelFile(contentsOf: folder.file("c")), registry: .standard)
    #expect(again.step == 30)
    #expect(again.model.parameters.map(\.value) == trainer.model.parameters.map(\.value))
  }
}
