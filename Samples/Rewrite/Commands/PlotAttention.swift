import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels
import UnrollReports

struct PlotAttention: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract: "Draw what a model attends to while it writes for a text.",
    discussion: """
      A row for each symbol that is written, the last one for the end; in it how much of each \
      symbol that was read.

      EXAMPLES:
        rewrite attention dates.safetensors "the 7th of May, 2024" --plot attention.svg
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The text.")
  var text: String

  @Option(help: ArgumentHelp("The picture to write.", valueName: "F.svg"))
  var plot: String

  func validate() throws {
    try checkOutputs([("--plot", plot)], apartFrom: [model])
    try check(!text.isEmpty, "the text is empty; there is nothing to attend to")
    try check(
      text.unicodeScalars.count <= Self.most,
      "the text has \(text.unicodeScalars.count) characters; a picture has room for \(Self.most)")
  }

  private static let most = 100

  func run() throws {
    try AtomicFile.checkWritable(plot)
    let model = try RewriteModel(model)
    guard let map = try model.attention(from: text) else {
      throw ProgramError(
        description: "\(model.path): the model has no attention; train one with --attention")
    }
    let written = map.target.dropLast().joined(
      separator: model.model.target.unit == .word ? " " : "")
    let chart = HeatMap(
      title: "What “\(written)” was written from", rowTitle: "written", columnTitle: "read",
      rows: map.target.map { $0.isEmpty ? "end" : Self.visible($0) },
      columns: map.source.map(Self.visible),
      // Two digits: as many as there is room for.
      values: map.weights.map { $0.map { ($0 * 100).rounded() / 100 } })
    try AtomicFile.write(Data(chart.svg.utf8), to: plot)
    try finishOutput()
  }

  /// A symbol that can be seen.
  private static func visible(_ symbol: String) -> String {
    symbol == " " ? "␣" : symbol.printable
  }
}
