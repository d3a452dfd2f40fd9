import Foundation
import Testing
import Unroll
import UnrollModels
import UnrollTesting

@Suite("The cell of Write a Cell")
struct JANETCellTests {
  private let x: Tensor<Double> = {
    let random = RandomSource(seed: 1)
    return Tensor(shape: [3, 2, 4], scalars: (0..<24).map { random.uniform($0) - 0.5 })
  }()

  @Test("One step of one unit is the equations'")
  func equations() {
    var cell = JANETCell<Double>(inputSize: 1, hiddenSize: 1, beta: 0.5)
    cell.visitParameters { name, parameter in
      let values: [String: [Double]] = [
        "weight_ih": [0.3, -0.7], "weight_hh": [1.1, 0.4], "bias": [0.2, 0.1],
      ]
      parameter.value = Tensor(shape: parameter.shape, scalars: values[name] ?? [])
    }
    let (x, h) = (0.6, -0.4)
    let (s, u) = (0.3 * x + 1.1 * h + 0.2, -0.7 * x + 0.4 * h + 0.1)
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let expected = sigmoid(s) * h + (1 - sigmoid(s - 0.5)) * tanh(u)
    let found = cell.step(
      Tensor(shape: [1, 1], scalars: [x]), from: Tensor(shape: [1, 1], scalars: [h]))
    #expect(abs(found.state[0, 0] - expected) < 1e-15)
  }

  @Test(
    "Its gradients agree with central differences, alone and wrapped",
    arguments: [nil, [3, 2], [0, 3]] as [[Int]?])
  func gradients(lengths: [Int]?) {
    let cell = JANETCell<Double>(inputSize: 4, hiddenSize: 5)
    let model = Sequential<Tensor<Double>, Tensor<Double>, Double>(seed: 2) {
      Recurrent(cell)
      Zoneout(JANETCell<Double>(inputSize: 5, hiddenSize: 3), hiddenRate: 0.3)
      RecurrentDropout(JANETCell<Double>(inputSize: 3, hiddenSize: 4), rate: 0.3)
      Bidirectional<Double> { Recurrent(cell) }
    }
    let context = Context(lengths: lengths)
    for error in gradientErrors(of: model, input: x, context: context) {
      #expect(error.error < 1e-8, "\(error)")
    }
  }

  @Test("A step by itself, forward and backward")
  func alone() {
    var cell = JANETCell<Double>(inputSize: 4, hiddenSize: 5)
    cell.visitParameters { name, parameter in
      let values = parameter.initializer.values(
        shape: parameter.shape, from: RandomSource(seed: 5).child(name))
      parameter.value = Tensor(shape: parameter.shape, scalars: values)
    }
    let dh = Tensor<Double>(shape: [2, 5], repeating: 1)

    let (state, run) = cell.step(x.step(0), from: cell.makeState(batch: 2))  // [B, H]
    let back = cell.stepBackward(dh, through: run)  // input [B, I], state [B, H]

    #expect(state.shape == [2, 5] && back.input.shape == [2, 4] && back.state.shape == [2, 5])
    var sum = 0.0
    cell.visitParameters { sum += $1.gradient.sumOfSquares() }
    #expect(sum > 0)
  }

  @Test("It trains, prints, is saved and loaded; a file that does not hold together is refused")
  func life() throws {
    let text = String(repeating: "the cat sat on the mat. ", count: 40)
    let vocabulary = try Vocabulary(text)
    let streams = try TextStreams(try vocabulary.encode(text), batchSize: 4, chunkLength: 12)

    let network = Sequential(seed: 1) {
      Embedding(vocabularySize: vocabulary.count, dimension: 8)
      Recurrent(JANETCell<Float>(inputSize: 8, hiddenSize: 24))
      Zoneout(JANETCell<Float>(inputSize: 24, hiddenSize: 24), hiddenRate: 0.1)
      DenseSoftmax(inputSize: 24, classes: vocabulary.count)
    }

    var trainer = Trainer(
      model: network, source: streams,
      options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.02)))
    let first = try trainer.trainStep().loss
    try trainer.train(steps: 120)
    #expect(try trainer.trainStep().loss < first / 3)
    #expect("\(trainer.model)".contains("JANET"))

    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString)-janet.safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try LanguageModel(vocabulary: vocabulary, network: trainer.model).save(to: path)

    var registry = LayerRegistry<Float>.standard
    registry.register(JANETCell<Float>.self)
    let model = try LanguageModel(contentsOf: path, registry: registry)

    let tokens = Tokens(time: 3, batch: 1, ids: [1, 2, 3])
    #expect(model.network(tokens) == trainer.model(tokens))

    var wrong = JANETCell<Float>(inputSize: 8, hiddenSize: 4)
    wrong.recurrence = RecurrentWeight(hiddenSize: 5, outputSize: 8)
    try ModelFile.write(
      Sequential<Tensor<Float>, Tensor<Float>, Float> { Recurrent(wrong) }, to: path)
    let error = #expect(throws: ModelFileError.self) {
      try ModelFile(contentsOf: path).model(
        Sequential<Tensor<Float>, Tensor<Float>, Float>.self, registry: registry)
    }
    #expect(error?.description.contains("make no JANET") == true)
  }
}
