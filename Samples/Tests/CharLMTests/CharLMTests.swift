import Foundation
import ProgramTesting
import Testing

/// A text that a small model learns in a moment.
private let text = String(
  repeating: "MIRA:\nThe tide goes out, the tide comes in again.\n\nTOM:\nAnd so do I.\n\n",
  count: 40)

@Suite("charlm")
struct CharLMTests {
  private let folder = try? TemporaryFolder()

  private func model(
    _ name: String, _ more: [String] = []
  ) throws -> (path: String, result: Program.Result) {
    let folder = try #require(folder)
    let input = try folder.write("text.txt", text)
    let path = folder.file(name)
    let arguments = [
      "train", input, "--output", path, "--hidden", "24", "--embedding", "8", "--batch", "8",
      "--sequence", "20", "--steps", "60",
    ]
    return (path, try Program.run(arguments + more))
  }

  @Test("Trains, reports, writes a model and a sample; samples, evaluates and inspects it")
  func everything() throws {
    let folder = try #require(folder)
    let (path, trained) = try model("m.safetensors", ["--metrics", folder.file("m.jsonl")])
    #expect(trained.status == 0 && trained.errors.isEmpty)
    #expect(trained.output.contains("step 60/60"))
    #expect(trained.output.contains("validation loss"))
    #expect(trained.output.contains("wrote \(path)"))
    #expect(try folder.bytes("m.jsonl").count { $0 == UInt8(ascii: "\n") } == 60)
    #expect(try folder.contents == ["m.jsonl", "m.safetensors", "text.txt"])

    let sample = ["sample", path, "--prompt", "TOM:\n", "--length", "70", "--seed", "4"]
    let written = try Program.run(sample)
    #expect(written.status == 0)
    #expect(written.output.hasPrefix("TOM:\n"))
    #expect(written.output.count == 5 + 70 + 1)
    #expect(try Program.run(sample).output == written.output)

    let evaluation = try Program.run(["evaluate", path, folder.file("text.txt"), "--json"])
    let numbers = try #require(
      JSONSerialization.jsonObject(with: Data(evaluation.output.utf8)) as? [String: Double])
    #expect(numbers["characters"] == Double(text.count - 1))
    #expect(numbers["nats"].map { $0 < 2.5 } == true)
    #expect(numbers["perplexity"].map { abs(log($0) - (numbers["nats"] ?? 0)) < 1e-9 } == true)

    let inspected = try Program.run(["inspect", path])
    #expect(inspected.output.contains("1  LSTM          [T, B, 24]        3168  "))
    #expect(inspected.output.contains("1.weight_ih  F32  [96, 8]"))
    let json = try Program.run(["inspect", path, "--json"])
    #expect(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) is [String: Any])
  }

  @Test(
    "Every cell, tied weights and layer normalization",
    arguments: [
      ["--cell", "gru"], ["--cell", "rnn"], ["--cell", "peephole-lstm"],
      ["--cell", "coupled-lstm"], ["--cell", "layer-norm-lstm"], ["--cell", "min-gru"],
      ["--cell", "min-lstm"], ["--cell", "qrnn"], ["--cell", "sru"], ["--layer-norm"], ["--tie"],
      ["--tie", "--embedding", "24", "--layer-norm", "--dropout", "0.1", "--cell", "gru"],
    ])
  func variants(options: [String]) throws {
    let (path, trained) = try model("v.safetensors", options)
    #expect(trained.status == 0 && trained.errors.isEmpty, "\(trained.errors)")
    let sampled = try Program.run(["sample", path, "--length", "20", "--seed", "1"])
    #expect(sampled.status == 0 && !sampled.output.isEmpty)
    #expect(try Program.run(["inspect", path]).status == 0)
  }

  @Test("Draws gradients on their way back, of models and of fresh networks")
  func flow() throws {
    let folder = try #require(folder)
    let (path, _) = try model("lstm.safetensors")
    let (other, _) = try model("gru.safetensors", ["--cell", "gru"])
    let picture = folder.file("flow.svg")
    let arguments = ["flow", path, folder.file("text.txt"), "--with", other, "--output", picture]
    let drawn = try Program.run(arguments + ["--distance", "40"])
    #expect(drawn.status == 0 && drawn.errors.isEmpty, "\(drawn.errors)")
    for name in ["lstm, h", "lstm, c", "lstm, product of f", "gru, h", "fresh RNN, h"] {
      #expect(drawn.output.contains(name))
    }
    let svg = String(decoding: try folder.bytes("flow.svg"), as: UTF8.self)
    #expect(svg.components(separatedBy: "<polyline").count == 8)
    #expect(!svg.contains("nan") && !svg.contains("inf"))
    let long = try Program.run(arguments + ["--distance", "9999"])
    #expect(long.status == 1 && long.errors.contains("too few"))
  }

  @Test("Reads and writes words: trains, samples, evaluates and inspects by them")
  func words() throws {
    let folder = try #require(folder)
    let (path, trained) = try model(
      "w.safetensors", ["--level", "word", "--vocabulary-size", "12"])
    #expect(trained.status == 0 && trained.errors.isEmpty, "\(trained.errors)")
    #expect(trained.output.contains("words, 12 in the vocabulary, "))
    #expect(trained.output.contains("steps of 8 x 20 words"))
    #expect(trained.output.contains("  bigrams   ") && trained.output.contains(" words/s"))
    #expect(trained.output.contains(" nats, perplexity "))

    let sample = ["sample", path, "--length", "30", "--seed", "4"]
    let written = try Program.run(sample + ["--prompt", "The tide "])
    #expect(written.status == 0 && written.errors.isEmpty, "\(written.errors)")
    #expect(written.output.hasPrefix("The tide") && !written.output.contains("  "))
    #expect(!written.output.contains("\u{FFFD}"))
    let unknown = try Program.run(sample + ["--prompt", "The\ntide zipped"])
    #expect(unknown.status == 0 && unknown.output.hasPrefix("The\ntide zipped"))
    #expect(
      unknown.errors.hasPrefix(
        "note: the model does not know \"zipped\" (line 2, column 6 of the prompt)"))

    let evaluation = try Program.run(["evaluate", path, folder.file("text.txt"), "--json"])
    let numbers = try #require(
      JSONSerialization.jsonObject(with: Data(evaluation.output.utf8)) as? [String: Double])
    #expect(numbers.keys.sorted() == ["bits", "nats", "perplexity", "unknown", "words"])
    #expect(
      try Program.run(["evaluate", path, folder.file("text.txt")]).output.contains("nats per word"))
    #expect(try Program.run(["inspect", path]).output.contains("12 words, the most frequent: "))
    let inspected = try Program.run(["inspect", path, "--json"])
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any])
    let vocabulary = try #require(report["vocabulary"] as? [String: Any])
    #expect((vocabulary["words"] as? [String])?.count == 11)
    let flow = try Program.run([
      "flow", path, folder.file("text.txt"), "--output", folder.file("f.svg"), "--distance", "10",
    ])
    #expect(flow.status == 0 && flow.output.contains("words back"))

    try expectError(["evaluate", path, try folder.write("one.txt", "The")], "two words")
    try expectError(
      ["train", try folder.write("few.txt", "a a b b"), "--output", path, "--level", "word"],
      "4 words", "needed")
    try expectError(
      [
        "train", try folder.write("once.txt", (0..<99).map { "w\($0)" }.joined(separator: " ")),
        "--output", path, "--level", "word", "--batch", "2", "--sequence", "5",
      ],
      "no word occurs 2 times", "--minimum-count")
  }

  @Test("Reads and writes bytes")
  func bytes() throws {
    let (path, trained) = try model("b.safetensors", ["--level", "byte"])
    #expect(trained.status == 0 && trained.output.contains("bits per byte"))
    #expect(trained.output.contains(" bytes/s"))
    let folder = try #require(folder)
    let evaluation = try Program.run(["evaluate", path, folder.file("text.txt")])
    #expect(evaluation.output.hasPrefix("bytes                \(text.utf8.count - 1)\n"))
    let (other, _) = try model("c.safetensors")
    try expectError(
      [
        "flow", path, folder.file("text.txt"), "--with", other, "--output", folder.file("f.svg"),
      ], "bytes", "characters")
  }

  @Test("Threads do not change the model file, nor does a second run; another seed does")
  func reproducible() throws {
    let folder = try #require(folder)
    for (name, options) in [
      ("a", ["--threads", "1"]), ("b", ["--threads", "2"]), ("c", ["--threads", "2"]),
      ("d", ["--seed", "9"]),
    ] {
      #expect(try model(name, options + ["--dropout", "0.2"]).result.status == 0)
    }
    #expect(try folder.bytes("a") == folder.bytes("b"))
    #expect(try folder.bytes("b") == folder.bytes("c"))
    #expect(try folder.bytes("a") != folder.bytes("d"))
  }

  @Test("A column of a table is a text")
  func column() throws {
    let folder = try #require(folder)
    let rows = (0..<200).map { "\($0),\"line \($0 % 7), quoted\"" }.joined(separator: "\n")
    let table = try folder.write("t.csv", "id,words\n" + rows + "\n")
    let result = try Program.run([
      "train", table, "--column", "words", "--output", folder.file("m"), "--hidden", "8",
      "--batch", "4", "--sequence", "10", "--steps", "5", "--split", "streams",
    ])
    #expect(result.status == 0 && result.errors.isEmpty)
  }

  @Test("Ctrl-C saves the model and exits with 130")
  func interrupt() throws {
    let folder = try #require(folder)
    let input = try folder.write("text.txt", text)
    let path = folder.file("m.safetensors")
    let result = try Program.run(
      [
        "train", input, "--output", path, "--hidden", "8", "--batch", "8", "--sequence", "10",
        "--steps", "4000000", "--validation", "0",
      ], interruptWhen: "step 1/")
    #expect(result.status == 130)
    #expect(result.output.contains("interrupted after step"))
    #expect(try Program.run(["sample", path, "--length", "3"]).status == 0)
  }

  /// One line on stderr that names what is wrong; nothing written.
  private func expectError(
    _ arguments: [String], _ words: String..., status: Int32 = 1,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Program.run(arguments)
    #expect(result.status == status, sourceLocation: sourceLocation)
    let lines = result.errors.split(separator: "\n")
    #expect(
      status == 64 || lines.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(
        lines.first?.contains(word) == true, "\(result.errors)", sourceLocation: sourceLocation)
    }
  }

  @Test("Texts that cannot be used")
  func badTexts() throws {
    let folder = try #require(folder)
    let out = ["--output", folder.file("m")]
    func train(_ path: String, _ more: String...) -> [String] { ["train", path] + out + more }
    try expectError(train(folder.file("none.txt")), "none.txt")
    try expectError(train(folder.path), "directory")
    try expectError(train(try folder.write("empty.txt", "")), "empty.txt", "empty")
    try expectError(train(try folder.write("short.txt", "abcde")), "characters")
    try expectError(
      train(try folder.write("bad.txt", [65, 66, 0xFF, 67] as [UInt8])), "bad.txt", "UTF-8")
    let table = try folder.write("t.csv", "id,words\n1,a\n")
    try expectError(train(table), "column", "words")
    try expectError(train(table, "--column", "none"), "none", "words")
    let ragged = try folder.write("r.csv", "id,words\n1,a\n2\n")
    try expectError(train(ragged, "--column", "words"), "r.csv", "3")
    let unclosed = try folder.write("u.csv", "id,words\n1,\"a\n2,b\n")
    try expectError(train(unclosed, "--column", "words"), "u.csv", "quote")
    #expect(!FileManager.default.fileExists(atPath: folder.file("m")))
  }

  @Test("An output that would replace the text or the metrics is refused")
  func sameFile() throws {
    let folder = try #require(folder)
    let input = try folder.write("text.txt", text)
    let link = folder.file("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: input)
    try expectError(["train", input, "--output", link], "same file")
    try expectError(["train", input, "--output", input], "different", status: 64)
    let out = ["--output", folder.file("m")]
    try expectError(["train", input] + out + ["--metrics", link], "same file")
    try expectError(["train", input] + out + ["--metrics", folder.file("none/x")], "none")
    #expect(try folder.bytes("text.txt") == Array(text.utf8))
  }

  @Test("Training that diverges saves the model as the step before left it, or says why not")
  func divergence() throws {
    let folder = try #require(folder)
    let wild = ["--optimizer", "sgd", "--clip", "0", "--schedule", "constant"]
    let (path, result) = try model("m", wild + ["--learning-rate", "1e39"])
    #expect(result.status == 1)
    #expect(result.errors.contains("not finite"))
    #expect(result.errors.contains("nothing was saved"))
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try folder.contents == ["text.txt"])
  }

  @Test("Outputs that cannot be written are found before the first step")
  func badOutputs() throws {
    let folder = try #require(folder)
    let input = try folder.write("text.txt", text)
    for output in [folder.file("none/m"), folder.path, "/proc/m.safetensors"] {
      let result = try Program.run(["train", input, "--output", output, "--steps", "100000000"])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }

  @Test("Model files that are damaged, and prompts with unknown characters")
  func badModels() throws {
    let folder = try #require(folder)
    let (path, _) = try model("m.safetensors", ["--steps", "2"])
    try expectError(["sample", path, "--prompt", "TOM: Ω"], "Ω", "U+03A9")
    try expectError(["sample", folder.file("none")], "none")
    try expectError(["evaluate", path, try folder.write("one.txt", "T")], "two characters")
    let bytes = try folder.bytes("m.safetensors")
    for count in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
      try expectError(["sample", try folder.write("cut", bytes.prefix(count))], "cut")
    }
    for index in stride(from: 0, to: bytes.count, by: bytes.count / 25) {
      var changed = bytes
      changed[index] ^= 0x10
      let damaged = try folder.write("changed", changed)
      try expectError(["inspect", "--verify", damaged], "changed")
      try expectError(["sample", damaged], "changed")
    }
  }
}
