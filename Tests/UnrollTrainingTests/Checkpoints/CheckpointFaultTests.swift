import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollText
import UnrollTraining

/// What fails while a checkpoint is written: whatever it is, the run goes on from the last checkpoint
/// that was completed, or from a newer one, and ends with the same weights.
@Suite("Faults in checkpoints")
struct CheckpointFaultTests {
  typealias TextTrainer = Trainer<Sequential<Tokens, Tensor<Float>, Float>, TextStreams>

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
      options: TrainingOptions(optimizer: Adam<Float>(), schedule: .constant(0.01)))
  }

  /// Trains to a step, then four steps more under some calls, with a checkpoint every two steps; what
  /// fails ends that. Then goes on without faults.
  ///
  /// - Returns: the error, and the step that the run went on from.
  private func run(
    from start: Int, under calls: some FileCalls
  ) throws -> (error: (any Error)?, step: Int) {
    let folder = try TemporaryFolder()
    let checkpoints = CheckpointFolder(folder.file("a/checkpoints"), keep: 2)
    func train(_ trainer: inout TextTrainer, to steps: Int) throws {
      try trainer.train(untilStep: steps, observers: [Checkpoints(checkpoints, every: 2)])
    }
    var first = try trainer()
    if start > 0 { try train(&first, to: start) }

    var failure: (any Error)?
    do {
      try FileSystem.$calls.withValue(calls) { try train(&first, to: start + 4) }
    } catch {
      failure = error
    }

    var second = try trainer()
    let found = try checkpoints.withNewest { try second.resume(from: $0, registry: .standard) }
    #expect(found.refused.isEmpty)
    #expect(second.step == found.step ?? 0)
    try train(&second, to: 10)
    #expect(try checkpoints.steps() == [10, 8])
    #expect(try FileManager.default.contentsOfDirectory(atPath: checkpoints.path).count == 2)

    var whole = try trainer()
    try whole.train(untilStep: 10)
    #expect(second.model.parameters.map(\.value) == whole.model.parameters.map(\.value))
    return (failure, found.step ?? 0)
  }

  @Test(
    "After each single call, of a first save and of later ones; once, and for good",
    arguments: [0, 4], [(ENOSPC, false), (EIO, false), (EIO, true)])
  func everyCall(start: Int, fault: (code: Int32, isForGood: Bool)) throws {
    let whole = FaultyFileCalls(largestWrite: 3000)
    let (none, last) = try run(from: start, under: whole)
    #expect(none == nil && last == start + 4)
    let calls = whole.calls
    #expect(calls.count { $0 == .rename } == 2 && calls.count { $0 == .write } > 6)
    #expect(calls.count { $0 == .makeFolder } == (start == 0 ? 2 : 0))

    for number in calls.indices {
      let (error, step) = try run(
        from: start,
        under: FaultyFileCalls(
          failing: number, forGood: fault.isForGood, code: fault.code, largestWrite: 3000))
      if let error {
        // The last save that was completed is that of the last renaming.
        #expect(step == start + 2 * calls[..<number].count { $0 == .rename }, "call \(number)")
        #expect((error as? FileWriteError)?.code == fault.code)
      } else {
        // What was not written to is closed badly: that is no failure.
        #expect(step == start + 4 && calls[number] == .close)
        #expect(calls[(number - 2)..<number] != [.write, .sync])
      }
    }
  }

  @Test(
    "On a full disk", .enabled(if: FileManager.default.fileExists(atPath: FullDiskCalls.device)))
  func fullDisk() throws {
    for start in [0, 4] {
      let (error, step) = try run(from: start, under: FullDiskCalls())
      #expect((error as? FileWriteError)?.code == ENOSPC)
      #expect(step == start)
    }
  }
}
