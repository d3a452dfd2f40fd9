import Foundation
import Unroll

extension CharacterLanguageModel {
  /// How well a model predicts a text.
  public struct Evaluation: Sendable, Equatable {
    /// The characters predicted: all but the first.
    public var characters: Int
    /// The mean negative log-likelihood of a character, in nats.
    public var nats: Double
    /// The same in bits.
    public var bits: Double { nats / log(2) }
    /// The number of equally likely characters that would be as hard to predict.
    public var perplexity: Double { exp(nats) }

    public init(characters: Int, nats: Double) {
      self.characters = characters
      self.nats = nats
    }
  }

  /// A text without a character to predict.
  public struct TextTooShort: Error, CustomStringConvertible {
    public var description: String { "a text needs two characters, one to predict the other from" }
  }

  /// Reads a text from its first character to its last with one carried state.
  ///
  /// - Throws: ``UnrollData/VocabularyError`` for a character that the model does not know,
  ///   ``TextTooShort`` for a text of fewer than two characters.
  public func evaluate(_ text: String, threads: Int = defaultThreads) throws -> Evaluation {
    let ids = try vocabulary.encode(text)
    var state = network.makeState(batch: 1)
    var cache = network.makeCache()
    let context = Context(.inference, threads: threads)
    var sum = LossSum()
    guard ids.count >= 2 else { throw TextTooShort() }
    for start in stride(from: 0, to: ids.count - 1, by: 512) {
      let end = min(start + 512, ids.count - 1)
      let input = Tokens(time: end - start, batch: 1, ids: Array(ids[start..<end]))
      let target = Tokens(time: end - start, batch: 1, ids: Array(ids[(start + 1)...end]))
      sum += network.loss(input, of: target, state: &state, cache: &cache, in: context)
    }
    return Evaluation(characters: sum.count, nats: sum.mean)
  }
}
