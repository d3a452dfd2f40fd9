import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollTraining

@Suite("What a trainer may be told")
struct TrainingOptionsTests {
  typealias Model = Sequential<Tokens, Tensor<Double>, Double>

  /// The same sequences, some to a batch.
  struct Sequences: BatchSource {
    let all: Tokens
    let batchSize: Int
    var position = 0
    var batchesPerEpoch: Int { all.batch / batchSize }

    mutating func next() -> Batch<Tokens, Tokens> {
      let first = position % batchesPerEpoch * batchSize
      position += 1
      let ids = (0..<all.time).flatMap { t in
        all.ids[(t * all.batch + first)..<(t * all.batch + first + batchSize)]
      }
      // Some targets do not count, more in some batches than in others.
      let targets = ids.enumerated().map { $0.element == 3 ? Tokens.ignored : $0.element }
      return Batch(
        input: Tokens(time: all.time, batch: batchSize, ids: ids),
        target: Tokens(time: all.time, batch: batchSize, ids: targets))
    }
  }

  private func source(_ batchSize: Int) -> Sequences {
    let random = RandomSource(seed: 4)
    let ids = (0..<(5 * 32)).map { Int32(random.uniform($0) * random.uniform($0 + 500) * 7) }
    return Sequences(all: Tokens(time: 5, batch: 32, ids: ids), batchSize: batchSize)
  }

  private func trainer(
    batch: Int = 8, optimizer: any Optimizer<Double> = Adam<Double>()
  ) -> Trainer<Sequential<Tokens, Tensor<Double>, Double>, Sequences> {
    let model = Model(seed: 2) {
      Embedding<Double>(vocabularySize: 7, dimension: 4)
      LSTM<Double>(inputSize: 4, hiddenSize: 5)
      DenseSoftmax<Double>(inputSize: 5, classes: 7)
    }
    return Trainer(
      model: model, source: source(batch),
      options: TrainingOptions(
        optimizer: optimizer, schedule: .constant(0.01), clipping: .globalNorm(0.1)))
  }

  @Test("Four batches of 8 make the step that one of 32 makes, to 1e-12")
  func accumulation() throws {
    var (one, four) = (trainer(batch: 32), trainer(batch: 8))
    four.options.accumulation = 4
    for _ in 0..<6 {
      let (a, b) = (try one.trainStep(), try four.trainStep())
      #expect(abs(a.loss - b.loss) < 1e-12 && abs(a.gradientNorm - b.gradientNorm) < 1e-12)
      #expect(a.positions == b.positions)
    }
    for (a, b) in zip(one.model.parameters, four.model.parameters) {
      #expect(difference(a.value, b.value) < 1e-12, "\(a.name)")
    }
  }

  @Test("Frozen parameters stay, and have no part in the norm; others learn at their own rate")
  func groups() throws {
    var trainer = trainer(optimizer: SGD<Double>(weightDecay: 0.5))
    trainer.options.clipping = .none
    trainer.options.groups = [
      .frozen("0.*"), ParameterGroup("1.weight_*", learningRate: 0.5, weightDecay: 0),
      ParameterGroup("*.bias", weightDecay: 2),
    ]
    let before = trainer.model.parameters
    let report = try trainer.trainStep()
    var squares = 0.0
    var model = trainer.model
    model.visitParameters { squares += $1.gradient.sumOfSquares() }
    #expect(abs(squares.squareRoot() - report.gradientNorm) < 1e-12)
    var index = 0
    model.visitParameters { name, parameter in
      let old = before[index].value
      index += 1
      let expected =
        switch name {
        case "0.weight": old
        case "1.weight_ih", "1.weight_hh": old - parameter.gradient * 0.005
        case "1.bias", "2.bias": old - (parameter.gradient + old * 2) * 0.01
        default: old - (parameter.gradient + old * 0.5) * 0.01
        }
      #expect(difference(parameter.value, expected) < 1e-15, "\(name)")
    }
    #expect(index == 6)
  }

  @Test(
    "Names of groups",
    arguments: [
      ("0.*", "0.weight", true), ("0.*", "10.weight", false), ("*", "x", true),
      ("*.bias", "3.bias", true), ("*.bias", "3.bias_hn", false), ("1.*_hh", "1.weight_hh", true),
      ("*.0.*.w*", "2.0.1.weight", true), ("bias", "1.bias", false), ("a*a", "a", false),
    ])
  func names(pattern: String, name: String, expected: Bool) {
    #expect(ParameterGroup(pattern).has(name) == expected)
  }

  @Test("The average follows the weights, and is what is validated")
  func averaging() throws {
    var trainer = trainer()
    trainer.options.averagingDecay = 0.75
    var expected = trainer.model.parameters.map(\.value)
    for t in 1...9 {
      _ = try trainer.trainStep()
      let kept = min(0.75, (1 + Double(t)) / (10 + Double(t)))
      for (i, parameter) in trainer.model.parameters.enumerated() {
        expected[i] =
          t == 1 ? parameter.value : expected[i] * kept + parameter.value * (1 - kept)
      }
    }
    let averaged = trainer.averagedModel
    for (i, parameter) in averaged.parameters.enumerated() {
      #expect(difference(parameter.value, expected[i]) < 1e-12)
    }
    var plain = self.trainer()
    let loss = try trainer.validate(source(8)).mean
    #expect(try loss != plain.validate(source(8)).mean)
    try plain.train(untilStep: 9)
    #expect(
      plain.model.parameters.map(\.value) == trainer.model.parameters.map(\.value),
      "the average does not change training")
  }

  @Test("The best weights are kept, patience ends a run, a plateau slows it down")
  func plateau() throws {
    var trainer = trainer(optimizer: SGD<Double>())
    trainer.options.schedule = .sequence(.constant(0.5), steps: 6, then: .constant(-0.5))
    trainer.options.clipping = .none
    trainer.options.patience = 4
    trainer.options.plateau = ReduceOnPlateau(factor: 0.1, patience: 1)
    try trainer.train(
      untilStep: 100, validation: source(8), validationInterval: 1)
    let best = try #require(trainer.best)
    #expect(best.step == 6 && trainer.step == 10)
    #expect(abs((trainer.plateau?.scale ?? 1) - 0.01) < 1e-15)
    #expect(try trainer.validate(source(8)).mean > best.loss)
    #expect(trainer.bestModel.parameters.map(\.value) == best.model.parameters.map(\.value))
    var check = self.trainer(optimizer: SGD<Double>())
    check.options.schedule = .constant(0.5)
    check.options.clipping = .none
    try check.train(untilStep: 6)
    #expect(check.model.parameters.map(\.value) == best.model.parameters.map(\.value))
  }
}
