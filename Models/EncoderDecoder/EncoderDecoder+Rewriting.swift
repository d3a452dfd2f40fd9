import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollText

extension EncoderDecoder {
  /// The best texts for a text, as far as a ``BeamSearch`` finds them, the best first. `<unk>` is
  /// never written.
  ///
  ///     let best = try model.rewritings(of: "7 May 2024", search: BeamSearch(width: 4), count: 3)
  ///
  /// - Parameters:
  ///   - count: how many, at least 1. There may be fewer.
  ///   - longest: the most symbols to write; 2 n + 20 for a text of n unless given.
  ///   - threads: how many may work. The texts do not depend on it.
  /// - Throws: ``VocabularyError`` for a character or word that the model does not know, unless it
  ///   knows `<unk>`; ``LanguageModel/NotFinite`` for a model that diverged.
  public func rewritings(
    of text: String, search: BeamSearch = BeamSearch(), count: Int = 1, longest: Int? = nil,
    threads: Int = 1
  ) throws -> [ScoredText] {
    let found = try hypotheses(
      of: source.encode(text), search: search, count: count, longest: longest, threads: threads)
    return found.map { ScoredText($0, text: target.decode($0.symbols)) }
  }

  /// The most probable text by ``BeamSearch/greedy``: each symbol is the most probable one.
  ///
  /// - Throws: as ``rewritings(of:search:count:longest:threads:)``.
  public func rewriting(of text: String) throws -> String {
    try rewritings(of: text, search: .greedy).first?.text ?? ""
  }

  private func hypotheses(
    of ids: [Int32], search: BeamSearch, count: Int, longest: Int?, threads: Int
  ) throws -> [BeamSearch.Hypothesis] {
    let context = Context(.inference, threads: threads)
    var decoding = network.decoding(of: Self.stream(ids), lengths: [ids.count], in: context)
    let first = network.next(after: [boundary], &decoding, in: context)
    let found = search.hypotheses(
      in: BeamSearch.Space(
        end: boundary, excluded: target.hasUnknown ? 0 : nil, longest: longest ?? 2 * ids.count + 20
      ), count: count, first: first
    ) { parents, symbols in
      decoding = network.gathering(parents, of: decoding)
      return network.next(after: symbols, &decoding, in: context)
    }
    guard !found.isEmpty else { throw LanguageModel.NotFinite() }
    return found
  }

  /// One stream of at least one step, which an empty text has as padding.
  static func stream(_ ids: [Int32]) -> Tokens {
    Tokens(time: max(1, ids.count), batch: 1, ids: ids.isEmpty ? [0] : ids)
  }
}
