import UnrollCore
import UnrollLayers

/// What a classifier's network is made of.
public struct ClassifierConfiguration: Sendable, Equatable {
  /// The cell of the recurrent layer.
  public var cell: NamedCell
  /// The hidden units of each direction.
  public var hidden: Int
  /// The filters of each convolution, for numbers.
  public var filters: Int
  /// The features of a word or a character, for texts.
  public var embedding: Int
  /// How often a feature is dropped in training, in `[0, 1)`.
  public var dropout: Double

  public init(
    cell: NamedCell = .gru, hidden: Int = 64, filters: Int = 64, embedding: Int = 32,
    dropout: Double = 0.5
  ) {
    self.cell = cell
    self.hidden = hidden
    self.filters = filters
    self.embedding = embedding
    self.dropout = dropout
  }

  /// For numbers: both ends of a bidirectional layer beside convolutions over ever more steps, of which the mean and the
  /// largest count (after LSTM-FCN, Karim et al. 2018; no number depends on the others of a batch).
  ///
  /// - Parameter seed: what its first weights are drawn from; with `nil` they are zero and hold no memory.
  public func network(
    for preparation: NumberPreparation, labels: Int, seed: UInt64?
  ) -> NumberClassifier.Network {
    let features = preparation.features
    return NumberClassifier.Network(seed: seed) {
      Parallel {
        Bidirectional { cell.make(features, hidden).layer }
        BothEnds()
      } beside: {
        var inputs = features
        for dilation in [1, 2, 4] {
          Convolution(inputSize: inputs, outputSize: filters, width: 9, dilation: dilation)
          Activation(.relu)
          inputs = filters
        }
        Parallel {
          MeanOverTime()
        } beside: {
          MaxOverTime()
        }
      }
      if dropout > 0 { Dropout(rate: dropout) }
      Dense(inputSize: 2 * hidden + 2 * filters, outputSize: labels)
    }
  }

  /// For texts: a bidirectional layer over words or characters, of each of whose features the largest counts.
  ///
  /// - Parameter seed: what its first weights are drawn from; with `nil` they are zero and hold no memory.
  public func network(
    for preparation: TextPreparation, labels: Int, seed: UInt64?
  ) -> TextClassifier.Network {
    TextClassifier.Network(seed: seed) {
      Embedding(vocabularySize: preparation.vocabulary.count, dimension: embedding)
      if dropout > 0 { Dropout(rate: dropout) }
      Bidirectional { cell.make(embedding, hidden).layer }
      MaxOverTime()
      if dropout > 0 { Dropout(rate: dropout) }
      Dense(inputSize: 2 * hidden, outputSize: labels)
    }
  }
}
