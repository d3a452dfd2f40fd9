import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("A sequence pooled to one vector")
struct PoolingTests {
  typealias Model = Sequential<Tensor<Double>, Tensor<Double>, Double>
  typealias Classifier = Sequential<Tokens, Tensor<Double>, Double>

  /// Three steps of two streams of two features.
  private let x = Tensor<Double>(
    shape: [3, 2, 2], scalars: [1, 8, 3, 5, 4, 2, 7, 5, 4, 8, 9, 0])

  private func pooled(_ model: Model, _ lengths: [Int]?) -> [Double] {
    var (state, cache) = (model.makeState(batch: 2), model.makeCache())
    return model.forward(
      x, state: &state, cache: &cache, in: Context(.inference, lengths: lengths)
    ).scalars
  }

  private func inputGradient(_ model: Model, _ lengths: [Int]?) -> Tensor<Double> {
    Training(model, x, batch: 2, Context(lengths: lengths)) { _ in
      Tensor(shape: [2, 2], scalars: [6, 12, 18, 24])
    }.input
  }

  @Test("LastStep")
  func lastStep() {
    let model = Model { LastStep<Double>() }
    #expect(pooled(model, nil) == [4, 8, 9, 0])
    #expect(pooled(model, [1, 2]) == [1, 8, 7, 5])
    #expect(pooled(model, [0, 3]) == [0, 0, 9, 0])
    #expect(inputGradient(model, [0, 2]).scalars == [0, 0, 0, 0, 0, 0, 18, 24, 0, 0, 0, 0])
  }

  @Test("BothEnds")
  func bothEnds() {
    let model = Model { BothEnds<Double>() }
    #expect(pooled(model, nil) == [4, 8, 9, 5])
    #expect(pooled(model, [1, 2]) == [1, 8, 7, 5])
    #expect(pooled(model, [0, 3]) == [0, 0, 9, 5])
    #expect(inputGradient(model, nil).scalars == [0, 12, 0, 24, 0, 0, 0, 0, 6, 0, 18, 0])
    #expect(inputGradient(model, [1, 2]).scalars == [6, 12, 0, 24, 0, 0, 18, 0, 0, 0, 0, 0])
    #expect(inputGradient(model, [0, 1]).scalars == [0, 0, 18, 24, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test("BothEnds stops the program where there are no two halves")
  func noHalves() async {
    await #expect(processExitsWith: .failure) { _ = BothEnds<Float>()(Tensor(shape: [2, 1, 3])) }
    #expect(throws: ShapeError.self) { try BothEnds<Float>().outputShape(of: [2, 1, 3]) }
    #expect((try? BothEnds<Float>().outputShape(of: [2, 5, 4])) == [5, 4])
  }

  @Test("MeanOverTime")
  func mean() {
    let model = Model { MeanOverTime<Double>() }
    #expect(pooled(model, nil) == [3, 6, 19.0 / 3, 10.0 / 3])
    #expect(pooled(model, [1, 2]) == [1, 8, 5, 5])
    #expect(pooled(model, [0, 3]) == [0, 0, 19.0 / 3, 10.0 / 3])
    #expect(inputGradient(model, [3, 2]).scalars == [2, 4, 9, 12, 2, 4, 9, 12, 2, 4, 0, 0])
  }

  @Test("MaxOverTime, whose gradient goes to the first of equals")
  func max() {
    let model = Model { MaxOverTime<Double>() }
    #expect(pooled(model, nil) == [4, 8, 9, 5])
    #expect(pooled(model, [1, 2]) == [1, 8, 7, 5])
    #expect(pooled(model, [0, 3]) == [0, 0, 9, 5])
    #expect(inputGradient(model, nil).scalars == [0, 12, 0, 24, 6, 0, 0, 0, 0, 0, 18, 0])
    #expect(inputGradient(model, [0, 2]).scalars == [0, 0, 0, 24, 0, 0, 18, 0, 0, 0, 0, 0])
  }

  @Test("A value that is no number is not lost", arguments: [0, 1, 2])
  func notANumber(step: Int) {
    var x: Tensor<Float> = noise([3, 1, 2])
    x[step, 0, 1] = .nan
    let y = MaxOverTime()(x)
    #expect(!y[0, 0].isNaN)
    #expect(y[0, 1].isNaN)
  }

  @Test("has the right gradients", arguments: [nil, [3, 2], [0, 1]] as [[Int]?])
  func gradients(lengths: [Int]?) {
    let context = Context(lengths: lengths)
    let x: Tensor<Double> = noise([3, 2, 4])
    expectGradients(of: LastStep<Double>(), x, context)
    expectGradients(of: BothEnds<Double>(), x, context)
    expectGradients(of: MeanOverTime<Double>(), x, context)
    expectGradients(of: MaxOverTime<Double>(), x, context)
  }

  @Test("does not let padding leak")
  func padding() {
    expectPaddingDoesNotLeak(LastStep(), features: 3)
    expectPaddingDoesNotLeak(BothEnds(), features: 4)
    expectPaddingDoesNotLeak(
      Bidirectional {
        GRU(inputSize: 3, hiddenSize: 2)
        LastStep()
      }, features: 3)
    expectPaddingDoesNotLeak(MeanOverTime(), features: 3)
    expectPaddingDoesNotLeak(MaxOverTime(), features: 3)
  }

  private func classifier(_ pooling: any Layer<Double>.Type) -> Classifier {
    Classifier(seed: 2) {
      Embedding<Double>(vocabularySize: 7, dimension: 4)
      LSTM<Double>(inputSize: 4, hiddenSize: 5)
      if pooling == LastStep<Double>.self {
        Sequential { LastStep<Double>() }
      } else {
        Sequential { MeanOverTime<Double>() }
      }
      LayerNorm<Double>(inputSize: 5)
      Activation<Double>(.tanh)
      Dropout<Double>(rate: 0.2, mask: .perSequence)
      DenseSoftmax<Double>(inputSize: 5, classes: 6)
    }
  }

  private let tokens = Tokens(time: 3, batch: 2, ids: [6, 0, 3, 3, 1, 6])

  @Test("makes a classifier of sequences", arguments: [nil, [3, 1], [0, 2]] as [[Int]?])
  func classifierGradients(lengths: [Int]?) {
    for pooling in [LastStep<Double>.self, MeanOverTime<Double>.self] as [any Layer<Double>.Type] {
      expectGradients(of: classifier(pooling), tokens, Context(lengths: lengths))
    }
  }

  @Test("leaves one target for each stream, of whatever length", arguments: [[3, 1], [0, 2]])
  func loss(lengths: [Int]) throws {
    var model = classifier(LastStep<Double>.self)
    #expect(try model.outputShape(of: [3, 2]) == [2, 6])
    #expect(!model.isCausal)
    let targets = Tokens(time: 1, batch: 2, ids: [4, 2])
    let context = Context(lengths: lengths)
    let unfused = Training(model, tokens, batch: 2, context) { y in
      var dy = Tensor<Double>(shape: y.shape)
      (dy[0, 4], dy[1, 2]) = (-1, -1)
      return dy
    }
    var (state, cache) = (model.makeState(batch: 2), model.makeCache())
    let sum = model.loss(tokens, of: targets, state: &state, cache: &cache, in: context)
    var stateGradient = model.zeros(like: state)
    model.resetGradients()
    _ = model.lossBackward(scale: 1, state: &stateGradient, cache: &cache, in: context)
    #expect(sum.count == 2)
    #expect(abs(sum.total + unfused.output[0, 4] + unfused.output[1, 2]) < 1e-12)
    model.visitParameters { name, parameter in
      let expected = unfused.gradients[name] ?? Tensor(shape: [0])
      #expect(difference(parameter.gradient, expected) < 1e-12, "\(name)")
    }
  }

  @Test("leaves out a target that is ignored")
  func ignored() {
    let model = classifier(LastStep<Double>.self)
    var (state, cache) = (model.makeState(batch: 2), model.makeCache())
    let sum = model.loss(
      tokens, of: Tokens(time: 1, batch: 2, ids: [Tokens.ignored, 2]), state: &state,
      cache: &cache, in: Context(.inference, lengths: [3, 1]))
    #expect(sum.count == 1)
  }

  @Test("stops the program where there is no sequence")
  func preconditions() async {
    await #expect(processExitsWith: .failure) { _ = LastStep<Float>()(Tensor(shape: [3, 4])) }
    await #expect(processExitsWith: .failure) { _ = MeanOverTime<Float>()(Tensor(shape: [3, 4])) }
    await #expect(processExitsWith: .failure) { _ = MaxOverTime<Float>()(Tensor(shape: [3, 4])) }
    #expect(throws: ShapeError.self) { try MaxOverTime<Float>().outputShape(of: [3, 4]) }
  }
}
