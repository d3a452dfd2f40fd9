import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels
import UnrollReports

struct EvaluateClassifier: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure how well a model labels a table that has labels.",
    discussion: """
      EXAMPLES:
        classify evaluate motions.safetensors others.csv
        classify evaluate motions.safetensors others.csv --json --plot confusion.svg --bars f1.svg
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The table.")
  var file: String

  @Option(help: ArgumentHelp("A picture of what is taken for what.", valueName: "F.svg"))
  var plot: String?

  @Option(help: ArgumentHelp("A picture of the F1 of each label.", valueName: "F.svg"))
  var bars: String?

  @Flag(help: "Print a JSON object. What cannot be said is null in it.")
  var json = false

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  func validate() throws {
    try check("--threads", threads ?? 1, in: 1...1024)
    try checkOutputs([("--plot", plot), ("--bars", bars)], apartFrom: [model, file])
  }

  func run() throws {
    for path in [plot, bars].compactMap(\.self) { try AtomicFile.checkWritable(path) }
    let model = try ClassifierFile(model)
    let labels = model.classifier.labels
    let found = try model.probabilities(
      of: file, labeled: true, threads: threads ?? Threads.default)
    let report = ClassificationReport(
      of: found.probabilities, found.ids, labels: labels.count)
    if let plot {
      let chart = HeatMap(
        title: "What is taken for what", classes: labels.names, confusion: report.confusion)
      try AtomicFile.write(Array(chart.svg.utf8), to: plot)
    }
    if let bars {
      let chart = BarChart(
        title: "F1 of each label", value: "F1 (%)",
        categories: zip(labels.names, report.support).map { "\($0) (\($1))" },
        groups: [BarChart.Group("F1", report.f1.map { 100 * $0 })])
      try AtomicFile.write(Array(chart.svg.utf8), to: bars)
    }
    if json {
      try printJSON(ClassifierFigures(report, labels))
    } else {
      report.printTable(labels)
    }
    try finishOutput()
  }
}

/// What `--json` prints.
private struct ClassifierFigures: Encodable {
  var accuracy, balanced_accuracy, macro_f1, mcc: JSONNumber
  var f1: [String: JSONNumber]
  var confusion: [[Int]]
  var labels: [String]
  var n: Int

  init(_ report: ClassificationReport, _ table: LabelTable) {
    accuracy = JSONNumber(report.accuracy)
    balanced_accuracy = JSONNumber(report.balancedAccuracy)
    macro_f1 = JSONNumber(report.macroF1)
    mcc = JSONNumber(report.matthewsCorrelation)
    f1 = Dictionary(uniqueKeysWithValues: zip(table.names, report.f1.map(JSONNumber.init)))
    confusion = report.confusion
    labels = table.names
    n = report.count
  }
}
