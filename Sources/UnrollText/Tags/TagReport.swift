import UnrollFiles

/// How well sentences are tagged.
///
/// Spans are counted as the script `conlleval` does (Sang and Buchholz 2000): one is right where its type and both
/// of its ends are.
public struct TagReport: Sendable, Equatable {
  /// How often something was expected, was predicted, and both.
  public struct Count: Sendable, Equatable {
    public var expected = 0
    public var predicted = 0
    public var right = 0

    public init() {}

    /// Of what was predicted the part that is right; 0 where nothing was.
    public var precision: Double { predicted == 0 ? 0 : Double(right) / Double(predicted) }
    /// Of what was expected the part that was predicted; 0 where nothing was.
    public var recall: Double { expected == 0 ? 0 : Double(right) / Double(expected) }
    /// The harmonic mean of both; 0 where both are.
    public var f1: Double {
      expected + predicted == 0 ? 0 : Double(2 * right) / Double(expected + predicted)
    }

    static func += (sum: inout Count, other: Count) {
      sum.expected += other.expected
      sum.predicted += other.predicted
      sum.right += other.right
    }
  }

  /// The number of sentences.
  public private(set) var sequences = 0
  /// The number of words.
  public private(set) var tokens = 0
  /// The tags, by name.
  public private(set) var tags: [String: Count] = [:]
  /// The spans, by their types.
  public private(set) var spans: [String: Count] = [:]
  /// How often each tag was taken for each: by the one that was expected, then by that which was predicted.
  public private(set) var confusion: [String: [String: Int]] = [:]

  public init() {}

  /// Takes in a sentence.
  ///
  /// - Precondition: as many tags were predicted as were expected.
  public mutating func add(expected: [String], predicted: [String]) {
    require(
      expected.count == predicted.count,
      "TagReport: \(predicted.count) tags for a sentence of \(expected.count)")
    sequences += 1
    tokens += expected.count
    for (expected, predicted) in zip(expected, predicted) {
      tags[expected, default: Count()].expected += 1
      tags[predicted, default: Count()].predicted += 1
      if expected == predicted { tags[expected, default: Count()].right += 1 }
      confusion[expected, default: [:]][predicted, default: 0] += 1
    }
    let (all, found) = (TagSpan.spans(of: expected), TagSpan.spans(of: predicted))
    let right = Set(all).intersection(found)
    for span in all { spans[span.type, default: Count()].expected += 1 }
    for span in found { spans[span.type, default: Count()].predicted += 1 }
    for span in right { spans[span.type, default: Count()].right += 1 }
  }

  /// The part of the words whose tag is right; not a number where there are none.
  public var accuracy: Double {
    Double(tags.values.reduce(0) { $0 + $1.right }) / Double(tokens)
  }

  /// The spans of all types.
  public var allSpans: Count { spans.values.reduce(into: Count()) { $0 += $1 } }
}
