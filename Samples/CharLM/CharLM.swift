import ArgumentParser

/// A language model of characters, bytes or words: trains on a text, writes text like it.
@main
struct CharLM: ParsableCommand {
  static let configuration = CommandConfiguration(
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
    subcommands: [Train.self, Sample.self, Evaluate.self, Inspect.self, Flow.self])
}
