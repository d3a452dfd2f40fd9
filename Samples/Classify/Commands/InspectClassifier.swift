import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

struct InspectClassifier: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tell what a model file is of.",
    discussion: """
      EXAMPLES:
        classify inspect spam.safetensors
      """)

  @Argument(help: "The model file.")
  var model: String

  func run() throws {
    let file = try ClassifierFile(model)
    let classifier = file.classifier
    print("of            \(classifier.described)")
    print("labels        \(classifier.labels.names.joined(separator: ", "))")
    print("temperature   \(JSONNumber(classifier.temperature).text)")
    print("networks      \(classifier.summaries.count), each")
    if let summary = classifier.summaries.first { print(summary) }
    try finishOutput()
  }
}
