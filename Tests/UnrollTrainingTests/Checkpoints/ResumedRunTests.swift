import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollSeries
import UnrollText
import UnrollTraining

/// Runs that are cut short and go on from a checkpoint, of every loader, optimizer and schedule, with
/// dropout: each has to end with the bytes of the run that was not interrupted.
@Suite("Resumed runs")
struct ResumedRunTests {
  private static let optimizers: [any Optimizer<Float>] = [
    SGD<Float>(momentum: 0.9, weightDecay: 0.1), RMSProp<Float>(), Adam<Float>(weightDecay: 0.1),
  ]

  private static let schedules: [Schedule] = [
    .constant(0.01), .warmUpAndDecay(peak: 0.02, warmUp: 5, steps: 40),
    .step(from: 0.02, factor: 0.5, every: 7), .exponential(from: 0.02, factor: 0.1, over: 30),
    .oneCycle(peak: 0.02, steps: 40),
    .product(.constant(0.02), .linear(from: 1, to: 0.1, steps: 30)),
  ]

  @Test("Stateful text", arguments: 0..<3, 0..<6)
  func text(optimizer: Int, schedule: Int) throws {
    try check(optimizer, schedule, accumulation: 1, cuts: 3) { optimizer, schedule in
      let text = String(repeating: "to be or not to be, that is the question. ", count: 60)
      let vocabulary = try Vocabulary(text)
      let model = Sequential<Tokens, Tensor<Float>, Float>(seed: 3) {
        Embedding(vocabularySize: vocabulary.count, dimension: 5)
        LSTM(inputSize: 5, hiddenSize: 12)
        Dropout(rate: 0.3)
        Zoneout(GRUCell(inputSize: 12, hiddenSize: 9), hiddenRate: 0.2)
        DenseSoftmax(inputSize: 9, classes: vocabulary.count)
      }
      return Trainer(
        model: model,
        source: try TextStreams(try vocabulary.encode(text), batchSize: 7, chunkLength: 11),
        options: TrainingOptions(optimizer: optimizer, schedule: schedule))
    }
  }

  @Test("Shuffled windows, prepared ahead", arguments: 0..<3, 0..<6)
  func windows(optimizer: Int, schedule: Int) throws {
    try check(optimizer, schedule, accumulation: 2, cuts: 3) { optimizer, schedule in
      let waves = (0..<90).flatMap { t in [3.0, 5.0].map { Float(sin(Double(t) / $0)) } }
      let model = Sequential<Tensor<Float>, Tensor<Float>, Float>(seed: 3) {
        GRU(inputSize: 2, hiddenSize: 11)
        Dropout(rate: 0.3)
        LSTM(inputSize: 11, hiddenSize: 6)
        LastStep()
        Dense(inputSize: 6, outputSize: 2)
      }
      return Trainer(
        model: model,
        source: Prefetched(
          try SequenceWindows(
            Tensor(shape: [90, 2], scalars: waves), shape: WindowShape(length: 8, horizon: 1),
            batchSize: 9)
        ),
        loss: MeanSquaredError(), options: TrainingOptions(optimizer: optimizer, schedule: schedule)
      )
    }
  }

  @Test("Padded sequences", arguments: 0..<3, 0..<6)
  func sequences(optimizer: Int, schedule: Int) throws {
    try check(optimizer, schedule, accumulation: 1, cuts: 3) { optimizer, schedule in
      let random = RandomSource(seed: 8)
      let texts = (0..<50).map { i in
        (0..<(random.bits(i) % 13)).map { Int32(random.child(i).bits(Int($0)) % 4) }
      }
      let model = Sequential<Tokens, Tensor<Float>, Float>(seed: 3) {
        Embedding(vocabularySize: 4, dimension: 5)
        Dropout(rate: 0.3)
        Bidirectional { LSTM(inputSize: 5, hiddenSize: 7) }
        BothEnds()
        DenseSoftmax(inputSize: 14, classes: 2)
      }
      return Trainer(
        model: model,
        source: try PaddedSequences(
          texts, labels: texts.map { $0.contains(3) ? 1 : 0 },
          batching: .similarLengths(outOf: 3), batchSize: 6),
        options: TrainingOptions(optimizer: optimizer, schedule: schedule))
    }
  }

  private func check<Model: Layer<Float>, Source: BatchSource>(
    _ optimizer: Int, _ schedule: Int, accumulation: Int, cuts: Int,
    _ make: (any Optimizer<Float>, Schedule) throws -> Trainer<Model, Source>
  ) throws where Source.Input == Model.Input {
    let folder = try TemporaryFolder()
    func trainer() throws -> Trainer<Model, Source> {
      var trainer = try make(Self.optimizers[optimizer], Self.schedules[schedule])
      trainer.options.accumulation = accumulation
      trainer.options.averagingDecay = 0.9
      trainer.options.plateau = ReduceOnPlateau(factor: 0.5, patience: 1)
      trainer.options.groups = [ParameterGroup("*.bias", learningRate: 0.5), .frozen("*weight_hh")]
      return trainer
    }
    func run(
      _ trainer: inout Trainer<Model, Source>,
      _ observers: [any TrainingObserver] = []
    ) throws {
      var validation = trainer.source
      validation.position = try make(Self.optimizers[0], Self.schedules[0]).source.position
      try trainer.train(
        untilStep: 30, validation: validation, validationInterval: 5, observers: observers)
    }
    /// The bytes that a run ends with.
    func bytes(_ trainer: Trainer<Model, Source>) throws -> [[UInt8]] {
      try [trainer.model, trainer.averagedModel, trainer.bestModel].map { model in
        try ModelFile.write(model, to: folder.file("m"))
        return try folder.bytes("m")
      }
    }

    var whole = try trainer()
    try run(&whole)
    let expected = try bytes(whole)
    let random = RandomSource(seed: 5).child(6 * optimizer + schedule)
    for attempt in 0..<cuts {
      // The last one is at a validation.
      let cut = attempt == cuts - 1 ? 5 * (1 + schedule % 5) : 1 + Int(random.uniform(attempt) * 28)
      var first = try trainer()
      try run(&first, [Stopper(step: cut)])
      try first.writeCheckpoint(to: folder.file("c"))
      var second = try trainer()
      try second.resume(
        from: try ModelFile(contentsOf: folder.file("c")), registry: .standard)
      #expect(second.step == cut)
      try run(&second)
      #expect(try bytes(second) == expected, "cut after step \(cut)")
    }
  }

  private struct Stopper: TrainingObserver {
    let step: Int

    mutating func observe(
      _ event: TrainingEvent, of run: some TrainingRun
    ) throws -> TrainingDecision {
      switch event {
      // Where a validation is due it has to be done all the same.
      case .trained(let report) where report.step == step: return .stop
      default: return .continue
      }
    }
  }
}
