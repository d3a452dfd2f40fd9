import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels
import UnrollReports

struct EvaluateTagger: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure how well a model tags sentences that have tags.",
    discussion: """
      Spans are counted as the script of the CoNLL shared tasks counts them: one is right where its type \
      and both of its ends are.

      EXAMPLES:
        tag evaluate chunks.safetensors test.txt
        tag evaluate chunks.safetensors test.txt --json --page errors.html --plot f1.svg
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The tagged sentences.")
  var file: String

  @Option(
    help: ArgumentHelp(
      "A page of the sentences with their errors marked, at most \(TagPage.most) of them.",
      valueName: "F.html"))
  var page: String?

  @Option(help: ArgumentHelp("A picture of the F1 of each type.", valueName: "F.svg"))
  var plot: String?

  @Flag(help: "Print a JSON object. What cannot be said is null in it.")
  var json = false

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  func validate() throws {
    try check("--threads", threads ?? 1, in: 1...1024)
    try checkOutputs([("--page", page), ("--plot", plot)], apartFrom: [model, file])
  }

  func run() throws {
    for path in [page, plot].compactMap(\.self) { try AtomicFile.checkWritable(path) }
    let model = try TaggerFile(model)
    let (sentences, table) = try model.layout.read(file, tagged: true)
    let predicted = try model.tags(of: sentences, threads: threads ?? Threads.default)
    let report = TagReport(sentences, predicted)
    if let page {
      let text = TagPage(
        title: fileName(file), report: report, sentences: sentences, predicted: predicted,
        lines: table.lines
      ).html
      try AtomicFile.write(Array(text.utf8), to: page)
    }
    if let plot { try AtomicFile.write(Array(report.chart.svg.utf8), to: plot) }
    if json { try printJSON(TagFigures(report)) } else { report.printTable() }
    try finishOutput()
  }
}

private func fileName(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

/// What `--json` prints.
private struct TagFigures: Encodable {
  struct Label: Encodable {
    var precision, recall, f1: Double
    var n: Int
  }

  var accuracy: JSONNumber
  var span_f1, span_precision, span_recall: JSONNumber
  var per_label: [String: Label]
  var n_tokens, n_sequences: Int

  init(_ report: TagReport) {
    let spans = report.hasSpans ? report.allSpans : nil
    accuracy = JSONNumber(report.accuracy)
    span_f1 = JSONNumber(spans?.f1 ?? .nan)
    span_precision = JSONNumber(spans?.precision ?? .nan)
    span_recall = JSONNumber(spans?.recall ?? .nan)
    per_label = Dictionary(
      uniqueKeysWithValues: report.labels.map {
        (
          $0.name,
          Label(
            precision: $0.count.precision, recall: $0.count.recall, f1: $0.count.f1,
            n: $0.count.expected)
        )
      })
    (n_tokens, n_sequences) = (report.tokens, report.sequences)
  }
}

extension TagReport {
  /// The F1 of each type of span, or of each tag, the most frequent first, at most forty.
  fileprivate var chart: BarChart {
    let shown = labels.filter { $0.count.expected > 0 }
      .sorted { ($0.count.expected, $1.name) > ($1.count.expected, $0.name) }.prefix(40)
    return BarChart(
      title: hasSpans ? "F1 of spans by type" : "F1 of tags", value: "F1 (%)",
      categories: shown.map { "\($0.name) (\($0.count.expected))" },
      groups: [BarChart.Group("F1", shown.map { 100 * $0.count.f1 })])
  }
}
