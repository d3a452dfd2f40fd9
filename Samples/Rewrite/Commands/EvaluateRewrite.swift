import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct EvaluateRewrite: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure how often a model writes what it should.",
    discussion: """
      The exact match is the part of the pairs for which all was right. The character error rate \
      is the number of characters to replace, put in or leave out, for each that should have been \
      written.

      EXAMPLES:
        rewrite evaluate dates.safetensors held-out.tsv
        rewrite evaluate dates.safetensors held-out.tsv --beam 1 --json
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The pairs, a table in UTF-8: columns with tabs between them, or a .csv file.")
  var pairs: String

  @OptionGroup(title: "Pairs") var columns: PairColumns
  @OptionGroup(title: "Search") var searching: SearchOptions

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  @Flag(help: "Print a JSON object.")
  var json = false

  private struct Report: Encodable {
    var exactMatch: JSONNumber
    var characterErrorRate: JSONNumber
    var n: Int

    enum CodingKeys: String, CodingKey {
      case exactMatch = "exact_match"
      case characterErrorRate = "character_error_rate"
      case n
    }
  }

  func validate() throws {
    try check("--threads", threads ?? 1, in: 1...1024)
  }

  func run() throws {
    let model = try RewriteModel(model)
    let table = try columns.read(pairs)
    try table.checkLengths()
    var status = StatusLine()
    defer { status.clear() }
    let evaluation = try model.diverging {
      try table.reading {
        try model.model.evaluate(
          table.pairs, search: searching.search, threads: threads ?? Threads.default
        ) { done in
          if status.isInteractive { status.replace(with: "\(done) of \(table.pairs.count) pairs") }
        }
      }
    }
    status.clear()
    let report = Report(
      exactMatch: JSONNumber(evaluation.exactMatch),
      characterErrorRate: JSONNumber(evaluation.characterErrorRate), n: evaluation.count)
    if json {
      try printJSON(report)
    } else {
      for (name, value) in [
        ("pairs", "\(report.n)"), ("exact match", report.exactMatch.text),
        ("character error rate", report.characterErrorRate.text),
      ] { print(name.padding(toLength: 22, withPad: " ", startingAt: 0) + value) }
    }
    try finishOutput()
  }
}
