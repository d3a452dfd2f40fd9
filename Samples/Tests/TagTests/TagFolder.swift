import Foundation
import ProgramTesting
import Testing

/// A folder with tagged sentences, in which `tag` is run.
struct TagFolder {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Sentences of three columns: words, whether they are long, and names of one or two words.
  static func text(_ count: Int) -> String {
    (0..<count).map { i in
      let name = ["Ana", "Bob", "Cyd", "Dee"][i * 7 % 4]
      let second = i % 3 == 0 ? "Lee \(i % 2 == 0 ? "S" : "L") I-N\n" : ""
      let place = "\(["in", "near", "by"][i * 5 % 3]) S O\n\(["Rome", "Oslo"][i % 2]) L B-P\n"
      return "\(name) S B-N\n\(second)\(["sat", "ran"][i % 2]) S O\n\(place). S O\n"
    }.joined(separator: "\n")
  }

  func write(_ name: String, _ text: String) throws -> String { try folder.write(name, text) }
  func path(_ name: String) -> String { folder.file(name) }

  static let columns = ["--with", "2", "--tag", "3", "--crf"]
  static let small = [
    "--hidden", "8", "--embedding", "6", "--characters", "4", "--batch", "8", "--steps", "60",
    "--learning-rate", "0.02", "--average", "0.5",
  ]

  func tag(_ arguments: [String]) throws -> Program.Result {
    try Program.run(arguments, program: "tag")
  }

  /// - Returns: the path of the model.
  func train(
    _ file: String, _ name: String = "m", _ more: [String] = [], columns: [String] = columns
  ) throws -> String {
    let path = path(name + ".safetensors")
    let result = try tag(["train", file, "--output", path] + columns + Self.small + more)
    #expect(result.status == 0, "\(result.errors)")
    return path
  }

  /// The one line of an error.
  func error(_ arguments: [String]) throws -> String {
    let result = try tag(arguments)
    #expect(result.status == 1, "\(result.status), \(arguments)")
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(result.errors)")
    return lines.first.map { String($0) } ?? ""
  }
}
