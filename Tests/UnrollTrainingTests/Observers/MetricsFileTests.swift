import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollTraining

@Suite("A file of metrics")
struct MetricsFileTests {
  private func trainer() throws -> Trainer<
    Sequential<Tokens, Tensor<Float>, Float>, PaddedSequences<Tokens>
  > {
    let model = Sequential<Tokens, Tensor<Float>, Float>(seed: 3) {
      Embedding(vocabularySize: 3, dimension: 2)
      MeanOverTime()
      DenseSoftmax(inputSize: 2, classes: 2)
    }
    let sequences: [[Int32]] = [[0, 1, 2, 1], [1], [2, 2], [0, 0, 1]]
    let source = try PaddedSequences(sequences, labels: [0, 1, 1, 0], batchSize: 4)
    return Trainer(
      model: model, source: source,
      options: TrainingOptions(optimizer: SGD(), schedule: .constant(0.1)))
  }

  @Test("Speed is that of the steps that are read")
  func speed() throws {
    let folder = try TemporaryFolder()
    var trainer = try trainer()
    let report = try trainer.trainStep()
    #expect(report.inputSteps == 10 && report.positions == 4)
    let file = try MetricsFile(path: folder.file("m"), unit: "word")
    try trainer.train(steps: 3, observers: [file])
    let lines = String(decoding: try folder.bytes("m"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 3)
    for line in lines {
      let numbers = try JSONDecoder().decode([String: Double].self, from: Data(line.utf8))
      #expect(numbers["words_per_second"] ?? 0 > 0 && numbers["step"] ?? 0 > 1)
    }
  }

  /// The call that closes the folder, after the file is in place, may fail.
  @Test(
    "What cannot be written is told of with the path", arguments: [0, 1, 2, 3, 4, 5, 7, 8, 10, 11])
  func faults(call: Int) throws {
    let folder = try TemporaryFolder()
    let calls = FaultyFileCalls(failing: call)
    var trainer = try trainer()
    let error = #expect(throws: FileWriteError.self) {
      try FileSystem.$calls.withValue(calls) {
        try trainer.train(steps: 3, observers: [try MetricsFile(path: folder.file("m.jsonl"))])
      }
    }
    #expect(error?.path == folder.file("m.jsonl"), "\(calls.calls)")
    #expect(error?.description.contains("m.jsonl: ") == true)
  }

  @Test("A record that is there and cannot be read is told of")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("m"), withIntermediateDirectories: true)
    let error = #expect(throws: FileWriteError.self) {
      try MetricsFile(path: folder.file("m"), resumingFrom: 3)
    }
    #expect(error?.description.hasPrefix(folder.file("m") + ": ") == true)
  }
}
