import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollModels
import UnrollText

/// A small space of sequences: what comes next depends on all that was written, by a table of
/// noise.
struct NoisyModel {
  /// Symbols, the end, 0, among them.
  let symbols: Int
  let seed: UInt64
  /// How far apart the logits are.
  var spread = 3.0

  func logProbabilities(after written: [Int32]) -> [Double] {
    let random = written.reduce(RandomSource(seed: seed)) { $0.child(Int($1) + 1) }
    let logits = (0..<symbols).map { spread * random.uniform($0) }
    let sum = log(logits.reduce(0) { $0 + exp($1) })
    // As a network's, in single precision.
    return logits.map { Double(Float($0 - sum)) }
  }

  /// The hypotheses that a search finds, and how many rows it asked for.
  func search(
    _ search: BeamSearch, in space: BeamSearch.Space, count: Int = 1
  ) -> (found: [BeamSearch.Hypothesis], rows: Int) {
    var (live, rows): ([[Int32]], Int) = ([[]], 0)
    func table(_ all: [[Int32]]) -> Tensor<Float> {
      Tensor(
        shape: [all.count, symbols],
        scalars: all.flatMap { logProbabilities(after: $0).map { Float($0) } })
    }
    let found = search.hypotheses(in: space, count: count, first: table(live)) { parents, next in
      live = zip(parents, next).map { live[$0] + [$1] }
      rows += live.count
      return table(live)
    }
    return (found, rows)
  }

  /// All sequences that end, of at most so many symbols beside the end, with their
  /// log-probabilities.
  func all(longest: Int, excluded: Int32? = nil) -> [(symbols: [Int32], logProbability: Double)] {
    func go(_ written: [Int32], _ sum: Double) -> [(symbols: [Int32], logProbability: Double)] {
      let next = logProbabilities(after: written)
      var list = [(written, sum + next[0])]
      guard written.count < longest else { return list }
      for symbol in 1..<Int32(symbols) where symbol != excluded {
        list += go(written + [symbol], sum + next[Int(symbol)])
      }
      return list
    }
    return go([], 0)
  }
}

@Suite("Beam search")
struct BeamSearchTests {
  private static let normalizations: [LengthNormalization] = [
    .none, .power(1), .power(0.5), .gnmt(0.6), .gnmt(2), .power(3),
  ]

  /// The divisor by its formula.
  private static func divisor(_ normalization: LengthNormalization, _ n: Int) -> Double {
    switch normalization {
    case .none: 1
    case .power(let a): pow(Double(n), a)
    case .gnmt(let a): pow((5 + Double(n)) / 6, a)
    }
  }

  @Test("as wide as all sequences finds the best of all, in their order", arguments: normalizations)
  func exhaustive(normalization: LengthNormalization) {
    for seed in 0..<20 as Range<UInt64> {
      let model = NoisyModel(symbols: 4, seed: seed)
      let ranked = model.all(longest: 5).map {
        ($0.symbols, $0.logProbability / Self.divisor(normalization, $0.symbols.count + 1))
      }.sorted { $0.1 > $1.1 }
      let search = BeamSearch(width: 1000, normalization: normalization)
      for count in [1, 7] {
        let found = model.search(
          search, in: BeamSearch.Space(end: 0, longest: 5), count: count
        ).found
        #expect(found.map(\.symbols) == ranked.prefix(count).map(\.0), "seed \(seed)")
        for (one, other) in zip(found, ranked) { #expect(abs(one.score - other.1) < 1e-12) }
      }
    }
  }

  @Test("of width 1 is greedy")
  func greedy() {
    for seed in 0..<50 as Range<UInt64> {
      let model = NoisyModel(symbols: 5, seed: seed)
      var (written, sum): ([Int32], Double) = ([], 0)
      while true {
        let next = model.logProbabilities(after: written)
        let best = written.count == 6 ? 0 : next.indices.max { next[$0] < next[$1] } ?? 0
        sum += next[best]
        if best == 0 { break }
        written.append(Int32(best))
      }
      for normalization in Self.normalizations {
        let found = model.search(
          BeamSearch(width: 1, normalization: normalization),
          in: BeamSearch.Space(end: 0, longest: 6)
        ).found
        #expect(found.map(\.symbols) == [written])
        #expect(abs(found[0].logProbability - sum) < 1e-12)
        #expect(abs(found[0].score - sum / Self.divisor(normalization, written.count + 1)) < 1e-12)
      }
    }
  }

  @Test("finds no worse with more width, on the whole, and never what is not there")
  func widths() {
    var sums = [0.0, 0, 0]
    for seed in 0..<40 as Range<UInt64> {
      let model = NoisyModel(symbols: 5, seed: seed)
      let all = model.all(longest: 5)
      for (i, width) in [1, 3, 12].enumerated() {
        let found = model.search(
          BeamSearch(width: width), in: BeamSearch.Space(end: 0, longest: 5), count: width
        ).found
        #expect(Set(found.map(\.symbols)).count == found.count)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
        for one in found {
          let same = all.first { $0.symbols == one.symbols }
          #expect(abs((same?.logProbability ?? 1) - one.logProbability) < 1e-12)
        }
        sums[i] += found[0].score
      }
    }
    #expect(sums[0] < sums[1] && sums[1] <= sums[2], "\(sums)")
  }

  @Test("ends as soon as nothing that goes on can be better")
  func ends() {
    // The end is nearly sure from the second symbol on.
    let first = Tensor<Float>(shape: [1, 3], scalars: [0.01, 0.98, 0.01].map { log(Float($0)) })
    for (normalization, most) in [(LengthNormalization.none, 2), (.power(1), 100)] {
      var calls = 0
      let found = BeamSearch(width: 3, normalization: normalization).hypotheses(
        in: BeamSearch.Space(end: 0, longest: 100), first: first
      ) { parents, _ in
        calls += 1
        return Tensor(
          shape: [parents.count, 3],
          scalars: parents.flatMap { _ in [0.99, 0.005, 0.005].map { log(Float($0)) } })
      }
      #expect(found.map(\.symbols) == [[1]] && calls <= most, "\(calls)")
      if normalization == .none { #expect(calls == 1) }
    }
  }

  @Test("goes on where a longer sequence may still win by its length")
  func bound() {
    // The end has a half at first; later on what goes on is sure. By the mean, the longest wins.
    let first = Tensor<Float>(shape: [1, 2], scalars: [log(0.5), log(0.5)])
    func best(_ normalization: LengthNormalization) -> Int {
      BeamSearch(width: 4, normalization: normalization).hypotheses(
        in: BeamSearch.Space(end: 0, longest: 20), first: first
      ) { parents, _ in
        Tensor(
          shape: [parents.count, 2],
          scalars: parents.flatMap { _ in [log(0.001), log(0.999)] as [Float] })
      }[0].symbols.count
    }
    #expect(best(.none) == 0 && best(.power(1)) == 20 && best(.gnmt(1)) == 0)
    #expect(best(.gnmt(3)) == 20)
  }

  @Test("never writes what is excluded, and takes what is no number for nothing")
  func excluded() {
    let model = NoisyModel(symbols: 4, seed: 3)
    let found = model.search(
      BeamSearch(width: 1000), in: BeamSearch.Space(end: 0, excluded: 2, longest: 4), count: 500
    ).found
    let all = model.all(longest: 4, excluded: 2)
    #expect(found.count == all.count && found.allSatisfy { !$0.symbols.contains(2) })
    let broken = Tensor<Float>(shape: [1, 3], scalars: [.nan, -1, -.infinity])
    let rest = BeamSearch(width: 5).hypotheses(
      in: BeamSearch.Space(end: nil, longest: 1), count: 5, first: broken
    ) { _, _ in broken }
    #expect(rest.map(\.symbols) == [[1]])
    let nothing = Tensor<Float>(shape: [1, 3], repeating: .nan)
    #expect(
      BeamSearch().hypotheses(in: BeamSearch.Space(end: 0, longest: 9), first: nothing) { _, _ in
        nothing
      }.isEmpty)
  }

  @Test("takes the first of equal ones")
  func ties() {
    let equal = Tensor<Float>(shape: [1, 4], repeating: log(0.25))
    let found = BeamSearch(width: 3).hypotheses(
      in: BeamSearch.Space(end: nil, longest: 2), count: 3, first: equal
    ) { parents, _ in Tensor(shape: [parents.count, 4], repeating: log(0.25)) }
    #expect(found.map(\.symbols) == [[0, 0], [0, 1], [0, 2]])
  }
}

@Suite("Beam search of a language model")
struct LanguageModelBeamTests {
  private func model(unknown: Vocabulary.Unknown = .error) throws -> LanguageModel {
    var model = LanguageModel(
      vocabulary: try Vocabulary("abc\n", unknown: unknown),
      configuration: .init(embedding: 3, hidden: 5, layers: 2))
    model.network.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
    return model
  }

  /// All texts of some length after a prompt, the most probable first.
  private func all(_ model: LanguageModel, _ prompt: String, length: Int) throws -> [(
    String, Double
  )] {
    let before = try model.vocabulary.encode(prompt)
    var texts = [""]
    for _ in 0..<length {
      texts = texts.flatMap { text in ["a", "b", "c", "\n"].map { text + $0 } }
    }
    return try texts.map { text in
      let ids = before + (try model.vocabulary.encode(text))
      let y = model.network(Tokens(time: ids.count, batch: 1, ids: ids))
      let sum = (before.count..<ids.count).reduce(0.0) {
        $0 + Double(y[$1 - 1, 0, Int(ids[$1])])
      }
      return (text, sum)
    }.sorted { $0.1 > $1.1 }
  }

  @Test("as wide as all texts finds the most probable ones", arguments: [false, true])
  func exhaustive(hasUnknown: Bool) throws {
    let model = try model(unknown: hasUnknown ? .token(minimumCount: 1) : .error)
    for (prompt, length) in [("ab", 5), ("c", 3)] {
      let all = try all(model, prompt, length: length)
      let found = try model.beam(
        prompt, length: length, search: BeamSearch(width: 2000), count: 9)
      #expect(found.map(\.text) == all.prefix(9).map(\.0))
      for (one, other) in zip(found, all) {
        #expect(abs(one.logProbability - other.1) < 1e-5 && one.score == one.logProbability)
      }
    }
  }

  @Test("of width 1 writes what temperature 0 writes, and always the same")
  func greedy() throws {
    let model = try model()
    let greedy = try model.generate(prompt: "ab", sampling: Sampling(temperature: 0))
      .prefix(12).joined()
    #expect(try model.beam("ab", length: 12, search: .greedy).map(\.text) == [greedy])
    let wide = try model.beam("ab", length: 12, search: BeamSearch(width: 8), count: 4)
    #expect(try model.beam("ab", length: 12, search: BeamSearch(width: 8), count: 4) == wide)
    #expect(wide.count == 4 && Set(wide.map(\.text)).count == 4)
    #expect(
      wide[0].logProbability
        >= (try model.beam("ab", length: 12, search: .greedy))[0].logProbability)
    #expect(wide[0].text.count == 12)
    // Without a prompt it begins as at the beginning of a line.
    #expect(try model.beam(length: 4) == (try model.beam("\n", length: 4)))
  }

  @Test("refuses what the model does not know, and a model that diverged")
  func refusals() throws {
    var model = try model()
    #expect(throws: VocabularyError.self) { try model.beam("xyz", length: 3) }
    model.network.visitParameters { $1.value = Tensor(shape: $1.shape, repeating: .nan) }
    #expect(throws: LanguageModel.NotFinite.self) { try model.beam("ab", length: 3) }
  }

  @Test("writes words with the spaces between them")
  func words() throws {
    let vocabulary = try Vocabulary(
      "the cat sat, the mat.", unit: .word, unknown: .token(minimumCount: 1))
    var model = LanguageModel(
      vocabulary: vocabulary, configuration: .init(embedding: 3, hidden: 5, layers: 1))
    model.network.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
    for one in try model.beam("the cat", length: 6, search: BeamSearch(width: 5), count: 5) {
      let whole = vocabulary.decode(try vocabulary.encode("the cat") + one.ids)
      #expect("the cat" + one.text == whole && !one.ids.contains(0) && one.ids.count == 6)
    }
  }
}
