import Foundation
import Unroll

extension LanguageModel {
  /// How well a model predicts a text.
  public struct Evaluation: Sendable, Equatable {
    /// The characters, bytes or words predicted: all but the first.
    public var tokens: Int
    /// Those of them that the model does not know, and predicts as `<unk>`.
    public var unknown: Int
    /// The mean negative log-likelihood of one of them, in nats.
    public var nats: Double
    /// The same in bits.
    public var bits: Double { nats / log(2) }
    /// The number of equally likely ones that would be as hard to predict.
    public var perplexity: Double { exp(nats) }

    public init(tokens: Int, unknown: Int = 0, nats: Double) {
      self.tokens = tokens
      self.unknown = unknown
      self.nats = nats
    }
  }

  /// A text without anything to predict.
  public struct TextTooShort: Error, CustomStringConvertible {
    /// What is too few.
    public var unit: Vocabulary.Unit

    public var description: String {
      "a text needs two \(unit)s, one to predict the other from"
    }
  }

  /// Reads a text from its beginning to its end with one carried state.
  ///
  /// - Parameter progress: called now and then with the part that was read, in `0...1`.
  /// - Throws: ``UnrollData/VocabularyError`` for a character or word that the model does not know,
  ///   unless it knows `<unk>`; ``TextTooShort`` for a text of fewer than two.
  public func evaluate(
    _ text: String, threads: Int = defaultThreads, progress: ((Double) -> Void)? = nil
  ) throws -> Evaluation {
    let ids = try vocabulary.encode(text)
    guard ids.count >= 2 else { throw TextTooShort(unit: vocabulary.unit) }
    var state = network.makeState(batch: 1)
    var cache = network.makeCache()
    let context = Context(.inference, threads: threads)
    var sum = LossSum()
    for start in stride(from: 0, to: ids.count - 1, by: 512) {
      let end = min(start + 512, ids.count - 1)
      let input = Tokens(time: end - start, batch: 1, ids: Array(ids[start..<end]))
      let target = Tokens(time: end - start, batch: 1, ids: Array(ids[(start + 1)...end]))
      sum += network.loss(input, of: target, state: &state, cache: &cache, in: context)
      progress?(Double(end) / Double(ids.count - 1))
    }
    let unknown = vocabulary.hasUnknown ? ids.dropFirst().count { $0 == 0 } : 0
    return Evaluation(tokens: sum.count, unknown: unknown, nats: sum.mean)
  }
}
