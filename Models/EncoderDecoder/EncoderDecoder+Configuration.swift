import UnrollCore
import UnrollFiles
import UnrollLayers

extension EncoderDecoder {
  /// What a network is made of.
  public struct Configuration: Sendable, Equatable {
    /// The cell of every recurrent layer, of both sides.
    public var cell: NamedCell
    /// The length of the vector of a symbol.
    public var embedding: Int
    /// Hidden units of each recurrent layer; in an encoder of both directions each has half of
    /// them.
    public var hidden: Int
    /// Recurrent layers of each side.
    public var layers: Int
    /// Whether the encoder reads in both directions.
    public var isBidirectional: Bool
    /// How well a step of the decoder and one of the encoder match; `nil` for a decoder by its
    /// state alone.
    public var attention: AttentionScore?
    /// The probability with which a recurrent layer's output is dropped in training, in `[0, 1)`.
    public var dropout: Double

    public init(
      cell: NamedCell = .gru, embedding: Int = 32, hidden: Int = 128, layers: Int = 1,
      isBidirectional: Bool = true, attention: AttentionScore? = .general, dropout: Double = 0
    ) {
      self.cell = cell
      self.embedding = embedding
      self.hidden = hidden
      self.layers = layers
      self.isBidirectional = isBidirectional
      self.attention = attention
      self.dropout = dropout
    }

    /// The network that reads some symbols and writes some.
    ///
    /// - Parameters:
    ///   - target: the symbols that are written, the boundary among them.
    ///   - seed: what its first weights are drawn from; with `nil` they are zero and hold no
    ///     memory.
    /// - Precondition: there is a layer, and an even number of hidden units where there are two
    ///   directions.
    public func network(source: Int, target: Int, seed: UInt64?) -> Network {
      require(layers > 0, "EncoderDecoder: \(layers) layers")
      require(
        !isBidirectional || hidden % 2 == 0,
        "EncoderDecoder: two directions do not share \(hidden) hidden units equally")
      var network = Network(classes: target, attention: attention) {
        Embedding(vocabularySize: source, dimension: embedding)
        for layer in 0..<layers { reading(layer == 0 ? embedding : hidden) }
      } decoder: {
        Embedding(vocabularySize: target, dimension: embedding)
        for layer in 0..<layers { writing(layer == 0 ? embedding : hidden) }
      }
      if let seed { network.initialize(seed: seed) }
      return network
    }

    @LayerBuilder<Float>
    private func reading(_ inputs: Int) -> LayerStack<Tensor<Float>, Tensor<Float>, Float> {
      if isBidirectional {
        Bidirectional { cell.make(inputs, hidden / 2).layer }
      } else {
        cell.make(inputs, hidden).layer
      }
      if dropout > 0 { Dropout(rate: dropout) }
    }

    @LayerBuilder<Float>
    private func writing(_ inputs: Int) -> LayerStack<Tensor<Float>, Tensor<Float>, Float> {
      cell.make(inputs, hidden).layer
      if dropout > 0 { Dropout(rate: dropout) }
    }
  }
}
