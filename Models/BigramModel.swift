import Foundation
import UnrollCore
import UnrollLayers

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
  private var pairs: PairCounts
  /// For each id how often something followed it, and how many different ids did.
  private var followed: [Int]
  private var followers: [Int]

  /// Counts what follows what in one pass over a source, such as the streams of a text.
  ///
  /// - Parameters:
  ///   - vocabularySize: V, above every id.
  ///   - limit: About the most pairs to count: those of the first batches, which of streams are from
  ///     all over the text. Counting ends with the batch that reaches it.
  public init(
    counting source: some BatchSource<Tokens, Tokens>, vocabularySize: Int, limit: Int = .max
  ) {
    self.vocabularySize = vocabularySize
    counts = Array(repeating: 0, count: vocabularySize)
    followed = counts
    followers = counts
    pairs = PairCounts(vocabularySize: vocabularySize)
    var source = source
    for _ in 0..<source.batchesPerEpoch where total < limit {
      let batch = source.next()
      for (v, w) in zip(batch.input.ids, batch.target.ids) where w >= 0 {
        total += 1
        counts[Int(w)] += 1
        followed[Int(v)] += 1
        if pairs.add(v, w) == 1 { followers[Int(v)] += 1 }
      }
    }
  }

  /// The pairs that were counted.
  public var pairCount: Int { total }

  /// The probability of an id, whatever is before it.
  public func probability(of w: Int32) -> Double {
    Double(counts[Int(w)] + 1) / Double(total + vocabularySize)
  }

  /// The probability of an id after another.
  public func probability(of w: Int32, after v: Int32) -> Double {
    let different = Double(followers[Int(v)])
    guard different > 0 else { return probability(of: w) }
    return (Double(pairs.count(v, w)) + different * probability(of: w))
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

/// How often pairs of ids occur: a table where the vocabulary is small, and else a dictionary, since few
/// of the pairs of words that there could be are there.
private struct PairCounts: Sendable {
  private let vocabularySize: Int
  private var table: [UInt32] = []
  private var dictionary: [UInt64: UInt32] = [:]

  init(vocabularySize: Int) {
    self.vocabularySize = vocabularySize
    // Four megabytes.
    if vocabularySize <= 1024 {
      table = Array(repeating: 0, count: vocabularySize * vocabularySize)
    }
  }

  /// - Returns: how often the pair has been there.
  @inline(__always)
  mutating func add(_ v: Int32, _ w: Int32) -> UInt32 {
    guard table.isEmpty else {
      let index = Int(v) * vocabularySize + Int(w)
      table[index] += 1
      return table[index]
    }
    let count = dictionary[key(v, w), default: 0] + 1
    dictionary[key(v, w)] = count
    return count
  }

  func count(_ v: Int32, _ w: Int32) -> UInt32 {
    table.isEmpty
      ? dictionary[key(v, w)] ?? 0 : table[Int(v) * vocabularySize + Int(w)]
  }

  private func key(_ v: Int32, _ w: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: v)) << 32 | UInt64(UInt32(bitPattern: w))
  }
}
