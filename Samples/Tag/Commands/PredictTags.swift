import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct PredictTags: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Tag sentences.",
    discussion: """
      The output has a word to a line: the word, the columns that the model sees beside it, and its tag, \
      apart by tabs, and a blank line after each sentence.

      EXAMPLES:
        tag predict chunks.safetensors new.txt --output tagged.conll
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The sentences; their tags, where they have some, are not looked at.")
  var file: String

  @Option(help: ArgumentHelp("The file to write.", valueName: "F.conll"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  func validate() throws {
    try check("--threads", threads ?? 1, in: 1...1024)
    try checkOutputs([("--output", output)], apartFrom: [model, file])
  }

  func run() throws {
    try AtomicFile.checkWritable(output)
    let model = try TaggerFile(model)
    let sentences = try model.layout.read(file, tagged: false).sentences
    let tags = try model.tags(of: sentences, threads: threads ?? Threads.default)
    var text = ""
    for (sentence, tags) in zip(sentences, tags) {
      for t in tags.indices {
        let fields = [sentence.words[t]] + sentence.columns.map { $0[t] } + [tags[t]]
        text += fields.joined(separator: "\t") + "\n"
      }
      text += "\n"
    }
    try AtomicFile.write(Array(text.utf8), to: output)
    print("wrote \(output), \(sentences.count) sentences")
    try finishOutput()
  }
}
