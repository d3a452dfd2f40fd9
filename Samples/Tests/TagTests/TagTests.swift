import Foundation
import ProgramTesting
import Testing

@Suite("tag")
struct TagTests {
  private let files: TagFolder

  init() throws { files = try TagFolder() }

  private struct Figures: Decodable {
    struct Label: Decodable {
      var precision, recall, f1: Double
      var n: Int
    }
    var accuracy: Double
    var span_f1, span_precision, span_recall: Double?
    var per_label: [String: Label]
    var n_tokens, n_sequences: Int
  }

  private func figures(_ arguments: [String]) throws -> Figures {
    let result = try files.tag(["evaluate"] + arguments + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Figures.self, from: Data(result.bytes))
  }

  @Test("Learns from a file, tags another, and says how well")
  func wholeWay() throws {
    let training = try files.write("train.txt", TagFolder.text(120))
    let test = try files.write("test.txt", TagFolder.text(30))
    let model = try files.train(training)
    let (page, plot) = (files.path("p.html"), files.path("p.svg"))
    let scores = try figures([model, test, "--page", page, "--plot", plot])
    #expect(scores.n_sequences == 30 && scores.n_tokens == 160)
    #expect(scores.accuracy > 0.95 && scores.span_f1 ?? 0 > 0.95)
    #expect(Set(scores.per_label.keys) == ["N", "P"] && scores.per_label["P"]?.n == 30)
    let html = String(decoding: try files.folder.bytes("p.html"), as: UTF8.self)
    #expect(html.contains("prefers-color-scheme: dark") && html.contains("30 sentences"))
    #expect(html.components(separatedBy: "class=\"s\"").count == 31)
    #expect(!html.contains("http"))
    let svg = String(decoding: try files.folder.bytes("p.svg"), as: UTF8.self)
    #expect(svg.contains("P (30)") && svg.contains("N (30)"))

    let output = files.path("out.conll")
    let predicted = try files.tag(["predict", model, test, "--output", output])
    #expect(predicted.status == 0, "\(predicted.errors)")
    // What was predicted, as a file to evaluate: there is no error.
    #expect(try figures([model, output]).accuracy == 1)
    let lines = String(decoding: try files.folder.bytes("out.conll"), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let expected = TagFolder.text(30).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == expected.count + 1)
    for (line, own) in zip(lines, expected) {
      #expect(line.split(separator: "\t").prefix(2) == own.split(separator: " ").prefix(2))
    }
    let inspected = try files.tag(["inspect", model])
    #expect(inspected.status == 0)
    for word in ["column 2", "BIO, in the network BIOES", "ConditionalRandomField", "E-N"] {
      #expect(inspected.output.contains(word), "\(inspected.output)")
    }
  }

  @Test("Tags that are no spans, each by itself, have no F1 of spans")
  func noSpans() throws {
    let training = try files.write("train.txt", TagFolder.text(60))
    let model = try files.train(training, columns: [])
    let scores = try figures([model, training])
    #expect(scores.span_f1 == nil && scores.accuracy > 0.7)
    #expect(Set(scores.per_label.keys) == ["S", "L"])
    #expect(try files.tag(["inspect", model]).output.contains("DenseSoftmax"))
  }

  @Test("A table is read as a file of columns is")
  func table() throws {
    let text = TagFolder.text(50)
    let training = try files.write("train.txt", text)
    let rows = text.components(separatedBy: "\n\n").enumerated().flatMap { i, sentence in
      sentence.split(separator: "\n").map { "\(i),\($0.replacing(" ", with: ","))" }
    }
    let table = try files.write(
      "t.csv", "sentence,word,long,name\n" + rows.joined(separator: "\n") + "\n")
    let a = try files.train(training, "a")
    let b = try files.train(
      table, "b",
      columns: [
        "--sequence", "sentence", "--token", "word", "--with", "long", "--tag", "name", "--crf",
      ])
    #expect(try figures([a, training]).accuracy == figures([b, table]).accuracy)
  }

  @Test("A run that is interrupted and goes on ends with the same bytes")
  func resume() throws {
    let training = try files.write("train.txt", TagFolder.text(80))
    _ = try files.train(training, "whole", ["--threads", "1"])
    let path = files.path("parts.safetensors")
    let arguments =
      ["train", training, "--output", path] + TagFolder.columns + TagFolder.small
      + ["--resume", "--checkpoint-every", "7", "--threads", "2"]
    let first = try Program.run(arguments, program: "tag", interruptWhen: "step 2")
    #expect(first.status == 130 || first.status == 0, "\(first.errors)")
    let second = try files.tag(arguments)
    #expect(second.status == 0 && second.output.contains("going on"), "\(second.errors)")
    #expect(try files.folder.bytes("parts.safetensors") == files.folder.bytes("whole.safetensors"))
    let other = try files.error(Self.changed(arguments))
    #expect(other.contains("--batch was 8, and now it is 9"), "\(other)")
  }

  private static func changed(_ arguments: [String]) -> [String] {
    var arguments = arguments
    if let place = arguments.firstIndex(of: "--batch") { arguments[place + 1] = "9" }
    return arguments
  }

  @Test("Every command has an example in its help")
  func help() throws {
    for command in ["", "train", "evaluate", "predict", "inspect"] {
      let result = try files.tag((command.isEmpty ? [] : [command]) + ["--help"])
      #expect(result.status == 0 && result.output.contains("EXAMPLES:\n  tag "), "\(command)")
    }
  }
}
