// The program of the article Classify Sequences.
import Foundation
import Testing
import Unroll
import UnrollModels

@Suite("The article about classifiers")
struct ClassifierArticleTests {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("\(UUID().uuidString).safetensors").path

  /// Circles and lines of any size, some steps of each.
  private func curves(_ count: Int, seed: UInt64) -> (sequences: [Tensor<Float>], names: [String]) {
    let random = RandomSource(seed: seed)
    var sequences: [Tensor<Float>] = []
    for i in 0..<count {
      let own = random.child(i)
      let (size, phase) = (exp(2 * own.uniform(0)), 6 * own.uniform(1))
      var numbers: [Float] = []
      for t in 0..<(8 + i % 7) {
        let angle = phase + Double(t) / 2
        numbers.append(Float(size * cos(angle)))
        numbers.append(Float(size * (i % 2 == 0 ? sin(angle) : cos(angle))))
      }
      sequences.append(Tensor(shape: [numbers.count / 2, 2], scalars: numbers))
    }
    return (sequences, (0..<count).map { $0 % 2 == 0 ? "circle" : "line" })
  }

  @Test("Sequences are learned, and others labeled")
  func classify() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (sequences, names) = curves(80, seed: 1)
    let (others, truth) = curves(40, seed: 2)

    guard let labels = LabelTable(names) else { return }
    let ids = names.compactMap { labels.id(of: $0) }
    let folds = StratifiedFolds(labels: ids, count: 5, seed: 1)

    let preparation = try NumberPreparation(sequences, columns: ["x", "y"], withShapes: true)
    let configuration = ClassifierConfiguration(hidden: 16, filters: 16)
    let networks = try (0..<2).map { fold in
      let (learned, kept) = (folds.others(than: fold), folds.parts[fold])
      func batches(_ rows: [Int], seed: UInt64?) throws -> PaddedSequences<Tensor<Float>> {
        try preparation.batches(
          rows.map { sequences[$0] }, labels: rows.map { ids[$0] }, batchSize: 16, seed: seed)
      }
      var trainer = Trainer(
        model: configuration.network(for: preparation, labels: labels.count, seed: UInt64(fold)),
        source: AugmentedSequences(
          try batches(learned, seed: 1), Augmentation(jitter: 0.05, warping: 0.2)),
        loss: CrossEntropy(), options: TrainingOptions(schedule: .constant(0.005)))
      try trainer.train(
        steps: 200, validation: try batches(kept, seed: nil), validationInterval: 50)
      return trainer.bestModel
    }

    var classifier = try NumberClassifier(
      preparation: preparation, labels: labels, members: networks)
    try classifier.calibrate(
      on: (0..<2).map { fold in
        (folds.parts[fold].map { sequences[$0] }, folds.parts[fold].map { ids[$0] })
      })
    try classifier.save(to: path)

    let model = try NumberClassifier(contentsOf: path)
    let predictions = try model.predictions(of: others)
    let sure = predictions.filter { $0.probability > 0.9 }

    let right = zip(predictions, truth).count { $0.label == $1 }
    #expect(right > 36 && !sure.isEmpty, "\(right)")

    let texts = ["win now", "see you", "win cash", "see me"]
    guard let kinds = LabelTable(["ham", "spam"]) else { return }

    let words = try TextPreparation(texts, minimumCount: 1)
    let spam = try TextClassifier(
      preparation: words, labels: kinds,
      members: [configuration.network(for: words, labels: kinds.count, seed: 1)])

    #expect(try spam.predictions(of: texts).count == 4)
  }
}
