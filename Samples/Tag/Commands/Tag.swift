import ArgumentParser

/// Tags of words: learns from tagged sentences, tags others.
public struct Tag: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "Tags of words: learns from tagged sentences, tags others.",
    discussion: """
      Files have a word to a line, its columns apart by tabs or blanks, and a blank line after each \
      sentence; or they are tables with a column that tells the sentences apart.

      EXAMPLES:
        tag train train.txt --token 1 --with 2 --tag 3 --crf --output chunks.safetensors
        tag evaluate chunks.safetensors test.txt --page errors.html
        tag predict chunks.safetensors new.txt --output tagged.conll
        tag inspect chunks.safetensors
      """,
    subcommands: [TrainTagger.self, EvaluateTagger.self, PredictTags.self, InspectTagger.self])

  public init() {}
}
