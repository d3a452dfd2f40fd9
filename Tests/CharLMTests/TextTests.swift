import Foundation
import TestSupport
import Testing
import Unroll
import UnrollModels

/// What texts `charlm` reads, by which vocabulary, and what it says of those that it cannot read.
@Suite("charlm and its texts")
struct TextTests {
  private let folder = try? TemporaryFolder()

  private static let small = [
    "--hidden", "8", "--embedding", "5", "--layers", "1", "--batch", "4", "--sequence", "10",
  ]

  /// Trains on a text.
  private func train(
    _ text: some Sequence<UInt8>, _ name: String, _ more: [String] = [], steps: Int = 30
  ) throws -> (path: String, result: Program.Result) {
    let folder = try #require(folder)
    let path = folder.file(name + ".safetensors")
    let input = try folder.write(name + ".txt", text)
    return (
      path,
      try Program.run(
        ["train", input, "--output", path, "--steps", "\(steps)"] + Self.small + more)
    )
  }

  /// The one line of an error.
  private func error(_ arguments: [String]) throws -> String {
    let result = try Program.run(arguments)
    #expect(result.status == 1 && result.output.isEmpty)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(result.errors)")
    return lines.first.map { String($0) } ?? ""
  }

  private func json(_ arguments: [String]) throws -> [String: Any] {
    let result = try Program.run(arguments + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    return try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  // MARK: Bytes

  private let bytes = (0..<2000).map {
    [0x00, 0x92, 0xFF, 0x41, 0xC3, 0x28, 0x0A][$0 * $0 % 7] as UInt8
  }

  @Test("With --level byte any bytes are trained on, evaluated, drawn and written as they are")
  func anyBytes() throws {
    let folder = try #require(folder)
    let (path, trained) = try train(bytes, "b", ["--level", "byte"], steps: 200)
    #expect(trained.status == 0 && trained.errors.isEmpty, "\(trained.errors)")
    #expect(trained.output.hasPrefix("2000 bytes; "))
    let sampled = try Program.run(["sample", path, "--length", "400", "--seed", "1"])
    #expect(sampled.status == 0 && sampled.bytes.count == 401)
    #expect(sampled.bytes.contains(0x92) && sampled.bytes.contains(0xFF))
    #expect(String(validating: sampled.bytes, as: UTF8.self) == nil)
    let prompted = try Program.run(
      ["sample", path, "--prompt", "Aé(", "--length", "5", "--seed", "1"])
    #expect(prompted.bytes.starts(with: Array("Aé(".utf8)) && prompted.bytes.count == 4 + 5 + 1)
    // Also bytes that were never trained on.
    let others = try folder.write("others.bin", (0..<300).map { UInt8($0 % 256) })
    #expect(try json(["evaluate", path, others])["bytes"] as? Int == 299)
    let flow = try Program.run(
      ["flow", path, others, "--output", folder.file("f.svg"), "--distance", "9", "--batch", "2"])
    #expect(flow.status == 0 && !flow.output.contains("nan"), "\(flow.errors)")
  }

  @Test("What a model of bytes writes of text is that text")
  func utf8() throws {
    let text = Array(String(repeating: "née ", count: 300).utf8)
    let (path, _) = try train(text, "u", ["--level", "byte", "--learning-rate", "0.1"], steps: 150)
    let written = try Program.run(
      ["sample", path, "--prompt", "née n", "--length", "30", "--temperature", "0"])
    #expect(written.output.hasPrefix("née née née "), "\(written.output)")
  }

  @Test("Other levels name the line that is not UTF-8, and say what can be done")
  func notUTF8() throws {
    let folder = try #require(folder)
    let input = try folder.write("lamp.txt", Array("a\nb\r\nit".utf8) + [0x92] + Array("s".utf8))
    let message = try error(["train", input, "--output", folder.file("m")])
    #expect(message.contains("lamp.txt, line 3: not UTF-8 at byte 7; convert the file to UTF-8"))
    #expect(message.hasSuffix(", or give --level byte"))
    let (path, _) = try train("abcdefgh".utf8.map { $0 } + Array(repeating: 97, count: 99), "c")
    #expect(try error(["evaluate", path, input]).hasSuffix("convert the file to UTF-8"))
  }

  // MARK: The training part

  @Test("Words of the validation part are not in the vocabulary", arguments: ["end", "streams"])
  func leak(split: String) throws {
    // 1001 words: 25 chunks of 10 in each of 4 streams, of which the last two are kept.
    let words = (0..<1001).map { i in
      let isHeld = split == "end" ? i >= 900 : i < 1000 && i % 250 > 230
      return isHeld ? "late" : "word\(i % 5)"
    }
    let (path, trained) = try train(
      words.joined(separator: " ").utf8, "w",
      ["--level", "word", "--split", split, "--validation", split == "end" ? "0.1" : "0.08"],
      steps: 200)
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.output.contains("1001 words, 6 in the vocabulary, "))
    let vocabulary = try #require(try json(["inspect", path])["vocabulary"] as? [String: Any])
    #expect((vocabulary["words"] as? [String])?.contains("late") == false)
    // A model that has seen no unknown word does not expect any.
    let loss = trained.output.matches(of: /validation loss ([\d.]+)/).last?.1 ?? ""
    #expect(try #require(Double(loss)) > 2.4)
  }

  @Test("Characters of the validation part alone are known, and told of; or they are <unk>")
  func characters() throws {
    let text = Array(String(repeating: "the tide. ", count: 95).utf8) + Array("é~".utf8)
    let (path, trained) = try train(text, "c")
    #expect(trained.output.contains("952 characters, 9 different"))
    #expect(trained.output.contains("note: 2 of the characters occur outside the part"))
    #expect(trained.output.contains("\"~\" \"é\"") && trained.output.contains("--minimum-count"))
    #expect(try Program.run(["sample", path, "--prompt", "é", "--length", "3"]).status == 0)
    let (other, counted) = try train(text, "d", ["--minimum-count", "1"])
    #expect(counted.output.contains("952 characters, 8 in the vocabulary, 0.2% <unk>"))
    let noted = try Program.run(["sample", other, "--prompt", "té", "--length", "3"])
    #expect(noted.status == 0)
    #expect(
      noted.errors
        == "note: the model does not know \"é\" (line 1, column 2 of the prompt) and reads "
        + "<unk> for it, and for any other such character\n")
  }

  // MARK: Advice

  @Test("What is said about characters that a model does not know can be done")
  func advice() throws {
    let folder = try #require(folder)
    let text = Array(String(repeating: "in and out goes the tide\n", count: 60).utf8)
    let (path, _) = try train(text, "a")
    let input = try folder.write("new.txt", "the tide\nis 5 and out")
    let message = try error(["evaluate", path, input])
    #expect(message.contains("new.txt: \"5\" (U+0035) at line 2, column 4 (character 12)"))
    #expect(message.hasSuffix("; remove it, or give --skip-unknown"))
    let skipped = try json(["evaluate", path, input, "--skip-unknown"])
    #expect(skipped["skipped"] as? Int == 1 && skipped["characters"] as? Int == 19)
    let shown = try Program.run(["evaluate", path, input, "--skip-unknown"])
    #expect(shown.output.contains("left out             1\n"))
    let flow = ["flow", path, input, "--output", folder.file("f.svg"), "--distance", "9"]
    #expect(try error(flow).hasSuffix("or give --skip-unknown"))
    #expect(try Program.run(flow + ["--skip-unknown"]).status == 0)

    let prompt = try error(["sample", path, "--prompt", "5", "--length", "3"])
    #expect(prompt.contains("in the prompt, \"5\"") && prompt.contains("--minimum-count 2"))
    let (other, _) = try train(text, "o", ["--minimum-count", "2"])
    #expect(try Program.run(["sample", other, "--prompt", "5", "--length", "3"]).status == 0)
    let read = try json(["evaluate", other, input])
    #expect(read["unknown"] as? Int == 1 && read["skipped"] == nil)
    #expect(try json(["evaluate", other, input, "--skip-unknown"])["skipped"] as? Int == 1)
    #expect(
      try error(["evaluate", path, try folder.write("no.txt", "5%5%"), "--skip-unknown"])
        .contains("two characters"))
  }

  @Test("A text that is too long is to be split: there is no limit to raise")
  func tooLong() throws {
    let folder = try #require(folder)
    let input = try folder.write("long.txt", "x")
    #expect(truncate(input, 1 << 31) == 0)
    let message = try error(["train", input, "--output", folder.file("m")])
    #expect(message.hasSuffix("longer than the limit of 1073741824 bytes; split the file"))
  }

  // MARK: Numbers that are none

  /// A model file whose weights were changed.
  private func broken(_ name: String, _ change: (String, inout Tensor<Float>) -> Void) throws
    -> String
  {
    let path = try #require(folder).file(name + ".safetensors")
    var model = LanguageModel(
      vocabulary: try Vocabulary("abcd\n"),
      configuration: .init(embedding: 4, hidden: 6, layers: 1), seed: 2)
    model.network.visitParameters { change($0, &$1.value) }
    try model.save(to: path)
    return path
  }

  private func text() throws -> String {
    try #require(folder).write("abc.txt", String(repeating: "abcad\n", count: 20))
  }

  @Test("What is infinite is null in JSON, and inf where it is read by people")
  func infinitePerplexity() throws {
    let path = try broken("huge") { name, value in
      if name == "2.weight" {
        value = Tensor(shape: value.shape, scalars: value.scalars.map { $0 * -1e5 })
      }
    }
    let report = try json(["evaluate", path, text()])
    #expect(report.keys.sorted() == ["bits", "characters", "nats", "perplexity"])
    #expect(report["perplexity"] is NSNull)
    #expect(try #require(report["nats"] as? Double) > 710)
    #expect(
      try Program.run(["evaluate", path, text()]).output.contains("perplexity           inf\n"))
    #expect(try Program.run(["sample", path, "--length", "9"]).status == 0)
  }

  @Test("A model that diverged is refused in one line", arguments: [Float.nan, .infinity])
  func diverged(value: Float) throws {
    let folder = try #require(folder)
    let path = try broken("nan") { name, tensor in
      guard name == "0.weight" || name == "2.weight" else { return }
      tensor = Tensor(shape: tensor.shape, scalars: tensor.scalars.map { _ in value })
    }
    for arguments in [
      ["evaluate", path, try text()], ["evaluate", path, try text(), "--json"],
      ["sample", path, "--length", "9"], ["sample", path, "--prompt", "ab"],
      ["flow", path, try text(), "--output", folder.file("f.svg"), "--distance", "5"],
    ] {
      let message = try error(arguments)
      #expect(message.contains("nan.safetensors") && message.contains("the model diverged"))
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("f.svg")))
    #expect(try Program.run(["inspect", path]).status == 0)
  }

  @Test("A model that diverges after some characters writes those, and then says so")
  func divergesLater() throws {
    let path = try broken("later") { name, tensor in
      guard name == "0.weight" else { return }
      var scalars = tensor.scalars
      scalars[4] = .nan  // That of "a".
      tensor = Tensor(shape: tensor.shape, scalars: scalars)
    }
    let result = try Program.run(["sample", path, "--length", "5000", "--seed", "1"])
    #expect(result.status == 1 && result.output.last == "a")
    #expect(result.errors.contains("not numbers") && result.errors.count { $0 == "\n" } == 1)
  }

  @Test("Where there is no gradient, none is drawn")
  func noGradient() throws {
    let folder = try #require(folder)
    let path = try broken("sure") { name, tensor in
      if name == "2.bias" { tensor = Tensor(shape: tensor.shape, scalars: [0, 1e4, 0, 0, 0]) }
    }
    let input = try folder.write("a.txt", String(repeating: "a", count: 99))
    let message = try error(
      ["flow", path, input, "--output", folder.file("f.svg"), "--distance", "5"])
    #expect(message.contains("no gradient"))
  }

  // MARK: The limit of validation

  @Test("A validation is limited, says so, and is the same for a run that goes on")
  func validationLimit() throws {
    let text = Array(String(repeating: "in and out goes the tide\n", count: 60).utf8)
    let options = ["--validation", "0.2", "--validate-every", "5", "--checkpoint-every", "5"]
    let (path, limited) = try train(text, "l", options + ["--validation-limit", "50"])
    #expect(limited.output.contains("validated on the first 50 of 299 characters kept for it"))
    let whole = try train(text, "a", options + ["--validation-limit", "all"]).result
    let same = try train(text, "s", options).result
    for result in [whole, same] { #expect(!result.output.contains("validated on the first")) }
    #expect(whole.output.contains("validation loss") && whole.output != limited.output)

    let bytes = try #require(folder).bytes("l.safetensors")
    try FileManager.default.removeItem(atPath: path)
    let newest = "l.checkpoints/step-0000000030.safetensors"
    try FileManager.default.removeItem(atPath: try #require(folder).file(newest))
    let refused = try train(text, "l", options + ["--resume"]).result
    #expect(refused.status == 1 && refused.errors.contains("--validation-limit was 50, and now"))
    let resumed = try train(text, "l", options + ["--resume", "--validation-limit", "50"]).result
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try #require(folder).bytes("l.safetensors") == bytes)
  }

  // MARK: Checkpoints of before

  @Test("A run of before goes on with its vocabulary, which was counted over all of the text")
  func formerCheckpoint() throws {
    let folder = try #require(folder)
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
      options: TrainingOptions(
        schedule: .warmUpAndDecay(peak: 0.004, warmUp: 4, steps: 40)))
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

    let (path, resumed) = try train(
      text.utf8, "old", ["--level", "word", "--resume"], steps: 40)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.output.contains("going on from step 20"))
    let model = try LanguageModel(contentsOf: path)
    #expect(model.vocabulary == vocabulary)
    #expect(model.network.parameters.map(\.value) == trainer.model.parameters.map(\.value))
  }
}
