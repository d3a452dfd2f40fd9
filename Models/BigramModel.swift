import Foundation
import Unroll

/// What a language model has to be better than: counts of single ids and of pairs.
///
///     p(w) = (c(w) + 1) / (N + V)
///     p(w | v) = (c(v, w) + n(v) p(w)) / (c(v) + n(v))
///
/// c counts, n(v) is the number of different ids that followed v: the interpolation of Witten and
/// Bell (1991), with the unigrams smoothed by adding one. Nothing in it is tuned.
public struct BigramModel: Sendable {
  private let vocabularySize: Int
  private var total = 0
  private var counts: [Int]
  private var pairs: [UInt64: Int] = [:]
  /// For each id how often something followed it, and how many different ids did.
  private var followed: [Int]
  private var followers: [Int]

  /// Counts what follows what in one pass over a source, such as the streams of a text.
  ///
  /// - Parameter vocabularySize: V, above every id.
  public init(counting source: some BatchSource<Tokens, Tokens>, vocabularySize: Int) {
    self.vocabularySize = vocabularySize
    counts = Array(repeating: 0, count: vocabularySize)
    followed = counts
    followers = counts
    var source = source
    for _ in 0..<source.batchesPerEpoch {
      let batch = source.next()
      for (v, w) in zip(batch.input.ids, batch.target.ids) where w >= 0 {
        total += 1
        counts[Int(w)] += 1
        followed[Int(v)] += 1
        let count = pairs[Self.key(v, w), default: 0] + 1
        pairs[Self.key(v, w)] = count
        if count == 1 { followers[Int(v)] += 1 }
      }
    }
  }

  private static func key(_ v: Int32, _ w: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: v)) << 32 | UInt64(UInt32(bitPattern: w))
  }

  /// The probability of an id, whatever is before it.
  public func probability(of w: Int32) -> Double {
    Double(counts[Int(w)] + 1) / Double(total + vocabularySize)
  }

  /// The probability of an id after another.
  public func probability(of w: Int32, after v: Int32) -> Double {
    let different = Double(followers[Int(v)])
    guard different > 0 else { return probability(of: w) }
    return (Double(pairs[Self.key(v, w)] ?? 0) + different * probability(of: w))
      / (Double(followed[Int(v)]) + different)
  }

  /// The loss of single ids and of pairs over one pass of a source, in nats.
  public func losses(
    over source: some BatchSource<Tokens, Tokens>
  ) -> (unigram: LossSum, bigram: LossSum) {
    var source = source
    var (unigram, bigram) = (LossSum(), LossSum())
    for _ in 0..<source.batchesPerEpoch {
      let batch = source.next()
      for (v, w) in zip(batch.input.ids, batch.target.ids) where w >= 0 {
        unigram += LossSum(total: -log(probability(of: w)), count: 1)
        bigram += LossSum(total: -log(probability(of: w, after: v)), count: 1)
      }
    }
    return (unigram, bigram)
  }
}
