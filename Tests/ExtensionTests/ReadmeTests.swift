// The programs of the README, word for word.
import Foundation
import Testing
import Unroll
import UnrollModels
import UnrollTesting

/// y = g * x, with a gain g for each feature.
struct Gain<Element: Scalar>: StatelessLayer {
  typealias Features = Tensor<Element>
  var gain: Parameter<Element>

  func makeCache() -> Features? { nil }

  func forward(_ x: Features, cache: inout Features?, in context: Context) -> Features {
    if context.mode == .training { cache = x }
    return x.scalingColumns(by: gain.value)
  }

  mutating func backward(_ dy: Features, cache: inout Features?, in context: Context) -> Features {
    if let x = cache.take() { gain.gradient.addRowSums(of: dy * x) }  // dg = sum of dy * x
    return dy.scalingColumns(by: gain.value)  // dx = g * dy
  }

  mutating func visitParameters(_ visit: (String, inout Parameter<Element>) throws -> Void) rethrows
  {
    try visit("gain", &gain)
  }
}

@Suite("The README")
struct ReadmeTests {
  private func temporaryPath(_ name: String) -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString)-\(name)").path
  }

  @Test(
    "trains a language model, saves it and writes with it",
    .enabled(
      if: FileManager.default.fileExists(atPath: "Samples/CharLM/Data/tales.txt"),
      "not run from the package's folder")
  )
  func text() throws {
    let path = temporaryPath("tales.safetensors")
    defer { try? FileManager.default.removeItem(atPath: path) }

    let text = try TextFile.read("Samples/CharLM/Data/tales.txt")
    let data = try TextSplit.end.split(
      text, into: .characters, fraction: 0.05, batchSize: 32, chunkLength: 40)
    let network = Sequential(seed: 1) {
      Embedding(vocabularySize: data.vocabulary.count, dimension: 32)
      LSTM(inputSize: 32, hiddenSize: 96)
      DenseSoftmax(inputSize: 96, classes: data.vocabulary.count)
    }
    var trainer = Trainer(
      model: network, source: data.training,
      options: TrainingOptions(schedule: .warmUpAndDecay(peak: 0.02, warmUp: 20, steps: 200)))
    try trainer.train(steps: 200, observers: [ProgressLine(unit: "characters")])
    try LanguageModel(vocabulary: data.vocabulary, network: trainer.model).save(to: path)

    let validation = try #require(data.validation)
    let loss = try trainer.validate(validation).mean
    #expect(loss < 2.2)

    do {
      let model = try LanguageModel(contentsOf: path)
      let text = try model.generate(prompt: "PIP:", sampling: Sampling(temperature: 0.7), seed: 3)
      print("PIP:" + text.prefix(200).joined())

      #expect(text.prefix(200).joined().count == 200)
    }
  }

  @Test("forecasts a column of a table")
  func series() throws {
    let path = temporaryPath("levels.csv")
    defer { try? FileManager.default.removeItem(atPath: path) }
    func level(_ hour: Int) -> Double { 10 + 3 * sin(Double(hour) / 3) }
    let rows = (0..<600).map { "\($0),\(level($0))" }
    try Data(("hour,level\n" + rows.joined(separator: "\n") + "\n").utf8)
      .write(to: URL(fileURLWithPath: path))

    let series = try CSVTable(path).series(["level"])
    let parts = try SeriesSplit.last(validation: 60, test: 60).split(series)
    let scales = try [ColumnScale](of: parts.training)
    let training = try SequenceWindows(
      scales.seen(parts.training), shape: WindowShape(length: 30, horizon: 7), batchSize: 32)
    let model = Sequential(seed: 1) {
      GRU(inputSize: 1, hiddenSize: 32)
      LastStep()
      Dense(inputSize: 32, outputSize: 7)
    }
    var trainer = Trainer(
      model: model, source: training, loss: MeanSquaredError(),
      options: TrainingOptions(schedule: .constant(0.005)))
    try trainer.train(steps: 300)
    let seen = scales.seen(series.steps((series.shape[0] - 30)..<series.shape[0]))
    let forecast = scales.original(trainer.model(seen.reshaped([30, 1, 1])), columns: [0])

    #expect(forecast.shape == [1, 7])
    for (i, predicted) in forecast.scalars.enumerated() {
      #expect(abs(Double(predicted) - level(600 + i)) < 0.5)
    }
  }

  @Test("writes a layer that keeps every law")
  func layer() throws {
    let x = Tensor(
      shape: [3, 2, 4], scalars: (0..<24).map { RandomSource(seed: 1).uniform($0) - 0.5 })

    try checkLayer(Gain<Double>(gain: Parameter([4], .ones)), input: x)

    let model = Sequential(seed: 1) {
      Gain<Float>(gain: Parameter([4], .ones))
      LSTM(inputSize: 4, hiddenSize: 5)
    }
    #expect(model.parameters.first?.name == "0.gain")
  }
}

// What the pages of layers show of how one is made.
struct LayerPages {
  typealias Layers = LayerStack<Tensor<Float>, Tensor<Float>, Float>

  @LayerBuilder<Float> var lstm: Layers {
    LSTM(inputSize: 64, hiddenSize: 128)
    LSTM(inputSize: 64, hiddenSize: 128, forgetBias: 3)
    LSTM(inputSize: 64, hiddenSize: 512, options: LSTMOptions(projectionSize: 128))
    Recurrent(LSTMCell(inputSize: 64, hiddenSize: 128), initialState: .learned)
  }

  @LayerBuilder<Float> var gru: Layers {
    GRU(inputSize: 64, hiddenSize: 128)
    GRU(inputSize: 64, hiddenSize: 128, resetGate: .beforeProduct)
    GRU(inputSize: 3, hiddenSize: 9, options: GRUOptions(clip: 3))
    Recurrent(GRUCell(inputSize: 64, hiddenSize: 128), initialState: .learned)
  }

  @LayerBuilder<Float> var rnn: Layers {
    RNN(inputSize: 64, hiddenSize: 128)
    RNN(inputSize: 64, hiddenSize: 128, activation: .relu, clip: 10)
  }

  @LayerBuilder<Float> var layerNormLSTM: Layers {
    LayerNormLSTM(inputSize: 64, hiddenSize: 128)
    LayerNormLSTM(inputSize: 64, hiddenSize: 128, forgetBias: 3)
  }

  @LayerBuilder<Float> var minGRU: Layers {
    MinGRU(inputSize: 64, hiddenSize: 128)
  }

  @LayerBuilder<Float> var minLSTM: Layers {
    MinLSTM(inputSize: 64, hiddenSize: 128)
    MinLSTM(inputSize: 64, hiddenSize: 128, forgetBias: 3)
  }

  @LayerBuilder<Float> var qrnn: Layers {
    QRNN(inputSize: 64, hiddenSize: 128)
    QRNN(inputSize: 64, hiddenSize: 128, width: 1)
  }

  @LayerBuilder<Float> var sru: Layers {
    SRU(inputSize: 64, hiddenSize: 128)
    SRU(inputSize: 128, hiddenSize: 128, activation: .tanh)
  }

  @LayerBuilder<Float> var zoneout: Layers {
    Zoneout(LSTMCell(inputSize: 64, hiddenSize: 128), hiddenRate: 0.05, memoryRate: 0.1)
    Zoneout(GRUCell(inputSize: 64, hiddenSize: 128), hiddenRate: 0.1)
  }

  @LayerBuilder<Float> var recurrentDropout: Layers {
    RecurrentDropout(LSTMCell(inputSize: 64, hiddenSize: 128), rate: 0.2)
  }
}
