// The programs of the article Getting Started that read tables.
import Foundation
import Testing
import Unroll

@Suite("Articles about tables")
struct LoaderArticleTests {
  private func withTable(_ text: String, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).csv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try body(path)
  }

  @Test("A model predicts a series, three rows ahead")
  func forecast() throws {
    let rows = (0..<400).map { "\($0),\(10 + 3 * sin(Double($0) / 3))" }
    try withTable("hour,level\n" + rows.joined(separator: "\n") + "\n") { path in
      let series = try CSVTable(path).series(["level"])
      let parts = try SeriesSplit.last(validation: 80, test: 40).split(series)
      let scales = try [ColumnScale](of: parts.training)
      let training = try SequenceWindows(
        scales.seen(parts.training), shape: WindowShape(length: 20, horizon: 3), batchSize: 16)

      let model = Sequential(seed: 1) {
        GRU(inputSize: 1, hiddenSize: 16)
        LastStep()
        Dense(inputSize: 16, outputSize: 3)
      }
      var trainer = Trainer(
        model: model, source: training, loss: MeanSquaredError(),
        options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.01)))
      try trainer.train(steps: 200)

      let seen = scales.seen(parts.test.steps(0..<20)).reshaped([20, 1, 1])
      let output = trainer.model(seen, batch: 1)  // The next three, [1, 3].
      let forecast = scales.original(output, columns: [0])

      for (a, b) in zip(forecast.scalars, parts.test.steps(20..<23).scalars) {
        #expect(abs(a - b) < 0.5)
      }
    }
  }

  @Test("A model tells texts apart")
  func classify() throws {
    let rows = (0..<200).map { i in
      let words = (0..<(1 + i * 7 % 9)).map { ["sea", "tide", "boat", "gull"][($0 + i) % 4] }
      return
        "\"\(words.joined(separator: ", "))\(i % 2 == 0 ? "!" : "?")\",\(i % 2 == 0 ? "cry" : "ask")"
    }
    try withTable("text,label\n" + rows.joined(separator: "\n") + "\n") { path in
      let texts = try LabeledTexts(CSVTable(path), text: "text", label: "label")
      let (training, held) = texts.split(fraction: 0.2)
      let vocabulary = try Vocabulary(
        words: training.texts.joined(separator: "\n"), maximumSize: 5000)
      func source(_ texts: LabeledTexts) throws -> PaddedSequences<Tokens> {
        try PaddedSequences(
          texts.encoded(by: vocabulary), labels: texts.ids, batching: .similarLengths(),
          batchSize: 16)
      }

      let model = Sequential(seed: 1) {
        Embedding(vocabularySize: vocabulary.count, dimension: 16)
        LSTM(inputSize: 16, hiddenSize: 16)
        LastStep()
        DenseSoftmax(inputSize: 16, classes: texts.labels.count)
      }
      var trainer = Trainer(
        model: model, source: try source(training),
        options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.01)))
      try trainer.train(steps: 100)
      let loss = try trainer.validate(try source(held)).mean

      #expect(loss < 0.1)
    }
  }
}
