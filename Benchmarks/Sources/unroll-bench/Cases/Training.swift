import Unroll
import UnrollModels

/// A training step of a language model over tokens drawn at random: embedding, recurrent layers, softmax
/// and its loss, their gradients, clipping by the norm, Adam.
struct Training: Workload {
  private var trainer: Trainer<LanguageModel.Network, TextStreams>
  let operations: Double

  /// - Parameter multiplications: those of the products for one step of one stream, forward.
  init(
    _ network: LanguageModel.Network, vocabulary: Int, batch: Int, steps: Int, threads: Int,
    multiplications: Int
  ) throws {
    var random = RandomStream(RandomSource(seed: 2))
    let ids = (0..<(batch * steps * 20 + 1)).map { _ in
      Int32(random.uniform() * Double(vocabulary))
    }
    trainer = Trainer(
      model: network,
      source: try TextStreams(ids, batchSize: batch, chunkLength: steps),
      options: TrainingOptions(threads: threads))
    // Forward once, backward once for the inputs and once for the weights.
    operations =
      2 * 3 * Double(batch * steps) * Double(multiplications)
  }

  mutating func run() throws { _ = try trainer.trainStep() }
}

extension Case {
  /// Layers of one size on top of each other, the first one over an embedding.
  private static func stack(
    _ name: String, _ cell: LanguageModel.Cell, gates: Int, recurrent: Bool = true, layers: Int,
    hidden: Int,
    embedding: Int, batch: Int, steps: Int, vocabulary: Int = 65
  ) -> Case {
    Case(
      name: name,
      summary:
        "\(layers) x \(hidden), embedding \(embedding), B \(batch), T \(steps), V \(vocabulary)"
    ) { threads in
      let configuration = LanguageModel.Configuration(
        cell: cell, embedding: embedding, hidden: hidden, layers: layers)
      return try Training(
        configuration.network(vocabulary: vocabulary, seed: 1), vocabulary: vocabulary,
        batch: batch, steps: steps, threads: threads,
        multiplications: gates * hidden * (embedding + hidden * (recurrent ? 1 : 0))
          + (layers - 1) * gates * hidden * hidden * (recurrent ? 2 : 1) + hidden * vocabulary)
    }
  }

  /// A long sequence, as it is or computed again piece after piece.
  private static func long(_ name: String, recompute: Bool) -> Case {
    Case(name: name, summary: "2 x 512, embedding 128, B 16, T 4096, V 65") { threads in
      let network = LanguageModel.Network(seed: 1) {
        Embedding(vocabularySize: 65, dimension: 128)
        if recompute {
          Recompute(every: 64) {
            LSTM(inputSize: 128, hiddenSize: 512)
            LSTM(inputSize: 512, hiddenSize: 512)
          }
        } else {
          LSTM(inputSize: 128, hiddenSize: 512)
          LSTM(inputSize: 512, hiddenSize: 512)
        }
        DenseSoftmax(inputSize: 512, classes: 65)
      }
      return try Training(
        network, vocabulary: 65, batch: 16, steps: 4096, threads: threads,
        multiplications: 4 * 512 * (128 + 3 * 512) + 512 * 65)
    }
  }

  static let training = [
    stack(
      "train-lstm-2x128", .lstm, gates: 4, layers: 2, hidden: 128, embedding: 64, batch: 50,
      steps: 50),
    stack(
      "train-lstm-2x512", .lstm, gates: 4, layers: 2, hidden: 512, embedding: 128, batch: 64,
      steps: 64),
    stack(
      "train-lstm-1x1024", .lstm, gates: 4, layers: 1, hidden: 1024, embedding: 128, batch: 64,
      steps: 64),
    stack(
      "train-lstm-2x100-b20-t35", .lstm, gates: 4, layers: 2, hidden: 100, embedding: 37, batch: 20,
      steps: 35),
    stack(
      "train-gru-2x128", .gru, gates: 3, layers: 2, hidden: 128, embedding: 64, batch: 50, steps: 50
    ),
    stack(
      "train-gru-2x512", .gru, gates: 3, layers: 2, hidden: 512, embedding: 128, batch: 64,
      steps: 64),
    stack(
      "train-rnn-2x128", .rnn, gates: 1, layers: 2, hidden: 128, embedding: 64, batch: 50, steps: 50
    ),
    stack(
      "train-layer-norm-lstm-2x512", .layerNormLSTM, gates: 4, layers: 2, hidden: 512,
      embedding: 128, batch: 64, steps: 64),
    Case(name: "train-bilstm-2x256", summary: "2 x 2 x 256, embedding 64, B 32, T 64, V 65") {
      threads in
      let network = LanguageModel.Network(seed: 1) {
        Embedding(vocabularySize: 65, dimension: 64)
        Bidirectional { LSTM(inputSize: 64, hiddenSize: 256) }
        Bidirectional { LSTM(inputSize: 512, hiddenSize: 256) }
        DenseSoftmax(inputSize: 512, classes: 65)
      }
      return try Training(
        network, vocabulary: 65, batch: 32, steps: 64, threads: threads,
        multiplications: 2 * 4 * 256 * (64 + 256) + 2 * 4 * 256 * (512 + 256) + 512 * 65)
    },
    stack(
      "train-min-gru-2x512", .minGRU, gates: 2, recurrent: false, layers: 2, hidden: 512,
      embedding: 128, batch: 64, steps: 64),
    // Three gates, each of this step and the one before.
    stack(
      "train-qrnn-2x512", .qrnn, gates: 6, recurrent: false, layers: 2, hidden: 512,
      embedding: 128, batch: 64, steps: 64),
    long("train-lstm-2x512-t4096", recompute: false),
    long("train-lstm-2x512-t4096-recompute", recompute: true),
    stack(
      "word-lm-2x200-v33278", .lstm, gates: 4, layers: 2, hidden: 200, embedding: 200, batch: 20,
      steps: 35, vocabulary: 33278),
  ]
}
