/// The words of a sentence, and what is known of each.
public struct TaggedSentence: Sendable, Equatable {
  public var words: [String]
  /// The further columns, such as the parts of speech; each says something of every word.
  public var columns: [[String]]
  /// The tags; `nil` where they are to be found.
  public var tags: [String]?

  public init(words: [String], columns: [[String]] = [], tags: [String]? = nil) {
    (self.words, self.columns, self.tags) = (words, columns, tags)
  }

  /// Whether each column, and the tags, say something of every word.
  var isWhole: Bool {
    (columns + [tags ?? words]).allSatisfy { $0.count == words.count }
  }
}
