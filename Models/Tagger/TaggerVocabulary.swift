import UnrollCore
import UnrollFiles
import UnrollText

/// The words, characters, columns and tags that a tagger knows, and the ids by which its network does.
///
/// Words are known without regard to capitals, and with `0` for any digit; how they are written is a feature, and
/// their characters are read as they are. Id 0 is what is not known.
public struct TaggerVocabulary: Codable, Sendable, Equatable {
  /// The longest spelling that is read; of longer ones the beginning and the end.
  static let longestSpelling = 32

  public let words: LabelTable
  public let characters: LabelTable
  /// The values of each further column.
  public let columns: [LabelTable]
  /// The labels of the network.
  public let labels: LabelTable
  /// How the spans of the data are written; `nil` where the tags are no spans, or not in a scheme.
  public let scheme: TagScheme?
  /// How the labels of the network write them.
  public let labelScheme: TagScheme?

  /// What there is in sentences to learn from.
  ///
  /// - Parameters:
  ///   - further: words to know beside those, such as those of a file of vectors.
  ///   - minimumCount: how often a word has to occur to be known, and a character.
  ///   - labelScheme: how the network is to write spans, where the data are BIO; BIOES tells it more.
  /// - Throws: ``TaggerError`` where there is nothing to learn, or a sentence has more columns than another.
  public init(
    _ sentences: [TaggedSentence], further: [String] = [], minimumCount: Int = 2,
    labelScheme: TagScheme? = nil
  ) throws {
    let tags = sentences.compactMap(\.tags)
    guard sentences.allSatisfy(\.isWhole), tags.count == sentences.count,
      Set(sentences.map(\.columns.count)).count == 1
    else {
      throw TaggerError("every sentence needs a tag for each word, and as many columns as others")
    }
    let (spelled, seen) = (
      sentences.flatMap(\.words), sentences.flatMap { $0.words.map(Self.plain) }
    )
    scheme = TagScheme(following: tags)
    self.labelScheme = scheme == .bio ? labelScheme ?? .bio : scheme
    let (from, to) = (scheme, self.labelScheme)
    guard
      let words = LabelTable(Self.frequent(seen, minimumCount) + further.map(Self.plain)),
      let characters = LabelTable(
        Self.frequent(spelled.flatMap { $0.unicodeScalars.map { String($0) } }, minimumCount)),
      let labels = LabelTable(tags.flatMap { Self.converted($0, from, to) })
    else { throw TaggerError("there is no word to learn from") }
    (self.words, self.characters, self.labels) = (words, characters, labels)
    columns = try (sentences.first?.columns ?? []).indices.map { k in
      guard let table = LabelTable(sentences.flatMap { $0.columns[k] }) else {
        throw TaggerError("there is no word to learn from")
      }
      return table
    }
  }

  /// What occurs often enough; all where nothing does.
  private static func frequent(_ items: [String], _ minimumCount: Int) -> [String] {
    var counts: [String: Int] = [:]
    for item in items { counts[item, default: 0] += 1 }
    let often = counts.filter { $0.value >= minimumCount }
    return Array((often.isEmpty ? counts : often).keys)
  }

  /// A word without its capitals, and with `0` for any digit.
  static func plain(_ word: String) -> String {
    String(word.lowercased().map { $0.isASCII && $0.isNumber ? "0" : $0 })
  }

  private static func converted(
    _ tags: [String], _ from: TagScheme?, _ to: TagScheme?
  ) -> [String] {
    guard let from, let to, from != to else { return tags }
    return TagSpan.tags(of: TagSpan.spans(of: tags), count: tags.count, in: to)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    words = try container.decode(LabelTable.self, forKey: .words)
    characters = try container.decode(LabelTable.self, forKey: .characters)
    columns = try container.decode([LabelTable].self, forKey: .columns)
    labels = try container.decode(LabelTable.self, forKey: .labels)
    scheme = try container.decodeIfPresent(TagScheme.self, forKey: .scheme)
    labelScheme = try container.decodeIfPresent(TagScheme.self, forKey: .labelScheme)
    let areLabels = labelScheme.map { labels.names.allSatisfy($0.has) } ?? true
    guard areLabels, scheme == nil ? labelScheme == nil : labelScheme != nil else {
      throw DecodingError.dataCorruptedError(
        forKey: .labelScheme, in: container, debugDescription: "the labels are not in the scheme")
    }
  }

  /// What labels may follow each other; `nil` where they are no spans.
  public var rules: TransitionRules? {
    labelScheme.flatMap { TransitionRules(tags: labels.names, scheme: $0) }
  }

  /// The number of values of each feature: how a word is written, and the further columns.
  var featureCounts: [Int] { [WordShape.allCases.count] + columns.map { $0.count + 1 } }

  /// A sentence by its ids.
  struct Encoded: Sendable {
    var words: [Int32]
    /// The characters of each word.
    var spellings: [[Int32]]
    /// For each feature those of the words.
    var features: [[Int32]]
    /// Tags that are not known are ``Tokens/ignored``.
    var labels: [Int32]
  }

  /// - Precondition: the sentence says of every word what the vocabulary has.
  func encode(_ sentence: TaggedSentence) -> Encoded {
    require(
      sentence.isWhole && sentence.columns.count == columns.count,
      "SequenceTagger: a sentence of \(sentence.words.count) words with \(sentence.columns.count) columns, "
        + "which have to be \(columns.count), with something for each word")
    func id(_ text: String, _ table: LabelTable) -> Int32 { table.id(of: text).map { $0 + 1 } ?? 0 }
    return Encoded(
      words: sentence.words.map { id(Self.plain($0), words) },
      spellings: sentence.words.map { word in
        let scalars = Array(word.unicodeScalars)
        let half = Self.longestSpelling / 2
        let read =
          scalars.count > 2 * half ? scalars.prefix(half) + scalars.suffix(half) : scalars[...]
        return read.map { id(String($0), characters) }
      },
      features: [sentence.words.map { WordShape(of: $0).rawValue }]
        + zip(sentence.columns, columns).map { values, table in values.map { id($0, table) } },
      labels: Self.converted(sentence.tags ?? [], scheme, labelScheme)
        .map { labels.id(of: $0) ?? Tokens.ignored })
  }

  /// The tags that labels mean.
  func tags(of labels: [Int32]) -> [String] {
    Self.converted(labels.map(self.labels.name), labelScheme, scheme)
  }
}

extension TagScheme {
  /// The scheme that all of these sentences keep to; `nil` where there is none.
  fileprivate init?(following sentences: [[String]]) {
    guard let scheme = TagScheme(of: Set(sentences.joined())),
      sentences.allSatisfy({ tags in
        zip([nil] + tags.map(Optional.some), tags.map(Optional.some) + [nil])
          .allSatisfy { scheme.allows($1, after: $0) }
      })
    else { return nil }
    self = scheme
  }
}
