import Foundation
import UnrollCore
import UnrollLayers
import UnrollText

extension LanguageModel {
  /// How well a model predicts a text.
  public struct Evaluation: Sendable, Equatable {
    /// The characters, bytes or words predicted: all but the first.
    public var tokens: Int
    /// Those of them that the model does not know, and predicts as `<unk>`.
    public var unknown: Int
    /// Those that were left out, because the model does not know them.
    public var skipped: Int
    /// The mean negative log-likelihood of one of them, in nats.
    public var nats: Double
    /// The same in bits.
    public var bits: Double { nats / log(2) }
    /// The number of equally likely ones that would be as hard to predict. From about 709 nats on it is
    /// infinite.
    public var perplexity: Double { exp(nats) }

    public init(tokens: Int, unknown: Int = 0, skipped: Int = 0, nats: Double) {
      self.tokens = tokens
      self.unknown = unknown
      self.skipped = skipped
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

  /// What becomes of characters, bytes and words of a text that the model does not know.
  public enum Unknowns: Sendable {
    /// They are `<unk>`; an error where the model has none.
    case read
    /// They are left out, as if the text did not have them, also where the model has `<unk>`.
    case skipped
  }

  /// Reads a text from its beginning to its end with one carried state.
  ///
  /// - Parameters:
  ///   - weights: how the weights are kept meanwhile.
  ///   - progress: called now and then with the part that was read, in `0...1`.
  /// - Throws: ``VocabularyError`` for a character or word that the model does not know,
  ///   unless it knows `<unk>` or is to skip them; ``TextTooShort`` for a text of fewer than two.
  public func evaluate(
    _ text: String, unknowns: Unknowns = .read, weights: WeightPrecision = .full,
    threads: Int = Threads.default, progress: ((Double) -> Void)? = nil
  ) throws -> Evaluation {
    try evaluate(
      Array(text.utf8), unknowns: unknowns, weights: weights, threads: threads, progress: progress)
  }

  /// Reads a text that is given as its bytes, as the other method does.
  ///
  /// - Parameter bytes: UTF-8; for a model of bytes any bytes.
  public func evaluate(
    _ bytes: some Collection<UInt8>, unknowns: Unknowns = .read, weights: WeightPrecision = .full,
    threads: Int = Threads.default, progress: ((Double) -> Void)? = nil
  ) throws -> Evaluation {
    let (ids, skipped) = try tokens(of: bytes, unknowns)
    guard ids.count >= 2 else { throw TextTooShort(unit: vocabulary.unit) }
    var state = network.makeState(batch: 1)
    var cache = network.makeCache()
    let context = Context(.inference, weights: weights, threads: threads)
    var sum = LossSum()
    for start in stride(from: 0, to: ids.count - 1, by: 512) {
      let end = min(start + 512, ids.count - 1)
      let input = Tokens(time: end - start, batch: 1, ids: Array(ids[start..<end]))
      let target = Tokens(time: end - start, batch: 1, ids: Array(ids[(start + 1)...end]))
      sum += network.loss(input, of: target, state: &state, cache: &cache, in: context)
      progress?(Double(end) / Double(ids.count - 1))
    }
    let unknown = vocabulary.hasUnknown ? ids.count(of: 0) - (ids[0] == 0 ? 1 : 0) : 0
    return Evaluation(tokens: sum.count, unknown: unknown, skipped: skipped, nats: sum.mean)
  }

  /// The ids of a text, and how many were left out.
  ///
  /// - Throws: ``VocabularyError`` for a character or word that the model does not know, unless they are read as
  ///   `<unk>` or left out.
  public func tokens(
    of bytes: some Collection<UInt8>, _ unknowns: Unknowns
  ) throws -> (tokens: TokenSequence, skipped: Int) {
    switch unknowns {
    case .read: (try vocabulary.tokens(of: bytes), 0)
    case .skipped: try vocabulary.tokensSkippingUnknown(of: bytes)
    }
  }
}
