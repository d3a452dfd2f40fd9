import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollSeries
import UnrollText
import UnrollTraining

@Suite("Models learn from loaders")
struct LoaderTests {
  typealias Forecaster = Sequential<Tensor<Float>, Tensor<Float>, Float>
  typealias Classifier = Sequential<Tokens, Tensor<Float>, Float>

  /// Two columns: waves of two periods around 50, of a height of 20.
  private func waves() -> Tensor<Float> {
    var scalars: [Float] = []
    for t in 0..<400 {
      for period in [3.0, 5.0] { scalars.append(Float(50 + 20 * sin(Double(t) / period))) }
    }
    return Tensor(shape: [400, 2], scalars: scalars)
  }

  private func forecast(
    _ shape: WindowShape, _ targets: SequenceWindows.Targets = .lastStep, columns: [Int]? = nil,
    _ model: Forecaster, steps: Int
  ) throws -> (first: Double, last: Double, model: Forecaster) {
    let split = SeriesSplit.fractions(validation: 0.2, test: 0.1, of: 400)
    let parts = try split.split(waves())
    let scales = try [ColumnScale](of: parts.training)
    func source(_ part: Tensor<Float>) throws -> SequenceWindows {
      try SequenceWindows(
        scales.seen(part), shape: shape, targets: targets, targetColumns: columns, batchSize: 16)
    }
    var trainer = Trainer(
      model: model, source: try source(parts.training), loss: MeanSquaredError(),
      options: TrainingOptions(optimizer: Adam<Float>(), schedule: .constant(0.01), threads: 2))
    let held = try source(parts.validation)
    let first = try trainer.validate(held)
    #expect(first.count == held.count * (targets == .everyStep ? shape.length : 1) * 2)
    try trainer.train(untilStep: steps)
    return (first.mean, try trainer.validate(held).mean, trainer.model)
  }

  @Test("A series is predicted from the last step of a window, two rows ahead of one column")
  func forecastLast() throws {
    let model = Forecaster(seed: 1) {
      LSTM(inputSize: 2, hiddenSize: 12)
      LastStep()
      Dense(inputSize: 12, outputSize: 2)
    }
    let shape = WindowShape(length: 10, horizon: 2)
    let (first, last, trained) = try forecast(shape, columns: [1], model, steps: 300)
    #expect(first > 0.5)
    #expect(last < 0.02)

    // In the unit of the table again.
    let series = waves()
    let scales = try [ColumnScale](of: series.steps(0..<280))
    let seen = scales.seen(series.steps(380..<390)).reshaped([10, 1, 2])
    let output = scales.original(trained(seen), columns: [1])
    #expect(abs(output[0, 0] - series[390, 1]) < 6 && abs(output[0, 1] - series[391, 1]) < 6)
  }

  @Test("A series is predicted at every step of a window, all columns")
  func forecastEveryStep() throws {
    let model = Forecaster(seed: 1) {
      GRU(inputSize: 2, hiddenSize: 12)
      Dense(inputSize: 12, outputSize: 2)
    }
    let shape = WindowShape(length: 20, horizon: 1)
    let (first, last, _) = try forecast(shape, .everyStep, model, steps: 300)
    #expect(first > 0.5)
    #expect(last < 0.05)
  }

  @Test("The scales of columns go into a model file and come back")
  func scalesInFile() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let scales = try [ColumnScale](of: waves())
    let model = Forecaster(seed: 1) { Dense(inputSize: 2, outputSize: 2) }
    try ModelFile.write(model, metadata: ["scales": try ModelFile.text(of: scales)], to: path)
    let file = try ModelFile(contentsOf: path)
    #expect(try file.value([ColumnScale].self, forKey: "scales") == scales)
  }

  /// Strings of a to d, 0 to 14 of them; the label says whether there is a d in it.
  private func strings(_ count: Int, seed: UInt64) -> (texts: [String], labels: [Int32]) {
    let random = RandomSource(seed: seed)
    let texts = (0..<count).map { i in
      let random = random.child(i)
      let length = Int(random.bits(0) % 15)
      let last: UInt64 = i % 2 == 0 ? 3 : 4
      return String((1..<(length + 1)).map { Array("abcd")[Int(random.bits($0) % last)] })
    }
    return (texts, texts.map { $0.contains("d") ? 1 : 0 })
  }

  @Test("Strings of unequal length are told apart", arguments: [false, true])
  func classification(areSimilar: Bool) throws {
    let vocabulary = try Vocabulary("abcd")
    func source(_ count: Int, seed: UInt64) throws -> PaddedSequences<Tokens> {
      let (texts, labels) = strings(count, seed: seed)
      return try PaddedSequences(
        texts.map(vocabulary.encode), labels: labels,
        batching: areSimilar ? .similarLengths(outOf: 5) : .mixed, batchSize: 16)
    }
    let model = Classifier(seed: 1) {
      Embedding(vocabularySize: 4, dimension: 4)
      LSTM(inputSize: 4, hiddenSize: 10)
      LastStep()
      DenseSoftmax(inputSize: 10, classes: 2)
    }
    var trainer = Trainer(
      model: model, source: try source(203, seed: 1),
      options: TrainingOptions(optimizer: Adam<Float>(), schedule: .constant(0.02)))
    let held = try source(61, seed: 2)
    #expect(try trainer.validate(held).count == 61)
    #expect(try trainer.validate(held).mean > 0.5)
    try trainer.train(untilStep: 150)
    #expect(try trainer.validate(held).mean < 0.1)
  }

  @Test("Every step is tagged: whether its letter came before")
  func tagging() throws {
    let vocabulary = try Vocabulary("abcd")
    func source(_ count: Int, seed: UInt64) throws -> PaddedSequences<Tokens> {
      let texts = strings(count, seed: seed).texts.filter { !$0.isEmpty }
      let tags = texts.map { text in
        text.indices.map { Int32(text[..<$0].contains(text[$0]) ? 1 : 0) }
      }
      return try PaddedSequences(texts.map(vocabulary.encode), tags: tags, batchSize: 16)
    }
    let model = Classifier(seed: 1) {
      Embedding(vocabularySize: 4, dimension: 4)
      GRU(inputSize: 4, hiddenSize: 16)
      DenseSoftmax(inputSize: 16, classes: 2)
    }
    var trainer = Trainer(
      model: model, source: try source(200, seed: 1),
      options: TrainingOptions(optimizer: Adam<Float>(), schedule: .constant(0.02)))
    let held = try source(61, seed: 2)
    #expect(try trainer.validate(held).mean > 0.4)
    try trainer.train(untilStep: 150)
    #expect(try trainer.validate(held).mean < 0.1)
  }

  @Test("An empty stream that fills a batch up changes neither loss nor gradient")
  func fill() throws {
    let series = waves()
    let shape = WindowShape(length: 5, horizon: 1)
    let model = Forecaster(seed: 1) {
      Bidirectional(merging: .sum) { LSTM(inputSize: 2, hiddenSize: 6) }
      MeanOverTime()
      Dense(inputSize: 6, outputSize: 2)
    }
    func step(batchSize: Int) throws -> StepReport {
      var trainer = Trainer(
        model: model,
        source: try SequenceWindows(
          series.steps(0..<8), shape: shape, batchSize: batchSize, seed: nil), loss: HuberLoss(),
        options: TrainingOptions(optimizer: SGD<Float>(), schedule: .constant(0.1)))
      return try trainer.trainStep()
    }
    let (exact, filled) = (try step(batchSize: 3), try step(batchSize: 7))
    #expect(exact.positions == 6 && filled.positions == 6)
    #expect(abs(exact.loss - filled.loss) < 1e-5)
    #expect(abs(exact.gradientNorm - filled.gradientNorm) < 1e-5)
  }
}
