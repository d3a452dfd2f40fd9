import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

struct InspectRewrite: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a model reads and writes, and its network.",
    discussion: """
      EXAMPLES:
        rewrite inspect dates.safetensors
      """)

  @Argument(help: "The model file.")
  var model: String

  func run() throws {
    let model = try RewriteModel(model).model
    for (name, vocabulary) in [("reads", model.source), ("writes", model.target)] {
      print(
        "\(name.padding(toLength: 10, withPad: " ", startingAt: 0))\(Self.text(of: vocabulary))")
    }
    let score =
      switch model.network.attention?.score {
      case nil: "none"
      case .dot: "dot product"
      case .general: "general"
      case .additive(let size): "additive, \(size) hidden units"
      }
    print("attention \(score)\n")
    print(Sequential<SequencePair, Tensor<Float>, Float>(seed: nil) { model.network }.summary)
    try finishOutput()
  }

  private static func text(of vocabulary: Vocabulary) -> String {
    if vocabulary.unit == .word {
      let words = vocabulary.words.prefix(20).map { $0.printable(limit: 40) }
      return "\(vocabulary.words.count) words, the most frequent: \(words.joined(separator: " "))"
    }
    let known = (vocabulary.hasUnknown ? 1 : 0)..<vocabulary.count
    let characters = vocabulary.decode(known.map { Int32($0) }).replacing(" ", with: "␣")
    return "\(known.count) characters: \(characters.printable(limit: 500))"
  }
}
