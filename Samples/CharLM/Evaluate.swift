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
    /// How many were predicted; one of these.
    var characters: Int?
    var bytes: Int?
    var words: Int?
    /// The words among them that the model does not know.
    var unknown: Int?
    var nats: Double
    var bits: Double
    var perplexity: Double
  }

  func run() throws {
    let model = try LanguageModel(contentsOf: model)
    let text = try TextFile.read(text, column: column)
    let result = try evaluate(model, text)
    let vocabulary = model.vocabulary
    guard result.nats.isFinite else {
      throw ProgramError(description: "\(self.model): the loss is not finite; the model diverged")
    }
    if json {
      try printJSON(
        Report(
          characters: vocabulary.unit == .character ? result.tokens : nil,
          bytes: vocabulary.unit == .byte ? result.tokens : nil,
          words: vocabulary.unit == .word ? result.tokens : nil,
          unknown: vocabulary.hasUnknown ? result.unknown : nil,
          nats: result.nats, bits: result.bits, perplexity: result.perplexity))
    } else {
      let unit = vocabulary.unit
      var rows = [("\(unit)s", "\(result.tokens)")]
      if vocabulary.hasUnknown { rows.append(("of them <unk>", "\(result.unknown)")) }
      rows += [
        ("nats per \(unit)", result.nats.fixed(4)), ("bits per \(unit)", result.bits.fixed(4)),
        ("perplexity", result.perplexity.fixed(4)),
      ]
      for (name, value) in rows {
        print(name.padding(toLength: 21, withPad: " ", startingAt: 0) + value)
      }
    }
    try finishOutput()
  }

  /// Evaluates, and shows on a terminal how far it is.
  private func evaluate(
    _ model: LanguageModel, _ text: String
  ) throws -> LanguageModel.Evaluation {
    var status = StatusLine()
    let began = ContinuousClock.now
    var lastShown = began
    defer { status.clear() }
    return try model.evaluate(text) { part in
      let now = ContinuousClock.now
      guard status.isInteractive, now - lastShown > .milliseconds(100) else { return }
      lastShown = now
      let left = ((now - began) / part - (now - began)) / .seconds(1)
      status.replace(with: "read \(Int(100 * part))%  \(left.clock) left")
    }
  }
}

/// Prints a value as JSON, keys sorted.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
