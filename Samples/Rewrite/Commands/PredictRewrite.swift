import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct PredictRewrite: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Write the text for a text, or for each line of standard input.",
    discussion: """
      With --n-best above 1 there is a line for each: the score, a tab, and the text. --json has \
      an object for each text that is read.

      EXAMPLES:
        rewrite predict dates.safetensors "the 7th of May, 2024"
        rewrite predict dates.safetensors "7.5.24" --beam 8 --n-best 3
        cut -f 1 held-out.tsv | rewrite predict dates.safetensors - --json
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The text; - for the lines of standard input.")
  var text: String

  @OptionGroup var searching: SearchOptions

  @Option(
    name: .customLong("n-best"), parsing: .unconditional, help: "Texts to write, the best first.")
  var count = 1

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try check("--n-best", count, in: 1...1000)
    try check(
      count <= searching.beam,
      "--n-best is \(count) and --beam \(searching.beam); the beam must be as wide")
  }

  private struct Report: Encodable {
    var source: String
    var rewritings: [Text]

    struct Text: Encodable {
      var text: String
      var score: JSONNumber
      var logProbability: JSONNumber

      enum CodingKeys: String, CodingKey {
        case text
        case score
        case logProbability = "log_probability"
      }
    }
  }

  func run() throws {
    let model = try RewriteModel(model)
    guard text == "-" else {
      try write(for: text, place: "the text", model)
      return try finishOutput()
    }
    var line = 0
    while let text = readLine() {
      line += 1
      try write(for: text, place: "line \(line) of standard input", model)
    }
    try finishOutput()
  }

  private func write(for text: String, place: String, _ model: RewriteModel) throws {
    let found = try model.rewritings(
      of: text, place: place, search: searching.search, count: count)
    if json {
      let report = Report(
        source: text,
        rewritings: found.map {
          Report.Text(
            text: $0.text, score: JSONNumber($0.score),
            logProbability: JSONNumber($0.logProbability))
        })
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      try writeOutput(Array(try encoder.encode(report)) + [UInt8(ascii: "\n")])
      return
    }
    let isTerminal = isatty(STDOUT_FILENO) == 1
    for one in found {
      let shown = isTerminal ? one.text.terminalText : one.text
      let score = count > 1 ? TerminalFormat.fixed(one.score, 4) + "\t" : ""
      try writeOutput(Array("\(score)\(shown)\n".utf8))
    }
  }
}
