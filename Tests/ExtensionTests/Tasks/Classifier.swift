import Unroll

/// A classifier of the texts of a table: its accuracy and the F1 of each class on a fifth of them.
func classify(_ csv: String) throws -> (accuracy: Double, f1: [Double]) {
  let texts = try LabeledTexts(CSVTable(csv, header: .none), text: "2", label: "1")
  let (training, test) = texts.split(fraction: 0.2)
  let vocabulary = try Vocabulary(
    words: training.texts.joined(separator: "\n"), maximumSize: 5000, minimumCount: 2)
  func source(_ texts: LabeledTexts) throws -> PaddedSequences<Tokens> {
    try PaddedSequences(
      texts.encoded(by: vocabulary), labels: texts.ids, batching: .similarLengths(), batchSize: 32)
  }
  let model = Sequential(seed: 1) {
    Embedding(vocabularySize: vocabulary.count, dimension: 16)
    Bidirectional { LSTM(inputSize: 16, hiddenSize: 16) }
    MaxOverTime()
    DenseSoftmax(inputSize: 32, classes: texts.labels.count)
  }
  var trainer = Trainer(
    model: model, source: try source(training),
    options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.01)))
  try trainer.train(steps: 150)
  let report = ClassificationReport(of: trainer.model, over: try source(test))
  return (report.accuracy, report.f1)
}
