import Unroll
import UnrollModels

/// Writing with a language model: to choose a character, to read it, and the next distribution.
struct Writing: Workload {
  private var generator: LanguageModel.Generator
  let unitsPerRun = 200
  let operations: Double

  init(hidden: Int, weights: WeightPrecision = .full, threads: Int) throws {
    let characters = (33...96).map { String(UnicodeScalar(UInt8($0))) }
    let vocabulary = try Vocabulary(characters.joined() + "\n")
    let model = LanguageModel(
      vocabulary: vocabulary,
      configuration: .init(embedding: hidden / 4, hidden: hidden, layers: 2))
    generator = try model.generate(weights: weights, threads: threads)
    let first = 4 * hidden * (hidden / 4 + hidden)
    operations = 2 * Double(first + 4 * hidden * 2 * hidden + hidden * vocabulary.count)
  }

  mutating func run() { for _ in 0..<unitsPerRun { _ = generator.next() } }
}

/// A layer over whole sequences, without gradients.
struct Inference: Workload {
  private let layer: LSTM<Float>
  private let input: Tensor<Float>
  private var cache: LSTM<Float>.Cache
  private let context: Context
  let operations: Double

  init(features: Int, hidden: Int, batch: Int, steps: Int, threads: Int) {
    var layer = LSTM(inputSize: features, hiddenSize: hidden)
    layer.initialize(seed: 1)
    self.layer = layer
    input = Tensor(shape: [steps, batch, features], repeating: 0.1)
    cache = layer.makeCache()
    context = Context(.inference, threads: threads)
    operations = 2 * Double(steps * batch * 4 * hidden * (features + hidden))
  }

  mutating func run() {
    var state = layer.makeState(batch: input.shape[1])
    _ = layer.forward(input, state: &state, cache: &cache, in: context)
  }
}

extension Case {
  static let sampling = [
    Case(name: "sample-lstm-2x128", summary: "one character, 2 x 128, embedding 32") {
      try Writing(hidden: 128, threads: $0)
    },
    Case(name: "sample-lstm-2x512", summary: "one character, 2 x 512, embedding 128") {
      try Writing(hidden: 512, threads: $0)
    },
    Case(name: "sample-lstm-2x512-int8", summary: "the same with weights of 8 bits") {
      try Writing(hidden: 512, weights: .int8, threads: $0)
    },
  ]

  static let inference = [
    Case(name: "infer-lstm-256-b4-t150", summary: "1 x 256, 64 features, B 4, T 150") {
      Inference(features: 64, hidden: 256, batch: 4, steps: 150, threads: $0)
    }
  ]
}
