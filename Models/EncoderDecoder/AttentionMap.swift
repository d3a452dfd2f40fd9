import UnrollCore
import UnrollText

/// What a model attended to while it wrote: for each symbol that was written how much of each that
/// was read.
public struct AttentionMap: Sendable, Equatable {
  /// The symbols that were read.
  public var source: [String]
  /// The symbols that were written; the last one, the end, is empty.
  public var target: [String]
  /// A row for each that was written, in it a weight for each that was read, which add up to 1.
  public var weights: [[Double]]
}

extension EncoderDecoder {
  /// What the model attends to while it writes a text for a text.
  ///
  /// - Parameter target: what is written; unless given, what the model writes, greedily.
  /// - Returns: `nil` where there is no attention.
  /// - Throws: ``VocabularyError`` for a character or word that the model does not know, unless it
  ///   knows `<unk>`; ``LanguageModel/NotFinite`` for a model that diverged.
  public func attention(from text: String, to target: String? = nil) throws -> AttentionMap? {
    guard network.attention != nil else { return nil }
    let read = try source.encode(text)
    let written =
      try target.map { try self.target.encode($0) }
      ?? rewritings(of: text, search: .greedy).first?.ids ?? []
    let weights = network.attentionWeights(
      SequencePair(
        source: Self.stream(read), sourceLengths: [read.count],
        decoderInput: Self.stream([boundary] + written)))
    guard let weights else { return nil }
    return AttentionMap(
      // As they are in the text, also those that are read as <unk>.
      source: source.unit == .character
        ? text.unicodeScalars.map { String($0) } : read.map { source.decode([$0]) },
      target: written.map { self.target.decode([$0]) } + [""],
      weights: (0...written.count).map { t in
        read.indices.map { Double(weights[t, 0, $0]) }
      })
  }
}
