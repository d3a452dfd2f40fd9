import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTraining

@Suite("Weights of targets")
struct TargetWeightsTests {
  private static let weights: [TargetWeights] = [
    TargetWeights(),
    TargetWeights(classes: [0.5, 2, 0, 1.25, 3]),
    TargetWeights(smoothing: 0.1),
    TargetWeights(positions: [1, 0, 0.5, 2, 1, 3]),
    TargetWeights(
      classes: [0.5, 2, 0, 1.25, 3], smoothing: 0.3, positions: [1, 0, 0.5, 2, 1, 3]),
  ]
  private let targets = Tokens(time: 3, batch: 2, ids: [4, 0, Tokens.ignored, 3, 1, 2])
  private let lengths = [3, 2]

  private func context(_ weights: TargetWeights) -> Context {
    var context = Context(lengths: lengths, threads: 2)
    context.targetWeights = weights
    return context
  }

  /// The positions that count: the fifth stream step is beyond a length, one target is ignored.
  private let counted = [0, 1, 3, 4]

  /// The loss by its definition.
  private func expected(_ logits: Tensor<Double>, _ weights: TargetWeights) -> LossSum {
    let classes = logits.columns
    let w = weights.classes ?? Array(repeating: 1, count: classes)
    var sum = LossSum()
    for i in counted {
      let z = (0..<classes).map { logits[flat: i * classes + $0] }
      let normalizer = log(z.reduce(0) { $0 + exp($1) })
      let y = z.map { $0 - normalizer }
      let (t, a, e) = (Int(targets.ids[i]), weights.positions?[i] ?? 1, weights.smoothing)
      let all = zip(w, y).reduce(0) { $0 - $1.0 * $1.1 }
      sum += LossSum(
        total: a * ((1 - e) * w[t] * -y[t] + e / Double(classes) * all), count: 1,
        weight: a * w[t])
    }
    return sum
  }

  private func noise(_ shape: [Int]) -> Tensor<Double> {
    let random = RandomSource(seed: 5)
    return Tensor(
      shape: shape, scalars: (0..<shape.reduce(1, *)).map { 4 * random.uniform($0) - 2 })
  }

  private func expectEqual(_ a: LossSum, _ b: LossSum) {
    #expect(a.count == b.count)
    #expect(abs(a.total - b.total) < 1e-12 && abs(a.weight - b.weight) < 1e-12, "\(a) \(b)")
  }

  /// By torch 2.15: `cross_entropy(z, [2, 0, -100, 1], weight=[0.5, 2, 1.25], label_smoothing=0.1)`.
  @Test("Classes and smoothing together give PyTorch's numbers")
  func pyTorch() {
    let z = Tensor<Double>(
      shape: [4, 1, 3], scalars: [0.3, -1.2, 0.8, 2, 0.1, -0.4, -0.7, 0.5, 1.1, 0.2, 0.9, -1.5])
    let targets = Tokens(time: 4, batch: 1, ids: [2, 0, Tokens.ignored, 1])
    var context = Context()
    context.targetWeights = TargetWeights(classes: [0.5, 2, 1.25], smoothing: 0.1)
    let sum = CrossEntropy<Double>().loss(z, of: targets, in: context)
    #expect(abs(sum.mean - 0.5831835596462155) < 1e-14)
    let gradient = CrossEntropy<Double>().gradient(
      z, of: targets, scale: 1 / sum.weight, in: context)
    let expected = [
      0.111624698183467, 0.008120748605079, -0.119745446788546, -0.000817101593529,
      0.000712993190597, 0.000104108402932, 0, 0, 0, 0.156151073861489, -0.174378117981581,
      0.018227044120092,
    ]
    #expect(zip(gradient.scalars, expected).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test("Cross-entropy is its definition, and its gradient its slope", arguments: weights)
  func crossEntropy(weights: TargetWeights) {
    let (z, context, loss) = (noise([3, 2, 5]), context(weights), CrossEntropy<Double>())
    expectEqual(loss.loss(z, of: targets, in: context), expected(z, weights))
    let gradient = loss.gradient(z, of: targets, scale: 0.7, in: context)
    for i in 0..<z.count {
      func total(_ delta: Double) -> Double {
        var moved = z
        moved[flat: i] += delta
        return 0.7 * expected(moved, weights).total
      }
      #expect(abs((total(1e-5) - total(-1e-5)) / 2e-5 - gradient[flat: i]) < 1e-9)
    }
  }

  @Test("So is what a last layer makes of them, by either way", arguments: weights)
  func lastLayer(weights: TargetWeights) {
    var layer = DenseSoftmax<Double>(inputSize: 4, classes: 5)
    layer.initialize(seed: 2)
    let (x, context) = (noise([3, 2, 4]), context(weights))
    var (cache, none): (_, Void) = (layer.makeCache(), ())
    let sum = layer.loss(x, of: targets, state: &none, cache: &cache, in: context)
    let dx = layer.lossBackward(scale: 0.3, state: &none, cache: &cache, in: context)
    let fused = [layer.dense.weight.gradient, layer.dense.bias.gradient, dx]

    layer.resetGradients()
    let y = layer.forward(x, state: &none, cache: &cache, in: context)
    let loss = NegativeLogLikelihood<Double>()
    expectEqual(loss.loss(y, of: targets, in: context), sum)
    let dy = loss.gradient(y, of: targets, scale: 0.3, in: context)
    let back = layer.backward(dy, state: &none, cache: &cache, in: context)
    for (a, b) in zip(fused, [layer.dense.weight.gradient, layer.dense.bias.gradient, back]) {
      #expect(zip(a.scalars, b.scalars).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    var logits = x.reshaped([6, 4])
    logits = Tensor.product(
      logits.matrix, PackedMatrix(layer.dense.weight.value.transposed), bias: layer.dense.bias.value
    )
    expectEqual(sum, expected(logits.reshaped([3, 2, 5]), weights))
  }

  @Test("Losses of numbers take the weights of positions")
  func numbers() {
    let (y, target) = (noise([3, 2, 2]), Tensor<Double>(shape: [3, 2, 2]))
    let context = context(TargetWeights(positions: [1, 0, 0.5, 2, 1, 3]))
    let sum = MeanSquaredError<Double>().loss(y, of: target, in: context)
    let gradient = MeanSquaredError<Double>().gradient(y, of: target, scale: 0.5, in: context)
    var total = 0.0
    for (i, a) in [1, 0, 0.5, 2, 1, 0].enumerated() {
      for f in 0..<2 {
        total += a * y[flat: 2 * i + f] * y[flat: 2 * i + f]
        #expect(abs(gradient[flat: 2 * i + f] - a * y[flat: 2 * i + f]) < 1e-12)
      }
    }
    #expect(abs(sum.total - total) < 1e-12 && sum.weight == 9 && sum.count == 10)
  }

  @Test("What are no weights stops the program")
  func misfits() async {
    await #expect(processExitsWith: .failure) { _ = TargetWeights(classes: [1, -1]) }
    await #expect(processExitsWith: .failure) { _ = TargetWeights(smoothing: 1) }
    await #expect(processExitsWith: .failure) {
      var context = Context()
      context.targetWeights.positions = [1]
      let targets = Tokens(time: 1, batch: 2, ids: [0, 1])
      _ = CrossEntropy<Float>().loss(Tensor(shape: [1, 2, 3]), of: targets, in: context)
    }
  }

  private typealias Classifier = Sequential<Tensor<Float>, Tensor<Float>, Float>

  /// Labels, one of ten of class 1, that no input tells.
  private struct Labels: BatchSource {
    var position = 0
    var weights: [Double]?
    let batchesPerEpoch = 1
    let batchSize = 10

    mutating func next() -> Batch<Tensor<Float>, Tokens> {
      position += 1
      return Batch(
        input: Tensor(shape: [1, 10, 1], repeating: 1),
        target: Tokens(time: 1, batch: 10, ids: [1] + Array(repeating: 0, count: 9)),
        weights: weights)
    }
  }

  private func probability(
    _ source: Labels, _ options: TrainingOptions<Float>
  ) throws -> Double {
    let model = Classifier(seed: 1) { DenseSoftmax(inputSize: 1, classes: 2) }
    var (options, source) = (options, source)
    options.schedule = .constant(0.05)
    var trainer = Trainer(model: model, source: source, options: options)
    try trainer.train(steps: 600)
    return exp(Double(trainer.model(source.next().input, batch: 10)[0, 0, 1]))
  }

  @Test("A trainer learns the frequencies that the weights make")
  func training() throws {
    func learned(_ options: TrainingOptions<Float>, weights: [Double]? = nil) throws -> Double {
      try probability(Labels(weights: weights), options)
    }
    #expect(abs(try learned(TrainingOptions()) - 0.1) < 0.01)
    #expect(abs(try learned(TrainingOptions(classWeights: [1, 9])) - 0.5) < 0.01)
    #expect(
      abs(try learned(TrainingOptions(labelSmoothing: 0.2)) - (0.8 * 0.1 + 0.1)) < 0.01)
    let positions = [3.0] + Array(repeating: 1, count: 9)
    #expect(abs(try learned(TrainingOptions(), weights: positions) - 0.25) < 0.01)
    let twice = TrainingOptions<Float>(accumulation: 2, classWeights: [1, 9])
    #expect(abs(try learned(twice) - 0.5) < 0.01)
  }

  @Test("Validation counts classes as 1, and positions by their weights")
  func validation() throws {
    let model = Classifier(seed: 1) { DenseSoftmax(inputSize: 1, classes: 2) }
    func validated(_ options: TrainingOptions<Float>, _ weights: [Double]?) throws -> LossSum {
      let trainer = Trainer(model: model, source: Labels(), options: options)
      return try trainer.validate(Labels(weights: weights))
    }
    let plain = try validated(TrainingOptions(), nil)
    #expect(
      try validated(TrainingOptions(classWeights: [1, 9], labelSmoothing: 0.2), nil) == plain)
    let first = try validated(TrainingOptions(), [1] + Array(repeating: 0, count: 9))
    #expect(first.weight == 1 && first.count == 10 && first.mean != plain.mean)
  }
}
