import Foundation
import ProgramTesting
import Testing

@Suite("rewrite")
struct RewriteTests {
  private let pairs = SmallPairs()

  private struct Report: Decodable {
    var exact_match: Double
    var character_error_rate: Double
    var n: Int
  }

  private struct Prediction: Decodable {
    struct Text: Decodable {
      var text: String
      var score: Double
      var log_probability: Double
    }

    var source: String
    var rewritings: [Text]
  }

  @Test("learns from pairs, predicts, evaluates, draws and shows")
  func whole() throws {
    let table = try pairs.write()
    let model = try pairs.train(table)
    let one = try pairs.rewrite(["predict", model, "abc"])
    #expect(one.status == 0 && one.output == "cba\n" && one.errors.isEmpty, "\(one)")

    let lines = try pairs.rewrite(["predict", model, "-"], input: "abc\nda\n\nb")
    let written = lines.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(written.count == 5 && written[0] == "cba" && written[1] == "ad" && written[3] == "b")

    let best = try pairs.rewrite(["predict", model, "abc", "--n-best", "3"])
    let scores = best.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(scores.count == 3 && scores[0][1] == "cba")
    let numbers = scores.compactMap { Double($0[0]) }
    #expect(numbers.count == 3 && numbers == numbers.sorted(by: >) && numbers[0] < 0)

    let json = try pairs.rewrite(
      ["predict", model, "abc", "--n-best", "2", "--json", "--length-power", "1"])
    let prediction = try JSONDecoder().decode(Prediction.self, from: Data(json.bytes))
    #expect(prediction.source == "abc" && prediction.rewritings.count == 2)
    let first = prediction.rewritings[0]
    // Three letters and the end.
    #expect(first.text == "cba" && abs(first.score * 4 - first.log_probability) < 1e-9)

    for more in [[], ["--beam", "1"], ["--threads", "1"]] {
      let result = try pairs.rewrite(["evaluate", model, table, "--json"] + more)
      let report = try JSONDecoder().decode(Report.self, from: Data(result.bytes))
      #expect(report.n == 300 && report.exact_match > 0.95 && report.character_error_rate < 0.05)
    }
    let text = try pairs.rewrite(["evaluate", model, table])
    #expect(text.output.contains("exact match") && text.output.contains("300"))

    let plot = try pairs.path("a.svg")
    #expect(try pairs.rewrite(["attention", model, "a d", "--plot", plot]).status == 0)
    let svg = String(decoding: try #require(pairs.folder).bytes("a.svg"), as: UTF8.self)
    #expect(svg.hasPrefix("<svg") && svg.contains(">end<") && svg.contains(">␣<"))
    #expect(svg.matches(of: /<rect class="ur-f-a0"/).count > 6 && !svg.contains("nan"))

    let shown = try pairs.rewrite(["inspect", model])
    #expect(shown.status == 0 && shown.output.contains("4 characters: abcd"), "\(shown)")
    #expect(shown.output.contains("SequenceToSequence") && shown.output.contains("Attention"))
  }

  @Test("ends with the same bytes where it was resumed, and for any number of threads")
  func resumes() throws {
    let table = try pairs.write()
    let more = ["--attention", "--sampling", "0.3", "--dropout", "0.1"]
    let whole = try pairs.train(table, "whole", more)
    let one = try pairs.train(table, "one", more + ["--threads", "1"])
    #expect(
      try #require(pairs.folder).bytes("whole.safetensors")
        == (try #require(pairs.folder).bytes("one.safetensors")))
    // Ctrl-C in the middle, and the same command line again.
    let output = try pairs.path("parts.safetensors")
    let command =
      ["train", table, "--output", output] + SmallPairs.small + more
      + ["--resume", "--checkpoint-every", "20"]
    let stopped = try Program.run(command, program: "rewrite", interruptWhen: "step 45")
    #expect(stopped.status == 130, "\(stopped.errors)")
    #expect(stopped.output.contains("wrote \(output)"))
    #expect(try pairs.rewrite(["predict", output, "ab"]).status == 0)
    let rest = try Program.run(command, program: "rewrite")
    #expect(rest.status == 0 && rest.output.contains("going on from step"), "\(rest.errors)")
    #expect(
      try #require(pairs.folder).bytes("parts.safetensors")
        == (try #require(pairs.folder).bytes("whole.safetensors")))
    #expect(try pairs.rewrite(["inspect", one]).status == 0 && !whole.isEmpty)
    // Another run does not go on from it.
    let line = try pairs.error(command + ["--seed", "2"])
    #expect(line.contains("--seed"))
  }

  @Test("takes columns by name, words, and a decoder without attention")
  func forms() throws {
    let words = ["one", "two", "six", "ten"]
    let digits = ["1", "2", "6", "10"]
    let rows = (0..<200).map { i in
      let picks = [i % 4, i / 4 % 4]
      let (english, written) = (picks.map { words[$0] }, picks.map { digits[$0] })
      return "\(i),\"\(english.joined(separator: " "))\",\(written.joined(separator: " "))"
    }
    let table = try pairs.write("w.csv", ["id,english,digits"] + rows)
    let columns = ["--source", "english", "--target", "digits"]
    let model = try pairs.train(
      table, "w",
      columns + [
        "--level", "word", "--cell", "lstm", "--unidirectional", "--validation-fraction", "0",
      ])
    let result = try pairs.rewrite(["predict", model, "six ten"])
    #expect(result.output == "6 10\n", "\(result)")
    let evaluated = try pairs.rewrite(["evaluate", model, table, "--json"] + columns)
    #expect(evaluated.output.contains("\"exact_match\" : 1"), "\(evaluated.output)")
    // A word that it does not know is told of, and read as <unk>.
    let unknown = try pairs.rewrite(["predict", model, "six eleven"])
    #expect(unknown.status == 0 && unknown.errors.contains("eleven"))
    #expect(unknown.errors.split(separator: "\n").count == 1)
    #expect(
      try pairs.error(["attention", model, "six", "--plot", try pairs.path("x.svg")]).contains(
        "--attention"))
    #expect(!FileManager.default.fileExists(atPath: try pairs.path("x.svg")))
  }

  @Test("keeps pairs of one source in one part")
  func split() throws {
    // Each source is there ten times: were it in both parts, the pairs to choose by would be known.
    let lines = (0..<10).flatMap { _ in SmallPairs.lines.prefix(40) }
    let table = try pairs.write("twice.tsv", lines)
    let result = try pairs.rewrite(
      ["train", table, "--output", try pairs.path("t.safetensors"), "--validation-fraction", "0.3"]
        + SmallPairs.small)
    let counts = try #require(
      result.output.firstMatch(of: /(\d+) pairs to learn from, (\d+) to choose/))
    let (learned, held) = (try #require(Int(counts.1)), try #require(Int(counts.2)))
    #expect(learned + held == 400 && learned % 10 == 0 && held > 50 && held < 200)
  }
}
