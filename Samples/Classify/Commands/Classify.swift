import ArgumentParser

/// Labels for texts and for sequences of numbers.
public struct Classify: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract:
      "Labels for texts and sequences of numbers: learns them from a table, gives them to others.",
    discussion: """
      EXAMPLES:
        classify train sms.tsv --no-header --label 1 --text 2 --test-fraction 0.2 --output spam.safetensors
        classify train motions.csv --sequence id --feature x,y,z --label motion --output motions.safetensors
        classify evaluate motions.safetensors others.csv --plot confusion.svg
        classify predict spam.safetensors new.tsv --output labels.csv
        classify inspect spam.safetensors
      """,
    subcommands: [
      TrainClassifier.self, EvaluateClassifier.self, PredictClasses.self, InspectClassifier.self,
    ])

  public init() {}
}
