import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollText
import UnrollTraining

@Suite("A folder of checkpoints")
struct CheckpointLockTests {
  private func trainer() throws -> Trainer<Sequential<Tokens, Tensor<Float>, Float>, TextStreams> {
    let model = Sequential<Tokens, Tensor<Float>, Float>(seed: 3) {
      Embedding(vocabularySize: 3, dimension: 2)
      DenseSoftmax(inputSize: 2, classes: 3)
    }
    let ids = (0..<50).map { Int32($0 * $0 % 3) }
    return Trainer(
      model: model, source: try TextStreams(ids, batchSize: 2, chunkLength: 5),
      options: TrainingOptions(optimizer: SGD(), schedule: .constant(0.1)))
  }

  /// Trains a second run within the first one.
  private struct Intruder: TrainingObserver {
    let train: () throws -> Void

    mutating func observe(
      _ event: TrainingEvent, of run: some TrainingRun
    ) throws -> TrainingDecision {
      if case .trained = event { try train() }
      return .continue
    }
  }

  @Test("A second run is told of the first, and may begin once that has ended")
  func second() throws {
    let temporary = try TemporaryFolder()
    let folder = CheckpointFolder(temporary.file("run"))
    var (first, second) = (try trainer(), try trainer())
    var refusals = 0
    let intruder = Intruder {
      let error = #expect(throws: CheckpointError.self) {
        var other = try trainer()
        try other.train(steps: 1, observers: [Checkpoints(folder, every: 1)])
      }
      #expect(error?.description.contains("run: another run writes its checkpoints there") == true)
      refusals += 1
    }
    try first.train(steps: 2, observers: [Checkpoints(folder, every: 1), intruder])
    #expect(refusals == 2)
    try second.train(steps: 3, observers: [Checkpoints(folder, every: 1)])
    #expect(try folder.steps() == [3, 2, 1])
  }

  @Test("A run that failed gives its folder back")
  func failed() throws {
    struct Failure: Error {}
    let temporary = try TemporaryFolder()
    let folder = CheckpointFolder(temporary.file("run"))
    var trainer = try trainer()
    #expect(throws: Failure.self) {
      try trainer.train(
        steps: 2, observers: [Checkpoints(folder, every: 1), Intruder { throw Failure() }])
    }
    _ = try folder.lock()
  }

  @Test("A lock that is held already is handed on, and is given back with its last holder")
  func handedOn() throws {
    let temporary = try TemporaryFolder()
    let folder = CheckpointFolder(temporary.file("deep/run"))
    do {
      let lock = try folder.lock()
      #expect(throws: CheckpointError.self) { try folder.lock() }
      var trainer = try trainer()
      try trainer.train(steps: 1, observers: [Checkpoints(folder, every: 1, lock: lock)])
      withExtendedLifetime(lock) {}
    }
    _ = try folder.lock()
  }
}
