import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTraining

/// Padded sequences of random tokens, to be told apart by the first: even or odd.
private struct Parities: BatchSource {
  var position = 0
  let batchesPerEpoch = 10
  let batchSize = 8

  mutating func next() -> Batch<Tokens, Tokens> {
    let random = RandomSource(seed: 7).child(position)
    position += 1
    let ids = (0..<(6 * 8)).map { Int32(random.bits($0) % 6) }
    return Batch(
      input: Tokens(time: 6, batch: 8, ids: ids),
      target: Tokens(time: 1, batch: 8, ids: ids.prefix(8).map { $0 % 2 }),
      lengths: (0..<8).map { 1 + Int(random.bits(100 + $0) % 6) })
  }
}

@Suite("Sequences are classified")
struct ClassificationTests {
  private typealias Model = Sequential<Tokens, Tensor<Float>, Float>

  private func lossAfterTraining(_ model: Model) throws -> Double {
    var trainer = Trainer(
      model: model, source: Parities(),
      options: TrainingOptions(optimizer: Adam<Float>(), schedule: .constant(0.02)))
    #expect(try trainer.trainStep().loss > 0.5)
    try trainer.train(untilStep: 150)
    return try trainer.validate(Parities()).mean
  }

  @Test("by the last step of a recurrent layer")
  func lastStep() throws {
    let model = Model(seed: 1) {
      Embedding(vocabularySize: 6, dimension: 8)
      Dropout(rate: 0.1, mask: .perSequence)
      LSTM(inputSize: 8, hiddenSize: 16)
      LastStep()
      DenseSoftmax(inputSize: 16, classes: 2)
    }
    #expect(try lossAfterTraining(model) < 0.1)
  }

  @Test("by what both directions and attention gathered, pooled over time")
  func attention() throws {
    let model = Model(seed: 1) {
      Embedding(vocabularySize: 6, dimension: 8)
      Bidirectional(merging: .sum) { LSTM(inputSize: 8, hiddenSize: 16) }
      Residual {
        LayerNorm(inputSize: 16)
        SelfAttention(inputSize: 16, heads: 4)
      }
      Residual {
        LayerNorm(inputSize: 16)
        Dense(inputSize: 16, outputSize: 16)
        Activation(.relu)
      }
      MaxOverTime()
      DenseSoftmax(inputSize: 16, classes: 2)
    }
    #expect(try lossAfterTraining(model) < 0.1)
  }

  @Test("by a loss of their log-probabilities as by the last layer")
  func losses() throws {
    let model = Model(seed: 1) {
      Embedding(vocabularySize: 6, dimension: 8)
      MeanOverTime()
      DenseSoftmax(inputSize: 8, classes: 2)
    }
    var fused = Trainer(
      model: model, source: Parities(),
      options: TrainingOptions(optimizer: SGD<Float>(), schedule: .constant(0.1)))
    var unfused = Trainer(
      model: model, source: Parities(), loss: NegativeLogLikelihood(),
      options: TrainingOptions(optimizer: SGD<Float>(), schedule: .constant(0.1)))
    for _ in 0..<5 {
      let (a, b) = (try fused.trainStep(), try unfused.trainStep())
      #expect(abs(a.loss - b.loss) < 1e-6)
      #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-6)
    }
  }
}
