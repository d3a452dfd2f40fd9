import ArgumentParser
import ProgramSupport
import Foundation
import Unroll
import UnrollModels

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write text with a trained model.",
    discussion: """
      Without --seed every call writes something else. What a model of bytes writes need not be UTF-8: \
      its bytes are written as they are.

      EXAMPLES:
        charlm sample tales.safetensors
        charlm sample tales.safetensors --prompt "PIP:" --length 2000 --temperature 0.7
        charlm sample tales.safetensors --top-p 0.95 --seed 7
        charlm sample large.safetensors --int8
      """)

  @Argument(help: "The model file.")
  var model: String

  @Option(
    parsing: .unconditional, help: "What the text begins with. (default: the beginning of a line)")
  var prompt = ""

  @Option(
    parsing: .unconditional,
    help: "Characters, bytes or words to write. (default: 500, of words 100)")
  var length: Int?

  @Option(
    parsing: .unconditional,
    help: "Below 1 the likely becomes likelier, above 1 less so; 0 always takes the likeliest.")
  var temperature = 1.0

  @Option(parsing: .unconditional, help: "Consider only so many of the likeliest.")
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: "Consider only the likeliest that together reach this probability.")
  var topP: Double?

  @Option(help: "The random seed; the same one writes the same text.")
  var seed: UInt64?

  @Flag(help: "Multiply with weights of 8 bits: a large model writes faster, a little less well.")
  var int8 = false

  func validate() throws {
    guard length ?? 0 >= 0 else {
      throw ValidationError("--length is \(length ?? 0); it must be at least 0")
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
    let model = try LanguageModel(contentsOf: model, registry: Toolkit.current.registry)
    var generator = try generator(of: model)
    // A terminal gets text, and none that would act on it; anything else gets the bytes as they are.
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let beginning = begin(with: model.vocabulary)
    try writeOutput(Array((isTerminal ? beginning.terminalText : beginning).utf8))
    for _ in 0..<(length ?? (model.vocabulary.unit == .word ? 100 : 500)) {
      let bytes =
        isTerminal
        ? generator.next().map { Array($0.terminalText.utf8) } : generator.nextBytes()
      guard let bytes else { throw diverged(LanguageModel.NotFinite()) }
      try writeOutput(bytes)
    }
    try writeOutput([UInt8(ascii: "\n")])
  }

  private func generator(of model: LanguageModel) throws -> LanguageModel.Generator {
    do {
      return try model.generate(
        prompt: prompt, sampling: Sampling(temperature: temperature, topK: topK, topP: topP),
        seed: seed ?? UInt64.random(in: 0...UInt64.max), weights: int8 ? .int8 : .full)
    } catch let error as VocabularyError {
      throw ProgramError(
        description: "in the prompt, \(error.problem) of the model; leave it out, or train a model "
          + (model.vocabulary.unit == .byte
            ? "with --level byte anew: it will know all bytes"
            : "with --minimum-count 2, which reads as <unk> what it does not know"))
    } catch let error as LanguageModel.NotFinite {
      throw diverged(error)
    }
  }

  private func diverged(_ error: LanguageModel.NotFinite) -> ProgramError {
    ProgramError(description: "\(model): \(error); the model diverged")
  }

  /// The prompt as it is printed; what of it the model does not know is told of.
  private func begin(with vocabulary: Vocabulary) -> String {
    if let unknown = vocabulary.firstUnknown(in: prompt) {
      let note =
        "note: the model does not know \(describe(unknown)) and reads <unk> for it, and for any other "
        + "such \(vocabulary.unit)\n"
      FileHandle.standardError.write(Data(note.utf8))
    }
    guard vocabulary.unit == .word else { return prompt }
    // A word brings its own space.
    return String(prompt.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  /// What is not known, and where in the prompt.
  private func describe(_ unknown: VocabularyError) -> String {
    func place(_ line: Int, _ column: Int) -> String {
      "(line \(line), column \(column) of the prompt)"
    }
    return switch unknown {
    case .unknownWord(let word, _, let line, let column):
      "\(word.debugDescription) \(place(line, column))"
    case .unknownCharacter(let scalar, _, let line, let column):
      "\(String(scalar).debugDescription) \(place(line, column))"
    case .unknownByte(let byte, _, _, let line, let column):
      "byte \(byte) \(place(line, column))"
    default: unknown.problem
    }
  }
}
