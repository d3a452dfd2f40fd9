import ArgumentParser

/// Texts for texts: learns from pairs, and rewrites what it has not seen.
public struct Rewrite: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "rewrite",
    abstract: "Texts for texts: learns from pairs, and rewrites what it has not seen.",
    discussion: """
      EXAMPLES:
        rewrite train dates.tsv --attention --output dates.safetensors
        rewrite predict dates.safetensors "the 7th of May, 2024"
        cut -f 1 more.tsv | rewrite predict dates.safetensors -
        rewrite evaluate dates.safetensors held-out.tsv
        rewrite attention dates.safetensors "May 7, 2024" --plot attention.svg
        rewrite inspect dates.safetensors
      """,
    subcommands: [
      TrainRewrite.self, PredictRewrite.self, EvaluateRewrite.self, PlotAttention.self,
      InspectRewrite.self,
    ])

  public init() {}
}
