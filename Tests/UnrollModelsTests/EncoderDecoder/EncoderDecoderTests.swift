import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollModels
import UnrollText
import UnrollTraining

/// Small models that write upper case for lower case, backward.
enum SmallRewriting {
  static let letters = "abcd"

  static func pairs(_ count: Int, seed: UInt64) -> [EncoderDecoder.TextPair] {
    let random = RandomSource(seed: seed)
    return (0..<count).map { i in
      let one = random.child(i)
      let text = String(
        (0..<(1 + Int(one.bits(0) % 4))).map { k in
          Array(letters)[Int(one.bits(k + 1) % UInt64(letters.count))]
        })
      return (text, String(text.uppercased().reversed()))
    }
  }

  static func model(
    _ configuration: EncoderDecoder.Configuration = EncoderDecoder.Configuration(
      embedding: 6, hidden: 24), seed: UInt64 = 1
  ) throws -> EncoderDecoder {
    EncoderDecoder(
      source: try Vocabulary("abcd", unknown: .token(minimumCount: 1)),
      target: try Vocabulary("ABCD", unknown: .token(minimumCount: 1)),
      configuration: configuration, seed: seed)
  }

  /// Parameters of noise, so that nothing is near to certain.
  static func noisy(_ spread: Float = 1) throws -> EncoderDecoder {
    var model = try model(EncoderDecoder.Configuration(embedding: 3, hidden: 6))
    model.network.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) * spread }
    return model
  }

  static func trained(
    _ model: EncoderDecoder, steps: Int = 400, sampling: ScheduledSampling = .never
  ) throws -> EncoderDecoder {
    var trainer = Trainer(
      model: model.network,
      source: try model.pairs(pairs(400, seed: 3), batchSize: 32, sampling: sampling),
      options: TrainingOptions(schedule: .warmUpAndDecay(peak: 0.01, warmUp: 20, steps: steps)))
    try trainer.train(steps: steps)
    var trained = model
    trained.network = trainer.model
    return trained
  }
}

@Suite("EncoderDecoder")
struct EncoderDecoderTests {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("pairs-\(UUID().uuidString).safetensors").path

  @Test("learns to write what it should, in every form", arguments: 0..<5)
  func learns(form: Int) throws {
    var configuration = EncoderDecoder.Configuration(embedding: 6, hidden: 24)
    switch form {
    case 1: configuration.attention = nil
    case 2: (configuration.attention, configuration.cell) = (.additive(size: 12), .lstm)
    case 3: (configuration.attention, configuration.isBidirectional) = (.dot, false)
    case 4: (configuration.layers, configuration.dropout) = (2, 0.1)
    default: break
    }
    let model = try SmallRewriting.trained(
      SmallRewriting.model(configuration), steps: form == 1 ? 900 : 400,
      sampling: form == 0 ? .linear(to: 0.5, over: 400) : .never)
    let held = SmallRewriting.pairs(200, seed: 99)
    let evaluation = try model.evaluate(held)
    #expect(evaluation.count == 200 && evaluation.exactMatch > 0.9, "\(evaluation)")
    #expect(try model.rewriting(of: "abcd") == "DCBA")
  }

  @Test("finds the best of all texts where the beam is as wide as all of them")
  func exhaustive() throws {
    let model = try SmallRewriting.noisy()
    let target = model.target
    for text in ["a", "dcba", ""] {
      var texts = [""]
      for length in 0..<5 {
        texts += texts.filter { $0.count == length }.flatMap { t in
          ["A", "B", "C", "D"].map { t + $0 }
        }
      }
      let ranked = try texts.map { written in
        let ids = try target.encode(written)
        let pair = SequencePair(
          source: Tokens(
            time: max(1, text.count), batch: 1,
            ids: text.isEmpty ? [0] : try model.source.encode(text)),
          sourceLengths: [text.count],
          decoderInput: Tokens(time: ids.count + 1, batch: 1, ids: [model.boundary] + ids))
        let y = model.network(pair, batch: 1)
        let sum = (ids + [model.boundary]).enumerated().reduce(0.0) {
          $0 + Double(y[$1.offset, 0, Int($1.element)])
        }
        return (text: written, sum: sum)
      }
      for (normalization, power) in [(LengthNormalization.none, 0.0), (.power(0.8), 0.8)] {
        let best = ranked.sorted {
          $0.sum / pow(Double($0.text.count + 1), power)
            > $1.sum / pow(Double($1.text.count + 1), power)
        }
        let found = try model.rewritings(
          of: text, search: BeamSearch(width: 4000, normalization: normalization), count: 6,
          longest: 5)
        #expect(found.map(\.text) == best.prefix(6).map(\.text))
        for (one, other) in zip(found, best) { #expect(abs(one.logProbability - other.sum) < 1e-5) }
      }
    }
  }

  @Test("writes the same for any number of threads")
  func threads() throws {
    let model = try SmallRewriting.noisy(2)
    let pairs = SmallRewriting.pairs(300, seed: 5)
    let one = try model.evaluate(pairs, threads: 1)
    #expect(try model.evaluate(pairs, threads: 3) == one)
    #expect(
      try model.rewritings(of: "abcd", count: 3, threads: 1)
        == (try model.rewritings(of: "abcd", count: 3, threads: 4)))
  }

  @Test("is one file, with what both sides know")
  func file() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try SmallRewriting.noisy()
    try model.save(to: path, metadata: ["note": "kept"])
    let loaded = try EncoderDecoder(contentsOf: path)
    #expect(loaded.source == model.source && loaded.target == model.target)
    let all = try model.rewritings(of: "abdc", count: 4)
    #expect(try loaded.rewritings(of: "abdc", count: 4) == all && all.count == 4)
    #expect(try ModelFile(contentsOf: path).metadata["note"] == "kept")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try loaded.save(to: path, metadata: ["note": "kept"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
  }

  @Test("is refused of a hostile file, in one line that says why")
  func hostile() throws {
    let model = try SmallRewriting.noisy()
    let key = EncoderDecoder.vocabulariesKey
    try model.save(to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let good = try ModelFile(contentsOf: path)
    func refusal(_ change: (inout [String: String]) -> Void) throws -> String {
      var metadata = good.metadata
      change(&metadata)
      var writer = TensorFileWriter(metadata: metadata)
      for (name, value) in model.network.parameters { writer.add(name, value) }
      let data = try writer.serialized()
      let error = #expect(throws: ModelFileError.self) {
        try EncoderDecoder(ModelFile(data: data, path: "m.safetensors"))
      }
      let line = "\(error.map { "\($0)" } ?? "")"
      #expect(line.hasPrefix("m.safetensors: ") && !line.contains("\n"))
      return line
    }
    #expect(try refusal { $0[key] = nil }.contains("no vocabularies"))
    #expect(try refusal { $0[key] = "{" }.contains("JSON"))
    #expect(try refusal { $0[key] = "{\"source\":{}}" }.contains("cannot be read"))
    let text = try #require(good.metadata[key])
    let fewer = text.replacing("[65,66,67,68]", with: "[65,66,67]")
    #expect(try refusal { $0[key] = fewer }.contains("boundary"))
    let more = text.replacing("[97,98,99,100]", with: "[97,98,99,100,101]")
    #expect(try refusal { $0[key] = more }.contains("token 5"))
    #expect(try refusal { $0[key] = text.replacing("[97,", with: "[97,97,") }.contains("value 97"))
    #expect(
      try refusal { $0[ModelFile.architectureKey] = "[]" }.contains("architecture"))
    // A file of another kind of model, and one that is cut.
    let words = LanguageModel(
      vocabulary: try Vocabulary("ab"), configuration: .init(embedding: 2, hidden: 2, layers: 1))
    try words.save(to: path)
    #expect(throws: ModelFileError.self) { try EncoderDecoder(contentsOf: path) }
    #expect(throws: (any Error).self) { try LanguageModel(good) }
  }

  @Test("refuses a network that is not for its vocabularies")
  func mismatch() throws {
    let model = try SmallRewriting.model()
    let (four, five) = (try Vocabulary("abcd"), try Vocabulary("abcdefgh"))
    #expect(throws: EncoderDecoderError.self) {
      try EncoderDecoder(source: five, target: model.target, network: model.network)
    }
    #expect(throws: EncoderDecoderError.self) {
      try EncoderDecoder(source: model.source, target: four, network: model.network)
    }
    _ = try EncoderDecoder(source: four, target: model.target, network: model.network)
  }

  @Test("names the pair and the side of what a vocabulary does not have")
  func unknowns() throws {
    let known = try Vocabulary("abcd")
    let model = EncoderDecoder(
      source: known, target: known, configuration: .init(embedding: 2, hidden: 2))
    let pairs: [EncoderDecoder.TextPair] = [("ab", "ba"), ("ax", "b"), ("a", "y")]
    let error = #expect(throws: PairError.self) { try model.pairs(pairs, batchSize: 2) }
    #expect(error?.pair == 1 && error?.side == .source)
    let other = #expect(throws: PairError.self) {
      try model.pairs([pairs[0], pairs[2]], batchSize: 2)
    }
    #expect(other?.pair == 1 && other?.side == .target)
    #expect(throws: VocabularyError.self) { try model.rewritings(of: "abx") }
    let evaluated = #expect(throws: PairError.self) { try model.evaluate(pairs) }
    #expect(evaluated?.pair == 1 && evaluated?.side == .source)
    #expect(throws: SequencesError.none) { try model.pairs([], batchSize: 2) }
  }

  @Test("never writes <unk>, and tells where it diverged")
  func limits() throws {
    var model = try SmallRewriting.noisy(3)
    for pair in SmallRewriting.pairs(20, seed: 8) {
      let found = try model.rewritings(
        of: pair.source, search: BeamSearch(width: 6), count: 6, longest: 3)
      #expect(found.allSatisfy { $0.ids.count <= 3 && !$0.ids.contains(0) })
    }
    // What is not known is read as <unk>.
    #expect(try model.rewritings(of: "a?b").count == 1)
    model.network.visitParameters { $1.value = Tensor(shape: $1.shape, repeating: .nan) }
    #expect(throws: LanguageModel.NotFinite.self) { try model.rewriting(of: "ab") }
  }

  @Test("shows what it attended to, a row for each symbol and the end")
  func attention() throws {
    let model = try SmallRewriting.trained(SmallRewriting.model())
    let map = try #require(try model.attention(from: "abcd"))
    #expect(map.source == ["a", "b", "c", "d"] && map.target == ["D", "C", "B", "A", ""])
    #expect(map.weights.count == 5)
    for row in map.weights { #expect(row.count == 4 && abs(row.reduce(0, +) - 1) < 1e-5) }
    #expect(try model.attention(from: "a?d")?.source == ["a", "?", "d"])
    let given = try #require(try model.attention(from: "abcd", to: "AA"))
    #expect(given.target == ["A", "A", ""] && given.weights.count == 3)
    var configuration = EncoderDecoder.Configuration(embedding: 2, hidden: 4)
    configuration.attention = nil
    #expect(try SmallRewriting.model(configuration).attention(from: "ab") == nil)
  }

  @Test("counts what is exact, and edits by characters")
  func evaluation() {
    var evaluation = EncoderDecoder.Evaluation()
    let cases = [
      ("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("abc", "abc", 0),
      ("flaw", "lawn", 2), ("ab", "ba", 2), ("é", "e\u{301}", 2),
    ]
    for (written, target, edits) in cases {
      let before = evaluation.edits
      evaluation.add(written, of: target)
      #expect(evaluation.edits - before == edits, "\(written) \(target)")
    }
    #expect(evaluation.count == 8 && evaluation.exact == 2 && evaluation.exactMatch == 0.25)
    #expect(evaluation.characters == 0 + 0 + 3 + 7 + 3 + 4 + 2 + 2)
    #expect(evaluation.characterErrorRate == 13.0 / 21)
  }

  @Test("trained with scheduled sampling goes on from a checkpoint to the same bytes")
  func resumes() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    func trainer(threads: Int) throws -> Trainer<EncoderDecoder.Network, PairedSequences> {
      let model = try SmallRewriting.model(
        EncoderDecoder.Configuration(embedding: 4, hidden: 8, dropout: 0.2))
      return Trainer(
        model: model.network,
        source: try model.pairs(
          SmallRewriting.pairs(70, seed: 2), batchSize: 16,
          sampling: .linear(to: 0.8, over: 20)),
        options: TrainingOptions(schedule: .constant(0.01), threads: threads))
    }
    var whole = try trainer(threads: 2)
    try whole.train(steps: 23)
    var first = try trainer(threads: 1)
    try first.train(steps: 9)
    try first.writeCheckpoint(to: path)
    var second = try trainer(threads: 3)
    try second.resume(from: ModelFile(contentsOf: path), registry: .standard)
    try second.train(untilStep: 23)
    #expect(second.model.parameters.map(\.value) == whole.model.parameters.map(\.value))
  }
}
