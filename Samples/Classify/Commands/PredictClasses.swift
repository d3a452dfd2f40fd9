import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct PredictClasses: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Label a table.",
    discussion: """
      Each row of what is written is an example: the key of the sequence or the line of the text, the most \
      probable label, how probable it is, and how probable each label is.

      EXAMPLES:
        classify predict spam.safetensors new.tsv --output labels.csv
        classify predict motions.safetensors new.csv --reject-below 0.9 --output -
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The table; it needs no labels.")
  var file: String

  @Option(help: ArgumentHelp("The table to write; - for standard output.", valueName: "F.csv"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Give no label that is less probable, 0 to 1.", valueName: "P"))
  var rejectBelow = 0.0

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  func validate() throws {
    try check("--threads", threads ?? 1, in: 1...1024)
    try check(0...1 ~= rejectBelow, "--reject-below is \(rejectBelow); it must be in 0...1")
    try checkOutputs([("--output", output)], apartFrom: [model, file])
  }

  func run() throws {
    if output != "-" { try AtomicFile.checkWritable(output) }
    let model = try ClassifierFile(model)
    let labels = model.classifier.labels
    let found = try model.probabilities(
      of: file, labeled: false, threads: threads ?? Threads.default)
    var text =
      (["example", "label", "probability"] + labels.names).map(csvField).joined(separator: ",")
      + "\n"
    for (name, row) in zip(found.names, found.probabilities) {
      let best = row.indices.max { (row[$0], -$0) < (row[$1], -$1) } ?? 0
      // As it is written.
      let label = Float(row[best]) < Float(rejectBelow) ? "" : labels.names[best]
      let numbers = ([row[best]] + row).map { "\(Float($0))" }
      text += ([name, label].map(csvField) + numbers).joined(separator: ",") + "\n"
    }
    if output == "-" {
      FileHandle.standardOutput.write(Data(text.utf8))
    } else {
      try AtomicFile.write(Array(text.utf8), to: output)
    }
    try finishOutput()
  }
}

/// A field as a table has it: in quotes where it has to be.
private func csvField(_ text: String) -> String {
  text.contains { ",\"\n\r".contains($0) }
    ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
}
