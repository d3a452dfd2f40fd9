import UnrollCore

/// Words that belong together: a chunk, or a name.
public struct TagSpan: Sendable, Hashable {
  public var type: String
  /// The places of its words in the sentence.
  public var words: Range<Int>

  public init(_ type: String, _ words: Range<Int>) {
    (self.type, self.words) = (type, words)
  }

  /// The spans of a sentence, as the script `conlleval` of the CoNLL shared tasks finds them in tags of any kind,
  /// whether they keep to a scheme or not.
  ///
  /// A span begins at `B` and `S`, where the type changes, and at `I` and `E` after a word that ends one; it ends after
  /// `E` and `S`, and where the next begins or is outside.
  public static func spans(of tags: [String]) -> [TagSpan] {
    var spans: [TagSpan] = []
    var (before, isOpen) = (TagScheme.parts(of: "O"), false)
    for (t, tag) in tags.enumerated() {
      let now = TagScheme.parts(of: tag)
      if isOutside(now.place) {
        isOpen = false
      } else if isOpen, !["B", "S"].contains(now.place), !["E", "S"].contains(before.place),
        now.type == before.type
      {
        let last = spans.count - 1
        spans[last].words = spans[last].words.lowerBound..<(t + 1)
      } else {
        spans.append(TagSpan(String(now.type), t..<(t + 1)))
        isOpen = true
      }
      before = now
    }
    return spans
  }

  private static func isOutside(_ place: Substring) -> Bool { place == "O" || place == "." }

  /// The tags of a sentence of so many words that has these spans.
  ///
  /// - Precondition: spans within the sentence, that do not overlap.
  public static func tags(of spans: [TagSpan], count: Int, in scheme: TagScheme) -> [String] {
    var tags = [String](repeating: "O", count: count)
    for span in spans {
      for t in span.words {
        let (isFirst, isLast) = (t == span.words.lowerBound, t == span.words.upperBound - 1)
        let place =
          switch (scheme, isFirst, isLast) {
          case (.bio, true, _), (.bioes, true, false): "B"
          case (.bio, false, _), (.bioes, false, false): "I"
          case (.bioes, true, true): "S"
          case (.bioes, false, true): "E"
          }
        tags[t] = "\(place)-\(span.type)"
      }
    }
    return tags
  }
}
