import Unroll

/// A recurrent language model of characters: the network, and the vocabulary that it reads and
/// writes.
///
///     embedding -> LSTM -> dropout -> ... -> LSTM -> dropout -> dense softmax
///
/// After Karpathy's char-rnn (2015): a stack of LSTM layers that predicts each next character.
public struct CharacterLanguageModel: Sendable {
  /// The sizes of the network.
  public struct Configuration: Codable, Sendable, Equatable {
    /// The length of a character's vector.
    public var embedding: Int
    /// Hidden units of each LSTM layer.
    public var hidden: Int
    /// LSTM layers.
    public var layers: Int
    /// The probability with which an LSTM layer's output is dropped in training, in `[0, 1)`.
    public var dropout: Double

    public init(embedding: Int = 64, hidden: Int = 128, layers: Int = 2, dropout: Double = 0) {
      self.embedding = embedding
      self.hidden = hidden
      self.layers = layers
      self.dropout = dropout
    }

    /// The number of parameters over a vocabulary of a size.
    public func parameterCount(vocabulary: Int) -> Int {
      let first = 4 * hidden * (embedding + hidden + 1)
      let others = (layers - 1) * 4 * hidden * (2 * hidden + 1)
      return vocabulary * embedding + first + others + vocabulary * (hidden + 1)
    }
  }

  /// From characters `[T, B]` to log-probabilities of the next one `[T, B, V]`.
  public typealias Network = Sequential<Tokens, Tensor<Float>, Float>

  public let vocabulary: Vocabulary
  public var network: Network

  /// A network with these weights, over this vocabulary.
  public init(vocabulary: Vocabulary, network: Network) {
    self.vocabulary = vocabulary
    self.network = network
  }

  /// A new network.
  ///
  /// - Parameter seed: what its first weights are drawn from.
  public init(vocabulary: Vocabulary, configuration: Configuration, seed: UInt64 = 1) {
    let (embedding, hidden) = (configuration.embedding, configuration.hidden)
    let dropout = configuration.dropout
    self.vocabulary = vocabulary
    network = Sequential(seed: seed) {
      Embedding(vocabularySize: vocabulary.count, dimension: embedding)
      for layer in 0..<configuration.layers {
        LSTM(inputSize: layer == 0 ? embedding : hidden, hiddenSize: hidden)
        if dropout > 0 { Dropout(dropout) }
      }
      DenseSoftmax(inputSize: hidden, classes: vocabulary.count)
    }
  }
}
