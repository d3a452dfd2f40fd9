import Foundation
import Testing
import Unroll
import UnrollModels

@Suite("charlm train, its validation and runs of before")
struct ValidationTests {
  private let small = SmallRuns()

  @Test("A validation is limited, says so, and is the same for a run that goes on")
  func validationLimit() throws {
    let text = Array(String(repeating: "in and out goes the tide\n", count: 60).utf8)
    let options = ["--validation", "0.2", "--validate-every", "5", "--checkpoint-every", "5"]
    let (path, limited) = try small.train(text, "l", options + ["--validation-limit", "50"])
    #expect(limited.output.contains("validated on the first 50 of 299 characters kept for it"))
    let whole = try small.train(text, "a", options + ["--validation-limit", "all"]).result
    let same = try small.train(text, "s", options).result
    for result in [whole, same] { #expect(!result.output.contains("validated on the first")) }
    #expect(whole.output.contains("validation loss") && whole.output != limited.output)

    let bytes = try #require(small.folder).bytes("l.safetensors")
    try FileManager.default.removeItem(atPath: path)
    let newest = "l.checkpoints/step-0000000030.safetensors"
    try FileManager.default.removeItem(atPath: try #require(small.folder).file(newest))
    let refused = try small.train(text, "l", options + ["--resume"]).result
    #expect(refused.status == 1 && refused.errors.contains("--validation-limit was 50, and now"))
    let resumed = try small.train(text, "l", options + ["--resume", "--validation-limit", "50"])
      .result
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try #require(small.folder).bytes("l.safetensors") == bytes)
  }

  @Test("A run of before goes on with its vocabulary, which was counted over all of the text")
  func formerCheckpoint() throws {
    let folder = try #require(small.folder)
    let text =
      (0..<900).map { "word\($0 % 5)" }.joined(separator: " ")
      + String(repeating: " late", count: 50)
    let vocabulary = try Vocabulary(words: text, maximumSize: 10_000, minimumCount: 2)
    #expect(vocabulary.words.contains("late"))
    let (source, _) = try TextSplit.end.split(
      try vocabulary.encode(text), fraction: 0.05, batchSize: 4, chunkLength: 10)
    let network = LanguageModel(
      vocabulary: vocabulary, configuration: .init(embedding: 5, hidden: 8, layers: 1), seed: 1
    ).network
    var trainer = Trainer(
      model: network, source: source,
      options: TrainingOptions(schedule: .warmUpAndDecay(peak: 0.004, warmUp: 4, steps: 40)))
    let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    let settings = [
      "the text": "\(text.utf8.count) bytes \(String(hash, radix: 16))", "--steps": "40",
      "--seed": "1", "--level": "word", "--vocabulary-size": "all", "--cell": "lstm",
      "--hidden": "8", "--layers": "1", "--embedding": "5", "--tie": "false",
      "--layer-norm": "false", "--dropout": "0.0", "--recurrent-dropout": "0.0",
      "--sequence": "10", "--batch": "4", "--accumulate": "1", "--optimizer": "adam",
      "--learning-rate": "0.004", "--schedule": "cosine", "--clip": "5.0",
      "--weight-decay": "0.0", "--average": "none", "--validation": "0.05", "--split": "end",
      "--validate-every": "40", "--patience": "none",
    ]
    let encoded = String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)
    for _ in 0..<20 { _ = try trainer.trainStep() }
    try CheckpointFolder(folder.file("old.checkpoints")).write(
      trainer,
      metadata: [
        "charlm.settings": encoded,
        LanguageModel.vocabularyKey: try LanguageModel.text(of: vocabulary),
      ])
    for _ in 0..<20 { _ = try trainer.trainStep() }

    let (path, resumed) = try small.train(
      text.utf8, "old", ["--level", "word", "--resume"], steps: 40)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.output.contains("going on from step 20"))
    let model = try LanguageModel(contentsOf: path)
    #expect(model.vocabulary == vocabulary)
    #expect(model.network.parameters.map(\.value) == trainer.model.parameters.map(\.value))
  }
}
