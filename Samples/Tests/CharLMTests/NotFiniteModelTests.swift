import Foundation
import ProgramTesting
import Testing
import Unroll
import UnrollModels

@Suite("charlm and numbers that are none")
struct NotFiniteModelTests {
  private let small = SmallRuns()

  /// A model file whose weights were changed.
  private func broken(_ name: String, _ change: (String, inout Tensor<Float>) -> Void) throws
    -> String
  {
    let path = try #require(small.folder).file(name + ".safetensors")
    var model = LanguageModel(
      vocabulary: try Vocabulary("abcd\n"),
      configuration: .init(embedding: 4, hidden: 6, layers: 1), seed: 2)
    model.network.visitParameters { change($0, &$1.value) }
    try model.save(to: path)
    return path
  }

  private func text() throws -> String {
    try #require(small.folder).write("abc.txt", String(repeating: "abcad\n", count: 20))
  }

  @Test("What is infinite is null in JSON, and inf where it is read by people")
  func infinitePerplexity() throws {
    let path = try broken("huge") { name, value in
      if name == "2.weight" {
        value = Tensor(shape: value.shape, scalars: value.scalars.map { $0 * -1e5 })
      }
    }
    let report = try small.json(["evaluate", path, text()])
    #expect(report.keys.sorted() == ["bits", "characters", "nats", "perplexity"])
    #expect(report["perplexity"] is NSNull)
    #expect(try #require(report["nats"] as? Double) > 710)
    #expect(
      try Program.run(["evaluate", path, text()]).output.contains("perplexity           inf\n"))
    #expect(try Program.run(["sample", path, "--length", "9"]).status == 0)
  }

  @Test("A model that diverged is refused in one line", arguments: [Float.nan, .infinity])
  func diverged(value: Float) throws {
    let folder = try #require(small.folder)
    let path = try broken("nan") { name, tensor in
      guard name == "0.weight" || name == "2.weight" else { return }
      tensor = Tensor(shape: tensor.shape, scalars: tensor.scalars.map { _ in value })
    }
    for arguments in [
      ["evaluate", path, try text()], ["evaluate", path, try text(), "--json"],
      ["sample", path, "--length", "9"], ["sample", path, "--prompt", "ab"],
      ["flow", path, try text(), "--output", folder.file("f.svg"), "--distance", "5"],
    ] {
      let message = try small.error(arguments)
      #expect(message.contains("nan.safetensors") && message.contains("the model diverged"))
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("f.svg")))
    #expect(try Program.run(["inspect", path]).status == 0)
  }

  @Test("A model that diverges after some characters writes those, and then says so")
  func divergesLater() throws {
    let path = try broken("later") { name, tensor in
      guard name == "0.weight" else { return }
      var scalars = tensor.scalars
      scalars[4] = .nan  // That of "a".
      tensor = Tensor(shape: tensor.shape, scalars: scalars)
    }
    let result = try Program.run(["sample", path, "--length", "5000", "--seed", "1"])
    #expect(result.status == 1 && result.output.last == "a")
    #expect(result.errors.contains("not numbers") && result.errors.count { $0 == "\n" } == 1)
  }

  @Test("Where there is no gradient, none is drawn")
  func noGradient() throws {
    let folder = try #require(small.folder)
    let path = try broken("sure") { name, tensor in
      if name == "2.bias" { tensor = Tensor(shape: tensor.shape, scalars: [0, 1e4, 0, 0, 0]) }
    }
    let input = try folder.write("a.txt", String(repeating: "a", count: 99))
    let message = try small.error(
      ["flow", path, input, "--output", folder.file("f.svg"), "--distance", "5"])
    #expect(message.contains("no gradient"))
  }
}
