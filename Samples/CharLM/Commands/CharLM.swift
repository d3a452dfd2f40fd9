import ArgumentParser
import ProgramSupport
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
    Toolkit.$current.withValue(toolkit) { runAsProgram() }
  }

  /// Runs the program with what there is.
  public static func main() { main(cells: []) }
}
