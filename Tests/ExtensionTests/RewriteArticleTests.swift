// The program of the article Rewrite Sequences.
import Foundation
import Testing
import Unroll
import UnrollModels
import UnrollReports

@Suite("The article about rewriting")
struct RewriteArticleTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent(UUID().uuidString)

  /// Dates of forty years in two spellings, no date twice.
  private static func dates(_ count: Int) -> String {
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December",
    ]
    let random = RandomSource(seed: 4)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    var (lines, seen, i) = ([String](), Set<String>(), 0)
    while lines.count < count {
      let one = random.child(i)
      i += 1
      let (year, month) = (1990 + Int(one.bits(0) % 40), Int(one.bits(1) % 12))
      let day = 1 + Int(one.bits(2) % 28)
      let iso = "\(year)-\(two(month + 1))-\(two(day))"
      guard seen.insert(iso).inserted, iso != "2024-05-07" else { continue }
      let spelled =
        one.bits(3) % 2 == 0
        ? "\(day) \(months[month]) \(year)" : "\(months[month]) \(day), \(year)"
      lines.append("\(spelled)\t\(iso)\n")
    }
    return lines.joined()
  }

  private func languageModel() throws -> LanguageModel {
    let text = String(repeating: "the cat sat on the mat. ", count: 40)
    let vocabulary = try Vocabulary(text)
    var model = LanguageModel(
      vocabulary: vocabulary, configuration: .init(embedding: 8, hidden: 24, layers: 1))
    var trainer = Trainer(
      model: model.network,
      source: try TextStreams(try vocabulary.encode(text), batchSize: 4, chunkLength: 12),
      options: TrainingOptions(schedule: .constant(0.02)))
    try trainer.train(steps: 80)
    model.network = trainer.model
    return model
  }

  @Test("Dates are learned, rewritten, and drawn")
  func dates() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("dates.tsv").path
    let modelPath = folder.appendingPathComponent("dates.safetensors").path
    let plotPath = folder.appendingPathComponent("attention.svg").path
    try Data(Self.dates(4400).utf8).write(to: URL(fileURLWithPath: path))

    let table = try CSVTable(path, dialect: .tsv, header: .none)
    let texts = zip(try table.strings("1"), try table.strings("2")).map {
      EncoderDecoder.TextPair(source: $0, target: $1)
    }
    let training = Array(texts.dropLast(400))
    let (validation, test) = (Array(texts.suffix(400).prefix(200)), Array(texts.suffix(200)))

    func vocabulary(_ texts: [String]) throws -> Vocabulary {
      try Vocabulary(texts.joined(), unknown: .token(minimumCount: 1))
    }
    var model = EncoderDecoder(
      source: try vocabulary(training.map(\.source)),
      target: try vocabulary(training.map(\.target)),
      configuration: EncoderDecoder.Configuration(cell: .gru, embedding: 16, hidden: 64))

    var trainer = Trainer(
      model: model.network, source: try model.pairs(training, batchSize: 32),
      options: TrainingOptions(schedule: .warmUpAndDecay(peak: 0.006, warmUp: 50, steps: 800)))
    try trainer.train(
      untilStep: 800, validation: try model.pairs(validation, batchSize: 64, seed: nil),
      validationInterval: 100, observers: [ProgressLine(unit: "characters")])
    model.network = trainer.bestModel
    try model.save(to: modelPath)

    let rewriter = try EncoderDecoder(contentsOf: modelPath)
    let date = try rewriter.rewriting(of: "7 May 2024")
    let best = try rewriter.rewritings(
      of: "7 May 2024", search: BeamSearch(width: 8, normalization: .gnmt(0.6)), count: 3)

    #expect(date == "2024-05-07")
    #expect(best.count == 3 && best[0].text == date && best[0].score > best[1].score)

    let evaluation = try rewriter.evaluate(test, search: .greedy)
    let (exact, errors) = (evaluation.exactMatch, evaluation.characterErrorRate)

    #expect(exact > 0.95 && errors < 0.01, "\(evaluation)")

    if let map = try rewriter.attention(from: "7 May 2024") {
      let chart = HeatMap(
        title: "What the date was written from", rowTitle: "written", columnTitle: "read",
        rows: map.target.map { $0.isEmpty ? "end" : $0 }, columns: map.source, values: map.weights)
      try Data(chart.svg.utf8).write(to: URL(fileURLWithPath: plotPath))
    }
    let svg = try String(contentsOfFile: plotPath, encoding: .utf8)
    #expect(svg.hasPrefix("<svg") && svg.contains(">end<") && !svg.contains("nan"))

    let janet = NamedCell("janet") { JANETCell<Float>(inputSize: $0, hiddenSize: $1) }
    let other = EncoderDecoder(
      source: model.source, target: model.target,
      configuration: EncoderDecoder.Configuration(cell: janet, hidden: 32, attention: nil))
    #expect(other.network.attention == nil)

    let network = SequenceToSequence(
      classes: model.target.count + 1, attention: .additive(size: 24)
    ) {
      Embedding(vocabularySize: model.source.count, dimension: 16)
      LSTM(inputSize: 16, hiddenSize: 40)
      Residual { LayerNorm(inputSize: 40) }
    } decoder: {
      Embedding(vocabularySize: model.target.count + 1, dimension: 16)
      LSTM(inputSize: 16, hiddenSize: 24)
    }
    let stacked = try EncoderDecoder(source: model.source, target: model.target, network: network)
    #expect(stacked.network.parameterCount == network.parameterCount)

    let languageModel = try languageModel()
    let next = try languageModel.beam("the cat ", length: 7, search: BeamSearch(width: 6), count: 3)
    #expect(next.count == 3 && next[0].text == "sat on ")
  }
}
