import UnrollCore
import UnrollLayers

extension LanguageModel {
  /// What a network is made of.
  public struct Configuration: Sendable, Equatable {
    /// The cell of every recurrent layer.
    public var cell: Cell
    /// The length of the vector of a character, byte or word.
    public var embedding: Int
    /// Hidden units of each recurrent layer.
    public var hidden: Int
    /// Recurrent layers.
    public var layers: Int
    /// The probability with which a recurrent layer's output is dropped in training, in `[0, 1)`.
    public var dropout: Double
    /// The probability with which a hidden unit is not seen by the next step in training, in
    /// `[0, 1)`, as in ``RecurrentDropoutCell``.
    public var recurrentDropout: Double
    /// Whether the softmax has the embedding's weights (Press and Wolf 2017). Where there are not as
    /// many hidden units as numbers in a vector, a linear map goes between.
    public var isTied: Bool
    /// Whether a layer normalization follows each recurrent layer (Ba et al. 2016).
    public var hasLayerNorm: Bool

    public init(
      cell: Cell = .lstm, embedding: Int = 64, hidden: Int = 128, layers: Int = 2,
      dropout: Double = 0, recurrentDropout: Double = 0, isTied: Bool = false,
      hasLayerNorm: Bool = false
    ) {
      self.cell = cell
      self.embedding = embedding
      self.hidden = hidden
      self.layers = layers
      self.dropout = dropout
      self.recurrentDropout = recurrentDropout
      self.isTied = isTied
      self.hasLayerNorm = hasLayerNorm
    }

    /// The number of parameters over a vocabulary of a size.
    public func parameterCount(vocabulary: Int) -> Int {
      network(vocabulary: vocabulary, seed: nil).parameterCount
    }

    /// The network over a vocabulary of a size.
    ///
    /// - Parameter seed: what its first weights are drawn from; with `nil` they are zero and hold no
    ///   memory.
    public func network(vocabulary: Int, seed: UInt64?) -> Network {
      Network(seed: seed) {
        if isTied {
          TiedEmbedding(vocabularySize: vocabulary, dimension: embedding) {
            for layer in 0..<layers { block(layer) }
            if hidden != embedding { Dense(inputSize: hidden, outputSize: embedding) }
          }
        } else {
          Embedding(vocabularySize: vocabulary, dimension: embedding)
          for layer in 0..<layers { block(layer) }
          DenseSoftmax(inputSize: hidden, classes: vocabulary)
        }
      }
    }

    /// A recurrent layer and what follows it.
    @LayerBuilder<Float>
    private func block(_ layer: Int) -> LayerStack<Tensor<Float>, Tensor<Float>, Float> {
      let cell = cell.make(layer == 0 ? embedding : hidden, hidden)
      if recurrentDropout > 0 {
        RecurrentDropout(cell, rate: recurrentDropout)
      } else {
        cell.layer
      }
      if hasLayerNorm { LayerNorm(inputSize: hidden) }
      if dropout > 0 { Dropout(rate: dropout) }
    }
  }
}
