import ProgramTesting
import Testing
import UnrollModels
import Unroll

/// What a model writes on a terminal: its vocabulary is from a file, which may say anything.
@Suite("A terminal")
struct TerminalTests {
  private let folder = try? TemporaryFolder()

  @Test(
    "is not acted on by what a model writes; a pipe gets it as it is", arguments: [true, false])
  func controls(isOfBytes: Bool) throws {
    let path = try #require(folder).file("model.safetensors")
    let text = "\u{1B}\u{9B}\u{202E}a\n"
    let model = LanguageModel(
      vocabulary: try Vocabulary(text, unit: isOfBytes ? .byte : .character),
      configuration: .init(embedding: 4, hidden: 6, layers: 1), seed: 2)
    try model.save(to: path)
    let arguments = ["sample", path, "--length", "300", "--seed", "3", "--prompt", "\u{1B}a"]
    let shown = try PseudoTerminal(columns: 80).run(Program.charlm, arguments)
    #expect(
      !shown.unicodeScalars.contains {
        $0 == "\u{1B}" || $0 == "\u{9B}" || $0 == "\u{202E}"
      })
    #expect(shown.hasPrefix("\\u{1B}a") && shown.contains("\n"))
    #expect(try Program.run(arguments).output.unicodeScalars.count { $0 == "\u{1B}" } > 10)
  }
}
