import UnrollCore
import UnrollLayers

extension SequenceTagger {
  /// What a network is made of.
  public struct Configuration: Sendable, Equatable {
    /// The cell of every recurrent layer, over words and over characters.
    public var cell: NamedCell
    /// The length of a word's vector.
    public var wordSize: Int
    /// The length of a character's vector, and the hidden units that read characters in each direction.
    public var characterSize: Int
    /// The length of the vectors of further columns.
    public var columnSize: Int
    /// Hidden units of each direction.
    public var hidden: Int
    /// Layers that read words in both directions.
    public var layers: Int
    /// Whether there is a conditional random field at the end; else a softmax.
    public var hasRandomField: Bool
    /// How often a feature is dropped in training, in `[0, 1)`.
    public var dropout: Double
    /// How often a word is taken for an unknown one in training, in `[0, 1)`.
    public var wordDropout: Double

    public init(
      cell: NamedCell = .lstm, wordSize: Int = 100, characterSize: Int = 30, columnSize: Int = 20,
      hidden: Int = 200, layers: Int = 1, hasRandomField: Bool = true, dropout: Double = 0.5,
      wordDropout: Double = 0.05
    ) {
      self.cell = cell
      self.wordSize = wordSize
      self.characterSize = characterSize
      self.columnSize = columnSize
      self.hidden = hidden
      self.layers = layers
      self.hasRandomField = hasRandomField
      self.dropout = dropout
      self.wordDropout = wordDropout
    }

    /// The length of the vector of how a word is written.
    private static var shapeSize: Int { 5 }

    /// The network for sentences of such words.
    ///
    /// - Parameter seed: what its first weights are drawn from; with `nil` they are zero and hold no memory.
    public func network(for vocabulary: TaggerVocabulary, seed: UInt64?) -> Network {
      let labels = vocabulary.labels.count
      let embedding = WordEmbedding(
        vocabularySize: vocabulary.words.count + 1, dimension: wordSize,
        features: vocabulary.featureCounts.enumerated().map { k, count in
          (count, k == 0 ? Self.shapeSize : columnSize)
        },
        wordDropout: wordDropout
      ) {
        Embedding(vocabularySize: vocabulary.characters.count + 1, dimension: characterSize)
        Bidirectional { cell.make(characterSize, characterSize).layer }
        BothEnds()
      }
      return Network(seed: seed) {
        embedding
        if dropout > 0 { Dropout(rate: dropout, mask: .perSequence) }
        for layer in 0..<layers {
          Bidirectional {
            cell.make(layer == 0 ? embedding.outputSize : 2 * hidden, hidden).layer
          }
          if dropout > 0 { Dropout(rate: dropout, mask: .perSequence) }
        }
        if hasRandomField {
          ConditionalRandomField(inputSize: 2 * hidden, labels: labels, rules: vocabulary.rules)
        } else {
          DenseSoftmax(inputSize: 2 * hidden, classes: labels)
        }
      }
    }
  }
}
