// What somebody outside writes: only public interfaces are imported, without @testable.
import Foundation
import Testing
import Unroll
import UnrollModels
import UnrollTesting

/// y = s * x, one scale for each feature.
struct Scale<Element: Scalar>: StatelessLayer {
  var scale: Parameter<Element>

  init(features: Int) { scale = Parameter([features], .ones) }

  func makeCache() -> Tensor<Element>? { nil }

  func forward(
    _ x: Tensor<Element>, cache: inout Tensor<Element>?, in context: Context
  ) -> Tensor<Element> {
    if context.mode == .training { cache = x }
    return x.scalingColumns(by: scale.value)
  }

  mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Tensor<Element>?, in context: Context
  ) -> Tensor<Element> {
    guard let x = cache.take() else { fatalError("Scale: backward before forward") }
    scale.gradient.addRowSums(of: gradient * x)
    return gradient.scalingColumns(by: scale.value)
  }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try visit("scale", &scale)
  }
}

/// A wrapper: the layers inside, their output halved.
struct Halved<Element: Scalar>: Layer {
  typealias Inner = Sequential<Tensor<Element>, Tensor<Element>, Element>
  var inner: Inner

  init(
    @LayerBuilder<Element> _ build: () -> LayerStack<Tensor<Element>, Tensor<Element>, Element>
  ) {
    inner = Inner(build)
  }

  func makeState(batch: Int) -> Inner.State { inner.makeState(batch: batch) }
  func makeCache() -> Inner.Cache { inner.makeCache() }

  func forward(
    _ x: Tensor<Element>, state: inout Inner.State, cache: inout Inner.Cache, in context: Context
  ) -> Tensor<Element> {
    inner.forward(x, state: &state, cache: &cache, in: context.child(0)) * 0.5
  }

  mutating func backward(
    _ gradient: Tensor<Element>, state: inout Inner.State, cache: inout Inner.Cache,
    in context: Context
  ) -> Tensor<Element> {
    inner.backward(gradient * 0.5, state: &state, cache: &cache, in: context.child(0))
  }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try inner.visitParameters(visit)
  }

  func visitState(
    _ state: inout Inner.State, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    try inner.visitState(&state, visit)
  }
}

/// h_t = (1 - z) h_{t-1} + z g with z = sigmoid(a_z), g = tanh(a_g + U h_{t-1}): in Swift alone.
struct LeakyCell<Element: Scalar>: RecurrentCell {
  var projection: InputProjection<Element>
  var weight: Parameter<Element>

  init(inputSize: Int, hiddenSize: Int) {
    projection = InputProjection(inputSize: inputSize, outputSize: 2 * hiddenSize)
    weight = Parameter([hiddenSize, hiddenSize], .orthogonal)
  }

  var hiddenSize: Int { weight.shape[0] }
  var outputSize: Int { hiddenSize }
  var savedSizes: [String: Int] { ["zg": 2 * hiddenSize] }

  func step(_ t: Int, _ run: inout CellRun<Element>) {
    let (H, a, h) = (hiddenSize, run.projected.step(t), run.state.step(t))
    let z = a.columns(0..<H).sigmoid()
    let g = (a.columns(H..<(2 * H)) + .product(h.matrix, weight.value.transposed)).tanh()
    run.saved["zg"].setStep(t, to: .concatenatingColumns(z, g))
    run.state.setStep(t + 1, to: h + z * (g - h))
  }

  func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (H, h, dh) = (hiddenSize, run.state.step(t), run.gradient)
    let z = run.saved["zg"].step(t).columns(0..<H)
    let g = run.saved["zg"].step(t).columns(H..<(2 * H))
    let dz = dh * (g - h) * z * (1 - z)
    let dg = dh * z * (1 - g * g)
    run.projected.setStep(t, to: .concatenatingColumns(dz, dg))
    run.gradient = dh * (1 - z) + .product(dg.matrix, weight.value.matrix)
  }

  mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    let dg = run.projected.columns(hiddenSize..<(2 * hiddenSize))
    weight.gradient.addProduct(
      dg.transposed, run.state.steps(0..<run.steps).matrix, threads: threads)
  }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters(visit)
    try visit("weight_hh", &weight)
  }
}

/// A cell around a cell of any kind: its state leaks away by half at every step.
struct FadingCell<Element: Scalar>: CellWrapper {
  var cell: AnyCell<Element>

  init(_ cell: any RecurrentCell<Element>) { self.cell = AnyCell(cell) }

  func step(_ t: Int, _ run: inout CellRun<Element>) {
    cell.cell.step(t, &run)
    run.state.setStep(t + 1, to: run.state.step(t + 1) * 0.5)
  }

  func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    run.gradient *= 0.5
    cell.cell.stepBackward(t, &run)
  }
}

extension LayerRegistry {
  static var withOutside: LayerRegistry {
    var registry = standard
    registry.register(Scale<Element>.self)
    registry.register(Halved<Element>.self)
    registry.register(LeakyCell<Element>.self)
    registry.register(FadingCell<Element>.self)
    return registry
  }
}

@Suite("Layers and cells from outside")
struct ExtensionTests {
  private func network(_ vocabulary: Int) -> LanguageModel.Network {
    Sequential(seed: 1) {
      Embedding(vocabularySize: vocabulary, dimension: 8)
      Recurrent(LeakyCell<Float>(inputSize: 8, hiddenSize: 24))
      Scale(features: 24)
      Halved { LSTM(inputSize: 24, hiddenSize: 24) }
      Recurrent(FadingCell<Float>(LeakyCell<Float>(inputSize: 24, hiddenSize: 24)))
      Recurrent(LeakyCell<Float>(inputSize: 24, hiddenSize: 20))
      DenseSoftmax(inputSize: 20, classes: vocabulary)
    }
  }

  private func path() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("outside-\(UUID().uuidString).safetensors").path
  }

  @Test("have the right gradients, also with lengths", arguments: [nil, [3, 2]] as [[Int]?])
  func gradients(lengths: [Int]?) {
    let model = Sequential<Tensor<Double>, Tensor<Double>, Double>(seed: 2) {
      Scale<Double>(features: 4)
      Halved<Double> { Recurrent(LeakyCell<Double>(inputSize: 4, hiddenSize: 5)) }
      Bidirectional<Double> { Recurrent(LeakyCell<Double>(inputSize: 5, hiddenSize: 3)) }
      Recurrent(FadingCell<Double>(LeakyCell<Double>(inputSize: 6, hiddenSize: 7)))
    }
    let random = RandomSource(seed: 1)
    let x = Tensor(shape: [3, 2, 4], scalars: (0..<24).map { random.uniform($0) - 0.5 })
    let errors = gradientErrors(of: model, input: x, context: Context(lengths: lengths))
    #expect(errors.count == 18)
    for error in errors { #expect(error.error < 1e-8, "\(error)") }
  }

  @Test("stack, train, save and load like built-in ones")
  func trainSaveLoad() throws {
    let text = String(repeating: "the cat sat on the mat. ", count: 60)
    let vocabulary = try Vocabulary(text)
    let streams = try TextStreams(try vocabulary.encode(text), batchSize: 4, chunkLength: 12)
    var trainer = Trainer(
      model: network(vocabulary.count), source: streams,
      options: TrainingOptions(optimizer: Adam<Float>(), schedule: .constant(0.02)))
    let first = try trainer.trainStep().loss
    try trainer.train(steps: 60)
    #expect(try trainer.trainStep().loss < first / 3)

    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = LanguageModel(vocabulary: vocabulary, network: trainer.model)
    try model.save(to: path)
    let loaded = try LanguageModel(contentsOf: path, registry: .withOutside)
    let input = Tokens(time: 5, batch: 1, ids: [1, 2, 3, 4, 5])
    #expect(loaded.network(input) == model.network(input))
  }

  @Test("that are not registered are named by the error", arguments: ["Scale", "Halved", "Leaky"])
  func unregistered(kind: String) throws {
    let vocabulary = try Vocabulary("abcdef")
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try LanguageModel(vocabulary: vocabulary, network: network(6)).save(to: path)
    var registry = LayerRegistry<Float>.standard
    if kind != "Scale" { registry.register(Scale<Float>.self) }
    if kind != "Halved" { registry.register(Halved<Float>.self) }
    if kind != "Leaky" { registry.register(LeakyCell<Float>.self) }
    let error = #expect(throws: ModelFileError.self) {
      try LanguageModel(contentsOf: path, registry: registry)
    }
    #expect(error?.description.contains("'\(kind)'") == true)
  }
}
