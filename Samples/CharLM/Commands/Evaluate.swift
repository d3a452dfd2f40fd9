import ArgumentParser
import ProgramSupport
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
        charlm evaluate tales.safetensors foreign.txt --skip-unknown
        charlm evaluate tales.safetensors other.txt --int8
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(
    help: "The text: UTF-8, for a model of bytes anything; or a .csv or .tsv table, with --column.")
  var text: String

  @Option(help: "The column of a table that holds the text.")
  var column: String?

  @OptionGroup var unknown: UnknownOptions

  @Flag(
    help: """
      Multiply with weights of 8 bits, as sample --int8 does; and say what that costs: the loss in full \
      precision too.
      """)
  var int8 = false

  @Flag(help: "Print a JSON object. What is infinite is null in it.")
  var json = false

  private struct Report: Encodable {
    /// How many were predicted; one of these.
    var characters: Int?
    var bytes: Int?
    var words: Int?
    /// Those among them that the model does not know.
    var unknown: Int?
    /// Those that were left out.
    var skipped: Int?
    var nats: JSONNumber
    var bits: JSONNumber
    var perplexity: JSONNumber
    /// With weights of 8 bits, the nats in full precision, and how many more they are.
    var fullPrecisionNats: JSONNumber?
    var natsGivenUp: JSONNumber?
  }

  func run() throws {
    let model = try LanguageModel(contentsOf: model, registry: Toolkit.current.registry)
    let vocabulary = model.vocabulary
    let input = TextInput(path: text, column: column)
    let bytes = try input.read(vocabulary.unit)
    let full = try input.reading { try evaluate(model, bytes, .full) }
    let result = int8 ? try input.reading { try evaluate(model, bytes, .int8) } : full
    guard full.nats.isFinite, result.nats.isFinite else {
      throw ProgramError(description: "\(self.model): the loss is not finite; the model diverged")
    }
    let givenUp = result.nats - full.nats
    if json {
      try printJSON(
        Report(
          characters: vocabulary.unit == .character ? result.tokens : nil,
          bytes: vocabulary.unit == .byte ? result.tokens : nil,
          words: vocabulary.unit == .word ? result.tokens : nil,
          unknown: vocabulary.hasUnknown ? result.unknown : nil,
          skipped: unknown.skipUnknown ? result.skipped : nil,
          nats: JSONNumber(result.nats), bits: JSONNumber(result.bits),
          perplexity: JSONNumber(result.perplexity),
          fullPrecisionNats: int8 ? JSONNumber(full.nats) : nil,
          natsGivenUp: int8 ? JSONNumber(givenUp) : nil))
    } else {
      let unit = vocabulary.unit
      var rows = [("\(unit)s", "\(result.tokens)")]
      if vocabulary.hasUnknown { rows.append(("of them <unk>", "\(result.unknown)")) }
      if unknown.skipUnknown { rows.append(("left out", "\(result.skipped)")) }
      rows += [
        ("nats per \(unit)", TerminalFormat.fixed(result.nats, 4)),
        ("bits per \(unit)", TerminalFormat.fixed(result.bits, 4)),
        ("perplexity", TerminalFormat.fixed(result.perplexity, 4)),
      ]
      if int8 {
        rows += [
          ("in full precision", TerminalFormat.fixed(full.nats, 4) + " nats"),
          (
            "given up",
            abs(givenUp) < 5e-5
              ? "less than 0.0001 nats" : TerminalFormat.fixed(givenUp, 4) + " nats"
          ),
        ]
      }
      for (name, value) in rows {
        print(name.padding(toLength: 21, withPad: " ", startingAt: 0) + value)
      }
    }
    try finishOutput()
  }

  /// Evaluates, and shows on a terminal how far it is.
  private func evaluate(
    _ model: LanguageModel, _ text: [UInt8], _ weights: WeightPrecision
  ) throws -> LanguageModel.Evaluation {
    var status = StatusLine()
    let began = ContinuousClock.now
    var lastShown = began
    defer { status.clear() }
    return try model.evaluate(text, unknowns: unknown.unknowns, weights: weights) { part in
      let now = ContinuousClock.now
      guard status.isInteractive, now - lastShown > .milliseconds(100) else { return }
      lastShown = now
      let left = ((now - began) / part - (now - began)) / .seconds(1)
      status.replace(with: "read \(Int(100 * part))%  \(TerminalFormat.clock(seconds: left)) left")
    }
  }
}
