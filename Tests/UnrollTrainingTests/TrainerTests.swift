import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollText
import UnrollTraining

@Suite("Trainer")
struct TrainerTests {
  typealias Model<Element: Scalar> = Sequential<Tokens, Tensor<Element>, Element>

  /// The batches of the golden run: consecutive chunks of streams that go on.
  struct GoldenSource: BatchSource {
    let training: Golden.Training
    var position = 0
    var batchesPerEpoch: Int { training.losses.count }
    var batchSize: Int { training.batch }

    mutating func next() -> Batch<Tokens, Tokens> {
      let (T, B) = (training.time, training.batch)
      let first = position * T * B
      let ids = training.ids
      defer { position += 1 }
      return Batch(
        input: Tokens(time: T, batch: B, ids: Array(ids[first..<(first + T * B)])),
        target: Tokens(time: T, batch: B, ids: Array(ids[(first + B)..<(first + B + T * B)])),
        streams: position == 0 ? .fresh : .continued)
    }
  }

  private func golden<E: Scalar>(_ type: E.Type, within bound: Double) throws {
    let training = try Golden.load("lstm_golden.json").training
    var model = Model<E>(seed: 1) {
      Embedding<E>(vocabularySize: 11, dimension: 6)
      LSTM<E>(inputSize: 6, hiddenSize: 7)
      LSTM<E>(inputSize: 7, hiddenSize: 7)
      DenseSoftmax<E>(inputSize: 7, classes: 11)
    }
    try model.visitParameters { name, parameter in
      parameter.value = try #require(training.weights[name]).tensor()
    }
    func losses(_ trainer: Trainer<Sequential<Tokens, Tensor<E>, E>, GoldenSource>) throws
      -> [Double]
    {
      var trainer = trainer
      let losses = try training.losses.map { _ in try trainer.trainStep().loss }
      for (name, expected) in training.final {
        let value = trainer.model.parameters.first { $0.name == name }?.value
        #expect(difference(try #require(value), expected.tensor()) < bound)
      }
      return losses
    }
    let source = GoldenSource(training: training)
    let fused = try losses(
      Trainer(
        model: model, source: source,
        options: TrainingOptions(
          optimizer: Adam<E>(), schedule: .constant(0.02), clipping: .globalNorm(1))))
    let unfused = try losses(
      Trainer(
        model: model, source: source, loss: NegativeLogLikelihood<E>(),
        options: TrainingOptions(
          optimizer: Adam<E>(), schedule: .constant(0.02), clipping: .globalNorm(1))))
    for (step, expected) in training.losses.enumerated() {
      #expect(abs(fused[step] - expected) < bound, "step \(step)")
      #expect(abs(unfused[step] - expected) < bound, "step \(step)")
    }
  }

  // PyTorch adds 1e-6 to the norm that it clips by, which is most of what the bound is for.
  @Test("Ten losses are PyTorch's, in double precision")
  func goldenDouble() throws { try golden(Double.self, within: 2e-6) }

  @Test("Ten losses are PyTorch's, in single precision")
  func goldenFloat() throws { try golden(Float.self, within: 1e-5) }

  private let text = String(repeating: "to be or not to be, that is the question. ", count: 80)

  private func trainer(
    threads: Int = 2, dropout: Double = 0.2, optimizer: any Optimizer<Float> = Adam<Float>()
  ) throws -> Trainer<Sequential<Tokens, Tensor<Float>, Float>, TextStreams> {
    let vocabulary = try Vocabulary(text)
    let streams = try TextStreams(try vocabulary.encode(text), batchSize: 9, chunkLength: 11)
    let model = Model<Float>(seed: 3) {
      Embedding(vocabularySize: vocabulary.count, dimension: 7)
      LSTM(inputSize: 7, hiddenSize: 21)
      Dropout(rate: dropout)
      RNN(inputSize: 21, hiddenSize: 20)
      DenseSoftmax(inputSize: 20, classes: vocabulary.count)
    }
    return Trainer(
      model: model, source: streams,
      options: TrainingOptions(optimizer: optimizer, schedule: .constant(0.01), threads: threads))
  }

  private func weights(
    _ trainer: Trainer<Sequential<Tokens, Tensor<Float>, Float>, TextStreams>
  ) -> [Tensor<Float>] {
    trainer.model.parameters.map(\.value)
  }

  @Test("A steady step allocates no tensor storage")
  func allocations() throws {
    var trainer = try trainer(threads: 1)
    try trainer.train(untilStep: 40)
    // Other tests allocate meanwhile, so one undisturbed stretch of steps is looked for.
    var fewest = Int.max
    for _ in 0..<200 where fewest > 0 {
      let before = TensorMemory.allocations
      try trainer.train(untilStep: trainer.step + 5)
      fewest = min(fewest, TensorMemory.allocations - before)
    }
    #expect(fewest == 0)
  }

  @Test("A steady step writes values and gradients where they are: nothing is copied on write")
  func inPlace() throws {
    var trainer = try trainer()
    func addresses() -> [UnsafeRawPointer?] {
      var model = trainer.model
      var list: [UnsafeRawPointer?] = []
      model.visitParameters { _, parameter in
        for tensor in [parameter.value, parameter.gradient] {
          list.append(tensor.withUnsafeBufferPointer { UnsafeRawPointer($0.baseAddress) })
        }
      }
      return list
    }
    try trainer.train(untilStep: 3)
    let before = addresses()
    try trainer.train(untilStep: 6)
    #expect(addresses() == before)
    #expect(Set(before).count == before.count)
  }

  @Test("Threads, and validating at every step, change nothing")
  func sameBytes() throws {
    var (one, two, validated) = (try trainer(threads: 1), try trainer(), try trainer(threads: 3))
    try one.train(untilStep: 25)
    try two.train(untilStep: 25)
    try validated.train(untilStep: 25, validation: validated.source, validationInterval: 1)
    #expect(weights(one) == weights(two))
    #expect(weights(one) == weights(validated))
  }

  @Test("Every optimizer learns")
  func optimizers() throws {
    let choices: [(any Optimizer<Float>, Double)] = [
      (SGD<Float>(momentum: 0.9), 0.1), (RMSProp<Float>(), 0.005), (Adam<Float>(), 0.01),
      (Adam<Float>(weightDecay: 0.01), 0.01),
    ]
    for (optimizer, rate) in choices {
      var trainer = try trainer(dropout: 0, optimizer: optimizer)
      trainer.options.schedule = .constant(rate)
      let first = try trainer.trainStep().loss
      try trainer.train(untilStep: 150)
      #expect(try trainer.trainStep().loss < first / 2, "\(type(of: optimizer))")
    }
  }

  struct Recorder: TrainingObserver {
    final class Log { var events: [String] = [] }
    let log = Log()
    var stopAt = Int.max

    mutating func observe(
      _ event: TrainingEvent, of run: some TrainingRun
    ) throws -> TrainingDecision {
      switch event {
      case .began(let from, let to): log.events.append("began \(from) to \(to)")
      case .trained(let report):
        log.events.append("\(report.step)")
        if report.step == stopAt { return .stop }
      case .validated(let report): log.events.append("validated \(report.step)")
      case .finished: break
      case .ended(let steps): log.events.append("ended \(steps)")
      case .failed(let error): log.events.append("failed: \(error)")
      }
      return .continue
    }
  }

  @Test("Observers see every event and may end the run")
  func observers() throws {
    var trainer = try trainer()
    let (all, stopping) = (Recorder(), Recorder(stopAt: 5))
    try trainer.train(
      untilStep: 3, validation: trainer.source, validationInterval: 2, observers: [all])
    #expect(
      all.log.events == ["began 0 to 3", "1", "2", "validated 2", "3", "validated 3", "ended 3"])
    try trainer.train(untilStep: 10, observers: [stopping])
    #expect(stopping.log.events == ["began 3 to 10", "4", "5", "ended 5"])

    struct Refusal: Error, TrainingObserver {
      func observe(_ event: TrainingEvent, of run: some TrainingRun) throws -> TrainingDecision {
        if case .trained = event { throw self }
        return .continue
      }
    }
    let told = Recorder()
    #expect(throws: Refusal.self) {
      try trainer.train(untilStep: 10, observers: [told, Refusal()])
    }
    #expect(told.log.events == ["began 5 to 10", "6", "failed: Refusal()"])
  }

  @Test("The metrics file has one JSON object a step, with the validation loss where there is one")
  func metrics() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).jsonl").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var trainer = try trainer()
    let observers: [any TrainingObserver] = [try MetricsFile(path: path)]
    try trainer.train(
      untilStep: 3, validation: trainer.source, validationInterval: 2, observers: observers)
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let objects = try lines.map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Double])
    }
    #expect(objects.map { $0["step"] } == [1, 2, 3])
    #expect(objects.map { $0["validation_loss"] != nil } == [false, true, true])
    let keys = [
      "characters_per_second", "epoch", "gradient_norm", "learning_rate", "seconds", "step",
      "train_loss",
    ]
    #expect(objects[0].keys.sorted() == keys)
  }
}
