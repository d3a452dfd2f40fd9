import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollText

/// A recurrent language model of characters, bytes or words: the network, and the vocabulary that it
/// reads and writes, which says what it is a model of.
///
///     embedding -> cell -> dropout -> ... -> cell -> dropout -> dense softmax
///
/// After Karpathy's char-rnn (2015): a stack of recurrent layers that predicts each next character.
/// By words, after Mikolov et al. (2010).
public struct LanguageModel: Sendable {
  /// From ids `[T, B]` to log-probabilities of the next one `[T, B, V]`.
  public typealias Network = Sequential<Tokens, Tensor<Float>, Float>

  public let vocabulary: Vocabulary
  public var network: Network

  /// A network with these weights, over this vocabulary.
  ///
  /// - Precondition: the network is causal: one that reads what it is to predict would
  ///   learn to copy them.
  public init(vocabulary: Vocabulary, network: Network) {
    require(
      network.isCausal,
      "LanguageModel: the network is not causal; it sees what it predicts")
    self.vocabulary = vocabulary
    self.network = network
  }

  /// A new network.
  ///
  /// - Parameter seed: what its first weights are drawn from.
  public init(vocabulary: Vocabulary, configuration: Configuration, seed: UInt64 = 1) {
    self.init(
      vocabulary: vocabulary,
      network: configuration.network(vocabulary: vocabulary.count, seed: seed))
  }
}
