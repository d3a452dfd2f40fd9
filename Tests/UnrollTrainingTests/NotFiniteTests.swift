import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollSeries
import UnrollTraining

/// A number that is none, planted wherever one may come from: training stops at that step, says where
/// it came from, stands where it stood before the step, and its checkpoints stay.
@Suite("Numbers that are none")
struct NotFiniteTests {
  typealias Model = Sequential<Tensor<Float>, Tensor<Float>, Float>

  /// Windows of which one batch has a NaN in its input or its target.
  struct Windows: BatchSource {
    enum Place: CaseIterable { case input, target }

    var windows: SequenceWindows
    var poisoned: Int?
    var place = Place.input
    private var drawn = 0

    init(poisoned: Int? = nil, in place: Place = .input) throws {
      let waves = (0..<120).flatMap { t in [3.0, 5.0].map { Float(sin(Double(t) / $0)) } }
      windows = try SequenceWindows(
        Tensor(shape: [120, 2], scalars: waves), shape: WindowShape(length: 6, horizon: 1),
        batchSize: 4)
      self.poisoned = poisoned
      self.place = place
    }

    var position: SourcePosition {
      get { windows.position }
      set { windows.position = newValue }
    }
    var batchSize: Int { windows.batchSize }
    var batchesPerEpoch: Int { windows.batchesPerEpoch }

    func canResume(at position: SourcePosition) -> Bool { windows.canResume(at: position) }

    mutating func next() -> Batch<Tensor<Float>, Tensor<Float>> {
      var batch = windows.next()
      drawn += 1
      guard drawn == poisoned else { return batch }
      switch place {
      case .input: batch.input[3, 2, 1] = .nan
      case .target: batch.target[2, 1] = .nan
      }
      return batch
    }
  }

  /// Hands numbers on, and from some forward pass on what is not finite.
  struct Poison: StatelessLayer {
    typealias Element = Float
    var isForward = false
    var isBackward = false

    func forward(
      _ x: Tensor<Float>, cache: inout Void, in context: Context
    ) -> Tensor<Float> { isForward ? x * .infinity : x }

    func backward(
      _ gradient: Tensor<Float>, cache: inout Void, in context: Context
    ) -> Tensor<Float> { isBackward ? gradient * .nan : gradient }
  }

  /// A loss that is not finite, of an output that is.
  struct NoLoss: Loss {
    func loss(
      _ output: Tensor<Float>, of target: Tensor<Float>, in context: Context
    ) -> LossSum { LossSum(total: .infinity, count: output.count) }

    func gradient(
      _ output: Tensor<Float>, of target: Tensor<Float>, scale: Double, in context: Context
    ) -> Tensor<Float> { output }
  }

  private func model(_ poison: Poison = Poison()) -> Model {
    Model(seed: 2) {
      GRU(inputSize: 2, hiddenSize: 7)
      poison
      LSTM(inputSize: 7, hiddenSize: 5)
      LastStep()
      Dense(inputSize: 5, outputSize: 2)
    }
  }

  private func trainer(
    _ model: Model? = nil, _ source: Windows? = nil,
    loss: some Loss<Tensor<Float>, Tensor<Float>> = MeanSquaredError<Float>()
  ) throws -> Trainer<Sequential<Tensor<Float>, Tensor<Float>, Float>, Windows> {
    Trainer(
      model: model ?? self.model(), source: try source ?? Windows(), loss: loss,
      options: TrainingOptions(optimizer: Adam<Float>(), schedule: .constant(0.01)))
  }

  @Test(
    "In data: the step is named, and the run goes on from its last checkpoint",
    arguments: Windows.Place.allCases, [1, 3])
  func data(place: Windows.Place, accumulation: Int) throws {
    let folder = try TemporaryFolder()
    let checkpoints = CheckpointFolder(folder.file("checkpoints"))
    var trainer = try trainer(nil, Windows(poisoned: 6 * accumulation, in: place))
    trainer.options.accumulation = accumulation
    var whole = try self.trainer()
    whole.options.accumulation = accumulation
    try whole.train(untilStep: 5)

    let error = #expect(throws: TrainingError.self) {
      try trainer.train(untilStep: 20, observers: [Checkpoints(checkpoints, every: 2)])
    }
    #expect(error == TrainingError(quantity: .data, step: 6))
    #expect(error?.description.contains("data of step 6") == true)
    #expect(trainer.step == 5 && trainer.source.position == whole.source.position)
    #expect(trainer.model.parameters.map(\.value) == whole.model.parameters.map(\.value))

    var resumed = try self.trainer()
    resumed.options.accumulation = accumulation
    var registry = LayerRegistry<Float>.standard
    registry.register(Poison.self)
    let found = try checkpoints.withNewest { try resumed.resume(from: $0, registry: registry) }
    #expect(found.step == 4 && found.refused.isEmpty)
    try resumed.train(untilStep: 5)
    #expect(resumed.model.parameters.map(\.value) == whole.model.parameters.map(\.value))
  }

  private func expectError(
    _ expected: TrainingError, _ words: String, from model: Model,
    loss: some Loss<Tensor<Float>, Tensor<Float>> = MeanSquaredError<Float>()
  ) throws {
    var trainer = try trainer(model, loss: loss)
    let position = trainer.source.position
    let error = #expect(throws: TrainingError.self) { try trainer.trainStep() }
    #expect(error == expected)
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    #expect(error?.description.contains("\n") == false)
    #expect(trainer.source.position == position && trainer.step == 0)
    var (before, after) = (model, trainer.model)
    var values: [[UInt32]] = []
    before.visitParameters { values.append($1.value.scalars.map(\.bitPattern)) }
    after.visitParameters { #expect(values.removeFirst() == $1.value.scalars.map(\.bitPattern)) }
  }

  @Test("In weights: the layer and the parameter are named", arguments: [Float.nan, .infinity])
  func weights(value: Float) throws {
    var model = model()
    model.visitParameters { if $0 == "2.weight_hh" { $1.value[3, 4] = value } }
    try expectError(
      TrainingError(
        quantity: .weights, step: 1, layer: .init(2, "LSTM"), parameter: "2.weight_hh"),
      "'2.weight_hh' of layer 2, LSTM", from: model)
  }

  @Test("In weights that a step takes out of their range: they are named at that step")
  func overflow() throws {
    var trainer = try trainer()
    trainer.options.optimizer = SGD<Float>()
    trainer.options.schedule = .constant(1e39)
    let error = #expect(throws: TrainingError.self) { try trainer.trainStep() }
    #expect(error?.quantity == .weights && error?.step == 1 && error?.parameter != nil)
    #expect(error?.description.contains("was not done") == false)
  }

  @Test("In a gradient: the layer that it came back to first is named, and the parameter")
  func gradient() throws {
    try expectError(
      TrainingError(
        quantity: .gradient, step: 1, layer: .init(0, "GRU"), parameter: "0.bias_hn"),
      "'0.bias_hn' of layer 0, GRU", from: model(Poison(isBackward: true)))
  }

  /// Hands numbers on, and a gradient of which one number is this.
  struct Spoil: StatelessLayer {
    typealias Element = Float
    var value: Float

    func forward(
      _ x: Tensor<Float>, cache: inout Void, in context: Context
    ) -> Tensor<Float> { x }

    func backward(
      _ gradient: Tensor<Float>, cache: inout Void, in context: Context
    ) -> Tensor<Float> {
      var gradient = gradient
      gradient[flat: 0] = value
      return gradient
    }

    // Numbers that are none have no form in JSON.
    init(_ value: Float) { self.value = value }
    init(from decoder: any Decoder) throws { value = 0 }
    func encode(to encoder: any Encoder) throws {}
  }

  @Test(
    "In a gradient: clipping of no kind hides which layer it came back to",
    arguments: [Float.nan, .infinity, -.infinity],
    [GradientClipping.none, .globalNorm(5), .value(0.5), .value(.infinity)])
  func clipped(value: Float, clipping: GradientClipping) throws {
    // Behind each layer that has parameters; what is to blame is the last of those.
    let blamed = ["0.bias_hn", "1.bias", "2.weight_hh", "4.bias"]
    for (position, name) in blamed.enumerated() {
      let model = Model(seed: 2) {
        GRU(inputSize: 2, hiddenSize: 7)
        if position == 0 { Spoil(value) }
        Dense(inputSize: 7, outputSize: 6)
        if position == 1 { Spoil(value) }
        RNN(inputSize: 6, hiddenSize: 5)
        if position == 2 { Spoil(value) }
        LastStep()
        Dense(inputSize: 5, outputSize: 2)
        if position == 3 { Spoil(value) }
      }
      var trainer = try trainer(model)
      trainer.options.clipping = clipping
      let error = #expect(throws: TrainingError.self) { try trainer.trainStep() }
      #expect(error?.quantity == .gradient && error?.parameter == name, "\(position)")
      #expect(error?.layer?.kind == ["GRU", "Dense", "RNN", "Dense"][position])
      #expect(trainer.step == 0)
    }
  }

  @Test("In what a layer gives: it is named")
  func output() throws {
    try expectError(
      TrainingError(quantity: .loss, step: 1, layer: .init(1, "Poison")),
      "the output of layer 1, Poison", from: model(Poison(isForward: true)))
  }

  @Test("In the loss alone: no layer is named")
  func loss() throws {
    try expectError(
      TrainingError(quantity: .loss, step: 1), "the loss of step 1 is not finite; the step was",
      from: model(), loss: NoLoss())
  }
}
