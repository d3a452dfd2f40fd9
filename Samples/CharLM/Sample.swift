import ArgumentParser
import Foundation
import UnrollModels

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write text with a trained model.",
    discussion: """
      Without --seed every call writes something else.

      EXAMPLES:
        charlm sample tales.safetensors
        charlm sample tales.safetensors --prompt "PIP:" --length 2000 --temperature 0.7
        charlm sample tales.safetensors --top-p 0.95 --seed 7
      """)

  @Argument(help: "The model file.")
  var model: String

  @Option(
    parsing: .unconditional, help: "What the text begins with. (default: the beginning of a line)")
  var prompt = ""

  @Option(parsing: .unconditional, help: "Characters to write.")
  var length = 500

  @Option(
    parsing: .unconditional,
    help: "Below 1 the likely becomes likelier, above 1 less so; 0 always takes the likeliest.")
  var temperature = 1.0

  @Option(parsing: .unconditional, help: "Consider only so many of the likeliest characters.")
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: "Consider only the likeliest characters that together reach this probability.")
  var topP: Double?

  @Option(help: "The random seed; the same one writes the same text.")
  var seed: UInt64?

  func validate() throws {
    guard length >= 0 else {
      throw ValidationError("--length is \(length); it must be at least 0")
    }
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError(
        "--temperature is \(temperature); it must be a finite number, at least 0")
    }
    guard topK ?? 1 >= 1 else {
      throw ValidationError("--top-k is \(topK ?? 0); it must be at least 1")
    }
    guard topP ?? 1 > 0, topP ?? 1 <= 1 else {
      throw ValidationError("--top-p is \(topP ?? 0); it must be above 0 and at most 1")
    }
  }

  func run() throws {
    let model = try CharacterLanguageModel(contentsOf: model)
    let generator = try model.generate(
      prompt: prompt, sampling: Sampling(temperature: temperature, topK: topK, topP: topP),
      seed: seed ?? UInt64.random(in: 0...UInt64.max))
    print(prompt, terminator: "")
    for text in generator.prefix(length) {
      print(text, terminator: "")
      fflush(nil)
    }
    print()
    try finishOutput()
  }
}
