import Foundation
import PluginLayer
import Testing
import Unroll
import UnrollModels

@Suite("An outside cell that rewrites")
struct RewriteTests {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("plugin-\(UUID().uuidString).safetensors").path
  private static let gilr = NamedCell("gilr") { GILRCell(inputSize: $0, hiddenSize: $1) }

  /// Strings of a few letters, and the same strings backward.
  private static func pairs(_ count: Int, seed: UInt64) -> [EncoderDecoder.TextPair] {
    let (letters, random) = (Array("abcde"), RandomSource(seed: seed))
    return (0..<count).map { i in
      let one = random.child(i)
      let text = (0..<(2 + Int(one.bits(0) % 3))).map { letters[Int(one.bits($0 + 1) % 5)] }
      return (String(text), String(text.reversed()))
    }
  }

  @Test("reads and writes in both parts of the model, is saved and loaded, and is right")
  func rewrites() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let letters = try Vocabulary("abcde")
    var model = EncoderDecoder(
      source: letters, target: letters,
      configuration: EncoderDecoder.Configuration(cell: Self.gilr, embedding: 12, hidden: 48))
    var trainer = Trainer(
      model: model.network, source: try model.pairs(Self.pairs(600, seed: 1), batchSize: 32),
      options: TrainingOptions(schedule: .warmUpAndDecay(peak: 0.01, warmUp: 30, steps: 1200)))
    try trainer.train(steps: 1200)
    model.network = trainer.model
    try model.save(to: path)
    let error = #expect(throws: ModelFileError.self) { try EncoderDecoder(contentsOf: path) }
    #expect(error?.description.contains("'GILR'") == true)
    var registry = LayerRegistry<Float>.standard
    Self.gilr.register(in: &registry)
    let loaded = try EncoderDecoder(contentsOf: path, registry: registry)
    let evaluation = try loaded.evaluate(Self.pairs(200, seed: 2))
    #expect(evaluation.exactMatch > 0.9, "\(evaluation)")
  }
}
