import Foundation
import ProgramTesting
import Testing

/// Pairs of short strings, and runs of `rewrite` on them that take a moment.
struct SmallPairs {
  let folder = try? TemporaryFolder()

  /// Lines of a string of a few letters, a tab, and the string backward.
  static let lines: [String] = (0..<300).map { i in
    let letters = Array("abcd")
    let text = String((0..<(1 + i % 3)).map { letters[(i / Int(pow(4.0, Double($0)))) % 4] })
    return "\(text)\t\(String(text.reversed()))"
  }

  /// - Returns: the path of the table.
  func write(_ name: String = "pairs.tsv", _ lines: [String] = lines) throws -> String {
    try #require(folder).write(name, lines.map { $0 + "\n" }.joined())
  }

  func path(_ name: String) throws -> String { try #require(folder).file(name) }

  static let small = [
    "--hidden", "24", "--steps", "300", "--batch", "32", "--learning-rate", "0.01",
  ]

  /// Trains on a table.
  func train(
    _ table: String, _ name: String = "m", _ more: [String] = ["--attention"]
  ) throws -> String {
    let path = try path(name + ".safetensors")
    let result = try rewrite(["train", table, "--output", path] + Self.small + more)
    #expect(result.status == 0, "\(result.errors)")
    return path
  }

  func rewrite(_ arguments: [String], input: String? = nil) throws -> Program.Result {
    guard let input else { return try Program.run(arguments, program: "rewrite") }
    let file = try #require(folder).write("input.txt", input)
    let command = ([Program.path("rewrite")] + arguments).map { "'\($0)'" }.joined(separator: " ")
    return try Program.run(["-c", "\(command) < '\(file)'"], program: "/bin/sh")
  }

  /// The one line of an error.
  func error(_ arguments: [String]) throws -> String {
    let result = try rewrite(arguments)
    #expect(result.status == 1, "\(result.status), \(arguments)")
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(result.errors)")
    return lines.first.map { String($0) } ?? ""
  }
}
