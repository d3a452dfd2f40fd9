import UnrollCore
import UnrollFiles

/// The most probable sequences of a model that writes symbol by symbol, as far as they can be found
/// by going on, at each step, from the most probable beginnings alone.
///
/// At each step every hypothesis is continued by every symbol, and the `width` most probable ones
/// are kept; those of them that end are set aside. The search is over when no hypothesis that goes
/// on can get a better score than those that have ended: a log-probability L only falls, so that
/// its score is at most L divided as for the longest sequence. With a width of 1 this is greedy. Of
/// equal ones the first found is better, so that the result is always the same.
public struct BeamSearch: Sendable, Equatable {
  /// One hypothesis, continued by the most probable symbol.
  public static let greedy = BeamSearch(width: 1)

  /// How many hypotheses are kept, at least 1.
  public let width: Int
  public let normalization: LengthNormalization

  /// - Precondition: the width is at least 1, an exponent finite and at least 0.
  public init(width: Int = 4, normalization: LengthNormalization = .none) {
    require(width >= 1, "BeamSearch: a width of \(width)")
    require(normalization.isRight, "BeamSearch: the normalization \(normalization)")
    (self.width, self.normalization) = (width, normalization)
  }

  /// A sequence, and how good it is.
  public struct Hypothesis: Sendable, Equatable {
    /// The symbols, without the end.
    public var symbols: [Int32]
    /// The sum of the log-probabilities of all symbols, the end among them, in nats.
    public var logProbability: Double
    /// The log-probability after ``LengthNormalization``: the greater, the better.
    public var score: Double
  }

  /// What is searched.
  public struct Space: Sendable {
    /// The symbol that ends a sequence, and is no part of it; `nil` where none does, and all are of
    /// the greatest length.
    public var end: Int32?
    /// A symbol that is never written.
    public var excluded: Int32?
    /// The most symbols of a sequence, the end aside. One that has so many can only end.
    public var longest: Int

    public init(end: Int32?, excluded: Int32? = nil, longest: Int) {
      (self.end, self.excluded, self.longest) = (end, excluded, longest)
    }
  }

  /// A sequence that goes on by a symbol.
  private struct Candidate {
    var parent: Int
    var symbol: Int32
    var logProbability: Double
  }

  /// The best sequences, the best first.
  ///
  /// - Parameters:
  ///   - count: how many, at least 1. There may be fewer.
  ///   - first: the log-probabilities of the first symbol, `[1, V]`.
  ///   - next: gives the log-probabilities of what comes next, `[n, V]`, of n hypotheses: for each
  ///     the row that it goes on from, of those that were given last, and the symbol by which it
  ///     does.
  public func hypotheses(
    in space: Space, count: Int = 1, first: Tensor<Float>,
    next: (_ parents: [Int], _ symbols: [Int32]) -> Tensor<Float>
  ) -> [Hypothesis] {
    require(
      count >= 1 && space.longest >= (space.end == nil ? 1 : 0),
      "BeamSearch: \(count) sequences of at most \(space.longest) symbols")
    let last = space.longest + (space.end == nil ? 0 : 1)
    var (ended, live) = ([Hypothesis](), [Hypothesis(symbols: [], logProbability: 0, score: 0)])
    var logProbabilities = first
    for n in 1...last {
      let best = candidates(live, logProbabilities, space, mustEnd: n > space.longest)
      let divisor = normalization.divisor(n)
      func hypothesis(_ candidate: Candidate) -> Hypothesis {
        let ends = candidate.symbol == space.end
        return Hypothesis(
          symbols: live[candidate.parent].symbols + (ends ? [] : [candidate.symbol]),
          logProbability: candidate.logProbability, score: candidate.logProbability / divisor)
      }
      let going = best.filter { $0.symbol != space.end }
      ended += best.filter { $0.symbol == space.end }.map(hypothesis)
      ended = Self.sorted(ended, count)
      live = going.map(hypothesis)
      guard n < last, let leading = live.first else { break }
      let bound = leading.logProbability / normalization.divisor(last)
      if ended.count == count, ended[count - 1].score >= bound { return ended }
      logProbabilities = next(going.map(\.parent), going.map(\.symbol))
    }
    return space.end == nil ? Array(live.prefix(count)) : ended
  }

  /// The best, of equal ones the first.
  private static func sorted(_ hypotheses: [Hypothesis], _ count: Int) -> [Hypothesis] {
    hypotheses.enumerated()
      .sorted { ($0.element.score, $1.offset) > ($1.element.score, $0.offset) }
      .prefix(count).map(\.element)
  }

  /// The most probable continuations, the most probable first. What is not a number is none.
  private func candidates(
    _ live: [Hypothesis], _ logProbabilities: Tensor<Float>, _ space: Space, mustEnd: Bool
  ) -> [Candidate] {
    let V = logProbabilities.columns
    logProbabilities.expectShape([live.count, V], axes: "BV", of: "BeamSearch log-probabilities")
    var best: [Candidate] = []
    logProbabilities.withUnsafeBufferPointer { rows in
      for (parent, hypothesis) in live.enumerated() {
        for v in 0..<V {
          let symbol = Int32(v)
          if symbol == space.excluded || (mustEnd && symbol != space.end) { continue }
          let value = hypothesis.logProbability + Double(rows[parent * V + v])
          let least = best.count < width ? -.infinity : best[best.count - 1].logProbability
          guard value > least else { continue }
          let place = best.firstIndex { $0.logProbability < value } ?? best.count
          if best.count == width { best.removeLast() }
          best.insert(
            Candidate(parent: parent, symbol: symbol, logProbability: value), at: place)
        }
      }
    }
    return best
  }
}
