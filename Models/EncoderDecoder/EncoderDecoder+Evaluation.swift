import UnrollCore
import UnrollText

extension EncoderDecoder {
  /// How often a model writes what it should.
  public struct Evaluation: Sendable, Equatable {
    /// The pairs.
    public var count = 0
    /// Those for which all was right, to the last character.
    public var exact = 0
    /// Characters that have to be replaced, put in or left out to make what was written what it
    /// should be (Levenshtein 1966).
    public var edits = 0
    /// The characters that should have been written.
    public var characters = 0

    public init() {}

    /// The part of the pairs for which all was right.
    public var exactMatch: Double { Double(exact) / Double(count) }
    /// The edits for each character that should have been written. It may be above 1.
    public var characterErrorRate: Double { Double(edits) / Double(characters) }

    /// Counts what was written for what should have been. A character is a Unicode scalar.
    public mutating func add(_ written: String, of target: String) {
      let (a, b) = (Array(written.unicodeScalars), Array(target.unicodeScalars))
      count += 1
      exact += a == b ? 1 : 0
      edits += editDistance(a, b)
      characters += b.count
    }
  }

  /// Writes for the first text of every pair, and compares with the second.
  ///
  /// - Parameters:
  ///   - threads: how many may work. The result does not depend on it.
  ///   - progress: called now and then with the number of pairs that are done.
  /// - Throws: ``PairError`` for a text with a character or word that the model does not know,
  ///   unless it knows `<unk>`; ``LanguageModel/NotFinite`` for a model that diverged.
  public func evaluate(
    _ pairs: [TextPair], search: BeamSearch = BeamSearch(), threads: Int = Threads.default,
    progress: ((Int) -> Void)? = nil
  ) throws -> Evaluation {
    var evaluation = Evaluation()
    for start in stride(from: 0, to: pairs.count, by: 256) {
      let places = start..<min(start + 256, pairs.count)
      var written = places.map { _ in Result<String, any Error>.success("") }
      Threads.forEach(&written, threads: threads) { i, result in
        result = Result {
          try PairError.naming(start + i, .source) {
            try rewritings(of: pairs[start + i].source, search: search).first?.text ?? ""
          }
        }
      }
      for (text, place) in zip(written, places) {
        evaluation.add(try text.get(), of: pairs[place].target)
      }
      progress?(places.upperBound)
    }
    return evaluation
  }
}

/// The least number of elements to replace, to put in and to leave out that makes one list the
/// other.
func editDistance<Element: Equatable>(_ a: [Element], _ b: [Element]) -> Int {
  var distances = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = distances[0]
    distances[0] = i + 1
    for (j, y) in b.enumerated() {
      let replaced = diagonal + (x == y ? 0 : 1)
      diagonal = distances[j + 1]
      distances[j + 1] = min(replaced, distances[j] + 1, diagonal + 1)
    }
  }
  return distances[b.count]
}
