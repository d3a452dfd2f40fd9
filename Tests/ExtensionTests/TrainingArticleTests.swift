// The programs of the article Train for Hours.
import Foundation
import Testing
import Unroll
import UnrollModels

/// Ends training once a validation is good enough.
struct GoodEnough: TrainingObserver {
  let loss: Double

  mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision {
    switch event {
    // Also at the beginning: a run that has ended stays so when it goes on.
    case .began, .validated: (run.bestLoss ?? .infinity) < loss ? .stop : .continue
    default: .continue
    }
  }
}

@Suite("The article about long runs")
struct TrainingArticleTests {
  private func trainer(
    _ training: TextStreams, vocabulary: Vocabulary
  ) -> Trainer<LanguageModel.Network, TextStreams> {
    let model = Sequential(seed: 1) {
      Embedding(vocabularySize: vocabulary.count, dimension: 8)
      LSTM(inputSize: 8, hiddenSize: 20)
      DenseSoftmax(inputSize: 20, classes: vocabulary.count)
    }

    var trainer = Trainer(
      model: model, source: training,
      options: TrainingOptions(
        optimizer: Adam(weightDecay: 0.02),
        schedule: .warmUpAndDecay(peak: 0.01, warmUp: 20, steps: 200), clipping: .globalNorm(1)))
    trainer.options.accumulation = 2
    trainer.options.averagingDecay = 0.98
    trainer.options.patience = 4
    trainer.options.plateau = ReduceOnPlateau(factor: 0.5, patience: 1)
    trainer.options.groups = [
      .frozen("0.*"),  // The embedding stays as it is.
      ParameterGroup("*.bias", learningRate: 2),
    ]
    return trainer
  }

  @Test("A run is told how to train, is watched, and goes on where it was")
  func longRun() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (path, metrics) = (folder + "/checkpoints", folder + "/metrics.jsonl")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let text = String(repeating: "the tide goes out, the tide comes in again. ", count: 40)
    let vocabulary = try Vocabulary(text)
    let (training, validation) = try TextSplit.end.split(
      try vocabulary.encode(text), fraction: 0.2, batchSize: 4, chunkLength: 10)

    func run() throws -> (best: Trainer<LanguageModel.Network, TextStreams>.Model, from: Int?) {
      var trainer = trainer(training, vocabulary: vocabulary)

      let checkpoints = CheckpointFolder(path, keep: 3)
      let found = try checkpoints.withNewest { try trainer.resume(from: $0, registry: .standard) }
      for error in found.refused { print("passed over \(error)") }

      let observers: [any TrainingObserver] = [
        ProgressLine(), try MetricsFile(path: metrics, resumingFrom: trainer.step),
        Checkpoints(checkpoints, every: 50),
        GoodEnough(loss: 0.1),
      ]
      try trainer.train(
        untilStep: 200, validation: validation, validationInterval: 50, observers: observers)
      let best = trainer.bestModel

      return (best, found.step)
    }
    let whole = try run()
    #expect(whole.from == nil)
    let checkpoints = CheckpointFolder(path)
    #expect(try checkpoints.steps() == [200, 150, 100])
    try FileManager.default.removeItem(atPath: checkpoints.path(ofStep: 200))
    try Data("damaged".utf8).write(to: URL(fileURLWithPath: checkpoints.path(ofStep: 150)))
    let resumed = try run()
    #expect(resumed.from == 100)
    #expect(resumed.best.parameters.map(\.value) == whole.best.parameters.map(\.value))
    let lines = try String(contentsOfFile: metrics, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 200)
  }
}
