import UnrollCore
import UnrollFiles
import UnrollText

extension LanguageModel {
  /// The most probable continuations of a prompt, as far as a ``BeamSearch`` finds them: always the
  /// same, the most probable first. `<unk>` is never written.
  ///
  ///     let next = try model.beam("the cat ", length: 12, search: BeamSearch(width: 8), count: 3)
  ///
  /// All have the same length, so that normalizing by it would change nothing.
  ///
  /// - Parameters:
  ///   - prompt: what is gone on from; without one, the beginning of a line.
  ///   - length: characters, bytes or words to write, at least 1.
  ///   - count: how many continuations, at least 1. There may be fewer.
  ///   - weights: how the weights are kept meanwhile.
  ///   - threads: how many may share a product with large weights. The texts do not depend on it.
  /// - Throws: ``VocabularyError`` for a character or word of the prompt that the model does not
  ///   know, unless it knows `<unk>`; ``NotFinite`` for a model that diverged.
  public func beam(
    _ prompt: String = "", length: Int, search: BeamSearch = BeamSearch(), count: Int = 1,
    weights: WeightPrecision = .full, threads: Int = 1
  ) throws -> [ScoredText] {
    let written = try vocabulary.encode(prompt)
    let context = Context(.inference, weights: weights, threads: threads)
    var (state, cache) = (network.makeState(batch: 1), network.makeCache())
    func next(_ ids: [Int32], streams: Int) -> Tensor<Float> {
      let time = ids.count / streams
      let output = network.forward(
        Tokens(time: time, batch: streams, ids: ids), state: &state, cache: &cache, in: context)
      return output.step(time - 1)
    }
    let found = search.hypotheses(
      in: BeamSearch.Space(
        end: nil, excluded: vocabulary.hasUnknown && vocabulary.count > 1 ? 0 : nil,
        longest: length),
      count: count, first: next(written.isEmpty ? beginning : written, streams: 1)
    ) { parents, symbols in
      state = network.gathering(parents, of: state)
      return next(symbols, streams: symbols.count)
    }
    guard !found.isEmpty else { throw NotFinite() }
    return found.map { hypothesis in
      // A word's space depends on what was before it.
      var decoder = StreamingDecoder(vocabulary)
      for id in written { _ = decoder.append(id) }
      let text = hypothesis.symbols.map { decoder.append($0) }.joined()
      return ScoredText(hypothesis, text: text + decoder.finish())
    }
  }
}
