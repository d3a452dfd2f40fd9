import Foundation
import ProgramTesting
import Testing

/// Runs of `charlm` with models that are trained in a moment, in a folder of their own.
struct SmallRuns {
  let folder = try? TemporaryFolder()

  private static let small = [
    "--hidden", "8", "--embedding", "5", "--layers", "1", "--batch", "4", "--sequence", "10",
  ]

  /// Trains on a text.
  func train(
    _ text: some Sequence<UInt8>, _ name: String, _ more: [String] = [], steps: Int = 30
  ) throws -> (path: String, result: Program.Result) {
    let folder = try #require(folder)
    let path = folder.file(name + ".safetensors")
    let input = try folder.write(name + ".txt", text)
    return (
      path,
      try Program.run(
        ["train", input, "--output", path, "--steps", "\(steps)"] + Self.small + more)
    )
  }

  /// The one line of an error.
  func error(_ arguments: [String]) throws -> String {
    let result = try Program.run(arguments)
    #expect(result.status == 1 && result.output.isEmpty)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(result.errors)")
    return lines.first.map { String($0) } ?? ""
  }

  func json(_ arguments: [String]) throws -> [String: Any] {
    let result = try Program.run(arguments + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    return try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }
}
