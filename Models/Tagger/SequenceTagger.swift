import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollText

/// A model that tags the words of sentences: parts of speech, chunks, names.
///
///     word embedding -> dropout -> (bidirectional cell -> dropout) ... -> conditional random field
///
/// After Huang et al. (2015) and Lample et al. (2016): recurrent layers in both directions over words and their
/// characters, and at the end a conditional random field, or a softmax for each word by itself.
///
/// ```
/// let vocabulary = try TaggerVocabulary(sentences)
/// let tagger = try SequenceTagger(vocabulary: vocabulary)
/// var trainer = Trainer(
///   model: tagger.network, source: try tagger.batches(of: sentences, batchSize: 32))
/// ```
public struct SequenceTagger: Sendable {
  /// From sentences to log-probabilities of the labels of each word, `[T, B, L]`.
  public typealias Network = Sequential<WordSequences, Tensor<Float>, Float>

  public let vocabulary: TaggerVocabulary
  public var network: Network

  /// A tagger with this network.
  ///
  /// - Throws: ``TaggerError`` where the network does not take such sentences, or give as many labels.
  public init(vocabulary: TaggerVocabulary, network: Network) throws {
    let empty = WordSequences(
      [
        TaggerVocabulary.Encoded(
          words: [Int32(vocabulary.words.count)], spellings: [[Int32(vocabulary.characters.count)]],
          features: vocabulary.featureCounts.map { [Int32($0 - 1)] }, labels: [])
      ], features: vocabulary.featureCounts.count, batch: 1)
    let shape: [Int]
    do {
      shape = try network.outputShape(of: [1, 1])
      try network.checkInput(empty)
    } catch {
      throw TaggerError("the network does not take the sentences: \(error)")
    }
    guard shape == [1, 1, vocabulary.labels.count] else {
      throw TaggerError(
        "the network gives \(shape) for one word, and there are \(vocabulary.labels.count) labels")
    }
    if let field = network.layers.last as? ConditionalRandomField<Float>,
      field.rules ?? vocabulary.rules != vocabulary.rules
    {
      throw TaggerError("the network goes by other rules than those of its labels")
    }
    self.vocabulary = vocabulary
    self.network = network
  }

  /// A new network.
  ///
  /// - Parameters:
  ///   - vectors: vectors of words to begin with, as long as the configuration says.
  ///   - seed: what its other weights are drawn from.
  /// - Throws: ``TaggerError`` where vectors have another length.
  public init(
    vocabulary: TaggerVocabulary, configuration: Configuration = Configuration(),
    vectors: WordVectors? = nil, seed: UInt64 = 1
  ) throws {
    try self.init(
      vocabulary: vocabulary, network: configuration.network(for: vocabulary, seed: seed))
    if let vectors { try begin(with: vectors) }
  }

  private mutating func begin(with vectors: WordVectors) throws {
    var problem: TaggerError?
    network.visitParameters { name, parameter in
      guard name == "0.words.weight" else { return }
      guard parameter.shape[1] == vectors.dimension else {
        problem = TaggerError(
          "vectors of \(vectors.dimension) numbers, and the network has \(parameter.shape[1])")
        return
      }
      // Of words that are known as one the first counts, in most files the most frequent.
      for (word, vector) in zip(vectors.words, vectors.vectors).reversed() {
        guard let id = vocabulary.words.id(of: TaggerVocabulary.plain(word)) else { continue }
        for (j, number) in vector.enumerated() { parameter.value[Int(id) + 1, j] = number }
      }
    }
    if let problem { throw problem }
  }

  /// Sentences to learn from.
  ///
  /// - Parameter seed: what decides the orders; with `nil` the sentences come as they are given.
  /// - Throws: ``TaggerError`` where there are none.
  public func batches(
    of sentences: [TaggedSentence], batchSize: Int, seed: UInt64? = 1
  ) throws -> SentenceBatches {
    try SentenceBatches(
      sentences.map(vocabulary.encode), features: vocabulary.featureCounts.count,
      batchSize: batchSize, seed: seed)
  }
}

/// Data or a network that make no tagger.
public struct TaggerError: Error, CustomStringConvertible, Equatable {
  public let description: String

  public init(_ description: String) { self.description = oneLine(description) }
}
