import ArgumentParser
import Foundation
import Unroll
import UnrollModels

/// A language model of characters, bytes or words: trains on a text, writes text like it.
public struct CharLM: ParsableCommand {
  public static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "charlm",
      abstract: "A language model: trains on a text, writes text like it.",
      discussion: """
        EXAMPLES:
          charlm train shakespeare.txt --output shakespeare.safetensors
          charlm sample shakespeare.safetensors --prompt "KING:" --temperature 0.8
          charlm evaluate shakespeare.safetensors other.txt
          charlm inspect shakespeare.safetensors
          charlm flow shakespeare.safetensors shakespeare.txt --output flow.svg
        """,
      subcommands: [Train.self, Sample.self, Evaluate.self, Inspect.self, Flow.self]
        + Toolkit.current.commands)
  }

  public init() {}

  /// Runs the program with what there is, and with more.
  ///
  /// - Parameters:
  ///   - cells: Cells for `--cell`, by their names; models with them are read by every command.
  ///   - registry: The layers that a model file may have, beside these cells.
  ///   - commands: Commands beside `train`, `sample` and the others.
  public static func main(
    cells: [LanguageModel.Cell], registry: LayerRegistry<Float> = .standard,
    commands: [any ParsableCommand.Type] = []
  ) {
    var toolkit = Toolkit(registry: registry, commands: commands)
    toolkit.cells += cells
    for cell in cells { cell.register(in: &toolkit.registry) }
    Toolkit.$current.withValue(toolkit) { runAndExit() }
  }

  /// Runs the program with what there is.
  public static func main() { main(cells: []) }

  private static func runAndExit() {
    do {
      if let problem = wrongArgument() ?? wrongVariable() {
        FileHandle.standardError.write(Data("Error: \(problem)\n".utf8))
        throw ExitCode.validationFailure
      }
      var command = try parseAsRoot()
      try command.run()
    } catch {
      exit(withError: error)
    }
  }

  /// What is wrong with the environment.
  private static func wrongVariable() -> String? {
    EnvironmentSettings.current.problems.first.map {
      "\($0); correct the variable, or leave it out"
    }
  }

  /// An argument that is no text: it would be repaired, and a file of another name written.
  private static func wrongArgument() -> String? {
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let argument = CommandLine.unsafeArgv[index],
        String(validatingCString: argument) == nil
      else { continue }
      let bytes = UnsafeRawBufferPointer(start: argument, count: strlen(argument))
      return
        "argument \(index) is not UTF-8: \"\(escaped(bytes))\"; give it in UTF-8, and for a file "
        + "rename it or make a link to it"
    }
    return nil
  }

  /// Bytes as text, those that are not printable ASCII by their numbers.
  private static func escaped(_ bytes: UnsafeRawBufferPointer) -> String {
    let short = bytes.prefix(200).map { byte in
      0x20..<0x7F ~= byte && byte != UInt8(ascii: "\\")
        ? String(Unicode.Scalar(byte)) : String(format: "\\x%02X", byte)
    }
    return short.joined() + (bytes.count > 200 ? "…" : "")
  }
}
