import Foundation
import ProgramTesting
import Testing

@Suite("With weights of 8 bits")
struct Int8Tests {
  private let small = SmallRuns()

  private func model() throws -> (path: String, text: String) {
    let folder = try #require(small.folder)
    let text = String(repeating: "to be or not to be\n", count: 60)
    let (path, result) = try small.train(text.utf8, "m", ["--validation", "0"], steps: 60)
    #expect(result.status == 0, "\(result.errors)")
    return (path, folder.file("m.txt"))
  }

  @Test("a model writes, the same text for the same seed")
  func sample() throws {
    let (path, _) = try model()
    let arguments = ["sample", path, "--int8", "--length", "50", "--seed", "3"]
    let (first, second) = (try Program.run(arguments), try Program.run(arguments))
    #expect(first.status == 0 && first.output.count == 51 && first.errors.isEmpty)
    #expect(first.output == second.output)
  }

  @Test("a model is evaluated, and said what is given up")
  func evaluate() throws {
    let (path, text) = try model()
    let full = try small.json(["evaluate", path, text])
    #expect(full["fullPrecisionNats"] == nil && full["natsGivenUp"] == nil)
    let report = try small.json(["evaluate", path, text, "--int8"])
    let nats = try #require(report["nats"] as? Double)
    let (before, givenUp) = (
      try #require(report["fullPrecisionNats"] as? Double),
      try #require(report["natsGivenUp"] as? Double)
    )
    let expected = try #require(full["nats"] as? Double)
    #expect(abs(before - expected) < 1e-12)
    #expect(abs(givenUp - (nats - before)) < 1e-12)
    #expect(abs(givenUp) < 0.01 && givenUp != 0)
    let shown = try Program.run(["evaluate", path, text, "--int8"])
    let lines = shown.output.split(separator: "\n")
    #expect(lines.contains("in full precision    \(String(format: "%.4f", before)) nats"))
    #expect(lines.contains { $0.hasPrefix("given up") && $0.hasSuffix(" nats") })
  }
}
