import ArgumentParser
import Foundation
import Unroll
import UnrollModels

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a model file.",
    discussion: """
      Reads the architecture and the header alone, so that models are shown too whose layers are not \
      Unroll's own.

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
      var output: [String]?
      var parameters: Int
    }

    struct Tensor: Encodable {
      var name: String
      var type: String
      var shape: [Int]
    }

    struct Vocabulary: Encodable {
      var unit: String
      var count: Int
      /// The characters or bytes one after another.
      var text: String?
      /// The words, most frequent first.
      var words: [String]?
    }

    var layers: [Layer]
    var parameters: Int
    var tensors: [Tensor]
    var vocabulary: Vocabulary?
  }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    let summary = try file.summary(registry: .standard)
    let report = Report(
      layers: summary.rows.map {
        Report.Layer(kind: $0.kind, output: $0.output, parameters: $0.parameters)
      },
      parameters: summary.parameters,
      tensors: file.file.entries.map {
        Report.Tensor(name: $0.name, type: $0.type.rawValue, shape: $0.shape)
      },
      vocabulary: try LanguageModel.vocabulary(of: file).map { vocabulary in
        Report.Vocabulary(
          unit: vocabulary.unit.rawValue, count: vocabulary.count,
          text: vocabulary.unit == .word
            ? nil : vocabulary.decode((0..<vocabulary.count).map { Int32($0) }),
          words: vocabulary.unit == .word ? vocabulary.words : nil)
      })
    if json {
      try printJSON(report)
    } else {
      print(summary)
      show(report)
    }
    try finishOutput()
  }

  private func show(_ report: Report) {
    print()
    let width = 2 + (report.tensors.map(\.name.count).max() ?? 0)
    for tensor in report.tensors {
      print(
        tensor.name.padding(toLength: width, withPad: " ", startingAt: 0)
          + "\(tensor.type)  \(tensor.shape)")
    }
    if let vocabulary = report.vocabulary {
      print("\n\(vocabulary.count) \(vocabulary.unit)s", terminator: "")
      if let text = vocabulary.text { print(": \(text.debugDescription)") }
      if let words = vocabulary.words {
        print(", the most frequent: \(words.prefix(30).joined(separator: " ").debugDescription)")
      }
    }
  }
}
