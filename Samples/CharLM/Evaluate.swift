import ArgumentParser
import Foundation
import Unroll
import UnrollModels

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how well a model predicts a text.",
    discussion: """
      EXAMPLES:
        charlm evaluate tales.safetensors other.txt
        charlm evaluate tales.safetensors other.txt --json
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The text: UTF-8; or a .csv or .tsv table, with --column.")
  var text: String

  @Option(help: "The column of a table that holds the text.")
  var column: String?

  @Flag(help: "Print a JSON object.")
  var json = false

  private struct Report: Encodable {
    var characters: Int
    var nats: Double
    var bits: Double
    var perplexity: Double
  }

  func run() throws {
    let model = try CharacterLanguageModel(contentsOf: model)
    let result = try model.evaluate(try TextFile.read(text, column: column))
    guard result.nats.isFinite else {
      throw ProgramError(description: "\(self.model): the loss is not finite; the model diverged")
    }
    if json {
      try printJSON(
        Report(
          characters: result.characters, nats: result.nats, bits: result.bits,
          perplexity: result.perplexity))
    } else {
      print(
        """
        characters           \(result.characters)
        nats per character   \(result.nats.fixed(4))
        bits per character   \(result.bits.fixed(4))
        perplexity           \(result.perplexity.fixed(4))
        """)
    }
    try finishOutput()
  }
}

/// Prints a value as JSON, keys sorted.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
