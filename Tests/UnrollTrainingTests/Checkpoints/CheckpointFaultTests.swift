import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollData
import UnrollLayers
@testable import UnrollTraining

/// What fails while a checkpoint is written: whatever it is, the run goes on from the last checkpoint
/// that was completed, or from a newer one, and ends with the same weights.
@Suite("Faults in checkpoints")
struct CheckpointFaultTests {
  typealias TextTrainer = Trainer<TextStreams, Tensor<Float>, Float>

  private func trainer() throws -> TextTrainer {
    let text = String(repeating: "the tide goes out, the tide comes in. ", count: 20)
    let vocabulary = try Vocabulary(text)
    let model = Sequential<Tokens, Tensor<Float>, Float>(seed: 3) {
      Embedding(vocabularySize: vocabulary.count, dimension: 3)
      LSTM(inputSize: 3, hiddenSize: 5)
      DenseSoftmax(inputSize: 5, classes: vocabulary.count)
    }
    return Trainer(
      model: model,
      source: try TextStreams(try vocabulary.encode(text), batchSize: 3, chunkLength: 5),
      optimizer: Adam<Float>(), schedule: .constant(0.01))
  }

  /// Trains a run that has two checkpoints, of steps 2 and 4, under some calls, so that the one of
  /// step 6 or 8 may fail; then goes on without faults.
  ///
  /// - Returns: the error, and the step that the run went on from.
  private func run(_ calls: some FileCalls) throws -> (error: (any Error)?, step: Int?) {
    let folder = try TemporaryFolder()
    let checkpoints = CheckpointFolder(folder.file("checkpoints"), keep: 2)
    func train(_ trainer: inout TextTrainer, to steps: Int) throws {
      try trainer.train(steps: steps, observers: [Checkpoints(checkpoints, every: 2)])
    }
    var first = try trainer()
    try train(&first, to: 4)
    #expect(try checkpoints.steps() == [4, 2])

    var failure: (any Error)?
    do {
      try FileSystem.$calls.withValue(calls) { try train(&first, to: 8) }
    } catch {
      failure = error
    }

    var second = try trainer()
    let found = try checkpoints.withNewest { try second.resume(from: $0, registry: .standard) }
    #expect(found.refused.isEmpty)
    #expect(second.step == found.step)
    try train(&second, to: 10)
    #expect(try checkpoints.steps() == [10, 8])
    #expect(try FileManager.default.contentsOfDirectory(atPath: checkpoints.path).count == 2)

    var whole = try trainer()
    try whole.train(steps: 10)
    #expect(second.model.parameters.map(\.value) == whole.model.parameters.map(\.value))
    return (failure, found.step)
  }

  @Test(
    "After each single write, sync and rename; once, and for good",
    arguments: [(ENOSPC, false), (EIO, false), (EIO, true)])
  func everyCall(code: Int32, isForGood: Bool) throws {
    let whole = FaultyFileCalls(largestWrite: 3000)
    let (none, last) = try run(whole)
    #expect(none == nil && last == 8)
    #expect(whole.calls.count { $0 == .rename } == 2 && whole.calls.count { $0 == .write } > 6)

    for number in whole.calls.indices {
      let calls = FaultyFileCalls(
        failing: number, forGood: isForGood, code: code, largestWrite: 3000)
      let (error, step) = try run(calls)
      if let error {
        // The last save that was completed is that of the last renaming.
        #expect(step == 4 + 2 * whole.calls[..<number].count { $0 == .rename }, "call \(number)")
        #expect((error as? FileWriteError)?.code == code)
      } else {
        // A folder that was only read is closed badly: that is no failure.
        #expect(step == 8 && whole.calls[(number - 2)...number] == [.rename, .sync, .close])
      }
    }
  }

  @Test(
    "On a full disk", .enabled(if: FileManager.default.fileExists(atPath: FullDiskCalls.device)))
  func fullDisk() throws {
    let (error, step) = try run(FullDiskCalls())
    #expect((error as? FileWriteError)?.code == ENOSPC)
    #expect(step == 4)
  }
}
