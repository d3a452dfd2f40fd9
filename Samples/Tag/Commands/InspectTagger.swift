import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct InspectTagger: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a model tags, what it sees, and its network.",
    discussion: """
      EXAMPLES:
        tag inspect chunks.safetensors
      """)

  @Argument(help: "The model file.")
  var model: String

  func run() throws {
    let file = try TaggerFile(model)
    let vocabulary = file.tagger.vocabulary
    func row(_ name: String, _ value: String) { print(name.padding(to: 14) + value) }
    func some(_ table: LabelTable) -> String {
      "\(table.count): \(table.names.prefix(12).joined(separator: " "))"
        + (table.count > 12 ? " ..." : "")
    }
    row("words", "column \(file.layout.token), \(vocabulary.words.count) known")
    row("characters", "\(vocabulary.characters.count)")
    for (name, table) in zip(file.layout.columns, vocabulary.columns) {
      row("column \(name)", some(table))
    }
    row("tags", "column \(file.layout.tag)")
    row("labels", some(vocabulary.labels))
    if let scheme = vocabulary.scheme, let labels = vocabulary.labelScheme {
      row(
        "spans", "\(scheme.rawValue.uppercased()), in the network \(labels.rawValue.uppercased())")
    }
    if let sequence = file.layout.sequence { row("sentences", "rows with the same \(sequence)") }
    print(file.tagger.network.summary)
    try finishOutput()
  }
}
