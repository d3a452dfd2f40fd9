import ArgumentParser
import Foundation
import Unroll
import UnrollModels

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a model file.",
    discussion: """
      EXAMPLES:
        charlm inspect tales.safetensors
        charlm inspect tales.safetensors --json
      """)

  @Argument(help: "The model file.")
  var model: String

  @Flag(help: "Print a JSON object.")
  var json = false

  private struct Report: Encodable {
    struct Layer: Encodable {
      var kind: String
      var parameters: [Parameter]
      var count: Int
    }

    struct Parameter: Encodable {
      var name: String
      var shape: [Int]
    }

    struct Vocabulary: Encodable {
      var unit: String
      var count: Int
      var text: String
    }

    var layers: [Layer]
    var parameters: Int
    var vocabulary: Vocabulary
  }

  func run() throws {
    let model = try CharacterLanguageModel(contentsOf: model)
    let layers = model.network.layers.enumerated().map { index, layer in
      Report.Layer(
        kind: type(of: layer).kind,
        parameters: layer.parameters.map {
          Report.Parameter(name: "\(index).\($0.name)", shape: $0.value.shape)
        },
        count: layer.parameterCount)
    }
    let ids = (0..<model.vocabulary.count).map { Int32($0) }
    let report = Report(
      layers: layers, parameters: model.network.parameterCount,
      vocabulary: Report.Vocabulary(
        unit: model.vocabulary.unit.rawValue, count: model.vocabulary.count,
        text: model.vocabulary.decode(ids)))
    if json { try printJSON(report) } else { show(report) }
    try finishOutput()
  }

  private func show(_ report: Report) {
    let width = 2 + (report.layers.flatMap { $0.parameters.map(\.name.count) }.max() ?? 0)
    for (index, layer) in report.layers.enumerated() {
      print("\(index)  \(layer.kind)  \(layer.count) parameters")
      for parameter in layer.parameters {
        print(
          "     \(parameter.name.padding(toLength: width, withPad: " ", startingAt: 0))"
            + "\(parameter.shape)")
      }
    }
    print("\(report.parameters) parameters in all")
    let shown = report.vocabulary.text.debugDescription
    print("\(report.vocabulary.count) \(report.vocabulary.unit)s: \(shown)")
  }
}
