import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollText

/// A model that writes a text for a text: the network, and the vocabularies of both sides.
///
///     embedding -> cells, in both directions -> attention <- cells <- embedding
///                                                   |
///                                             dense softmax
///
/// It is trained on ``pairs(_:batchSize:sampling:seed:)`` by a `Trainer`, and then writes by a
/// ``BeamSearch``. The symbol after those of the target's vocabulary is the boundary: what the
/// decoder reads first, and writes last.
///
/// After Sutskever et al. (2014), Cho et al. (2014), and with attention Bahdanau et al. (2015) and
/// Luong et al. (2015); see ``SequenceToSequence``.
public struct EncoderDecoder: Sendable {
  public typealias Network = SequenceToSequence<Float>
  /// A text, and the one that is to be written for it.
  public typealias TextPair = (source: String, target: String)

  /// What is read.
  public let source: Vocabulary
  /// What is written.
  public let target: Vocabulary
  public var network: Network

  /// A network with these weights, over these vocabularies.
  ///
  /// - Throws: ``EncoderDecoderError`` where it does not read all symbols of them, or does not
  ///   write those of the target and the boundary.
  public init(source: Vocabulary, target: Vocabulary, network: Network) throws {
    guard network.classes == target.count + 1 else {
      throw EncoderDecoderError(
        "the network writes \(network.classes) symbols; a vocabulary of \(target.count) and the "
          + "boundary are \(target.count + 1)")
    }
    do {
      try network.checkInput(
        SequencePair(
          source: Tokens(time: 1, batch: 1, ids: [Int32(source.count - 1)]),
          decoderInput: Tokens(time: 1, batch: 1, ids: [Int32(target.count)])))
    } catch {
      throw EncoderDecoderError("the network does not read all symbols: \(error)")
    }
    (self.source, self.target, self.network) = (source, target, network)
  }

  /// A new network.
  ///
  /// - Parameter seed: what its first weights are drawn from.
  public init(
    source: Vocabulary, target: Vocabulary, configuration: Configuration = Configuration(),
    seed: UInt64 = 1
  ) {
    network = configuration.network(source: source.count, target: target.count + 1, seed: seed)
    (self.source, self.target) = (source, target)
  }

  /// The id before the first and after the last symbol of what is written.
  public var boundary: Int32 { Int32(target.count) }

  /// Pairs to learn from, or to see how well the second text is predicted.
  ///
  /// - Parameters:
  ///   - sampling: how often the decoder reads its own symbols in training.
  ///   - seed: what decides the orders; with `nil` pairs are taken as they are given.
  /// - Throws: ``PairError`` for a pair with a character or word that a vocabulary does not have;
  ///   ``SequencesError/none`` if there are no pairs.
  public func pairs(
    _ texts: [TextPair], batchSize: Int, sampling: ScheduledSampling = .never, seed: UInt64? = 1
  ) throws -> PairedSequences {
    try PairedSequences(
      texts.enumerated().map { index, pair in
        (
          try PairError.naming(index, .source) { try source.encode(pair.source) },
          try PairError.naming(index, .target) { try target.encode(pair.target) }
        )
      }, boundary: boundary, batchSize: batchSize, sampling: sampling, seed: seed)
  }
}

/// A network that is none for its vocabularies.
public struct EncoderDecoderError: Error, CustomStringConvertible, Equatable {
  public let description: String

  public init(_ description: String) { self.description = oneLine(description) }
}

/// A text of a pair that a vocabulary has no ids for.
public struct PairError: Error, CustomStringConvertible, Equatable {
  /// Which of the two texts.
  public enum Side: String, Sendable {
    case source
    case target
  }

  /// The place of the pair among all, from 0.
  public let pair: Int
  public let side: Side
  public let error: VocabularyError

  public var description: String { "the \(side.rawValue) of pair \(pair): \(error)" }

  static func naming<Result>(
    _ pair: Int, _ side: Side, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as VocabularyError {
      throw PairError(pair: pair, side: side, error: error)
    }
  }
}
