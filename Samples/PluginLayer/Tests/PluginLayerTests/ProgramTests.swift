import Foundation
import Testing

/// A program of this package, run in a folder of its own.
private final class Program {
  let folder: URL
  private let name: String

  init(_ name: String) throws {
    self.name = name
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("plugin-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = Self.products.appendingPathComponent(name)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// The folder of the built products, where the tests are too.
  private static var products: URL {
    #if os(macOS)
      for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
        return bundle.bundleURL.deletingLastPathComponent()
      }
    #endif
    return Bundle.main.bundleURL
  }
}

private let tales =
  #filePath.components(separatedBy: "PluginLayer/Tests")[0] + "CharLM/Data/tales.txt"

@Suite("plugin-model")
struct ModelProgramTests {
  @Test("trains, writes a model, reads it and says what it did")
  func training() throws {
    let program = try Program("plugin-model")
    let (status, output) = try program.run([tales])
    #expect(status == 0)
    let losses = output.matches(of: /loss (\d\.\d{3})/).compactMap { Double($0.1) }
    #expect(losses.count == 8 && losses[0] > 1.9 && losses[7] < 1.7, "\(losses)")
    let nats = output.firstMatch(of: /wrote plugin.safetensors: (\d\.\d{3}) nats/)
    #expect((1.5...1.7).contains(nats.flatMap { Double($0.1) } ?? 0), "\(output)")
    #expect(try program.files == ["plugin.safetensors"])
  }

  @Test("names a text that is not there, in one line")
  func missing() throws {
    let program = try Program("plugin-model")
    let (status, output) = try program.run(["none.txt"])
    #expect(status == 1)
    #expect(output.contains("none.txt") && output.count { $0 == "\n" } == 1)
    #expect(try program.files.isEmpty)
  }
}

@Suite("charlm with a cell of this package")
struct CharLMTests {
  @Test("trains, resumes, samples, evaluates, inspects and draws a model with it")
  func commands() throws {
    let program = try Program("plugin-charlm")
    func run(_ arguments: String...) throws -> String {
      let (status, output) = try program.run(arguments)
      #expect(status == 0, "\(output)")
      return output
    }
    let sizes = ["--hidden", "24", "--layers", "1", "--batch", "16", "--cell", "gilr"]
    let training = ["train", tales, "--output", "m.safetensors"] + sizes
    _ = try program.run(training + ["--steps", "40", "--checkpoint-every", "20"])
    let resumed = try program.run(
      training + ["--steps", "60", "--resume", "--allow-changes"])
    #expect(resumed.output.contains("going on from step 40"), "\(resumed.output)")
    #expect(try run("sample", "m.safetensors", "--seed", "3", "--length", "40").count > 40)
    #expect(try run("evaluate", "m.safetensors", tales).contains("nats per character"))
    #expect(try run("inspect", "m.safetensors").contains("GILR"))
    let picture = try run("flow", "m.safetensors", tales, "--output", "f.svg", "--distance", "20")
    #expect(picture.contains("m, h"))
    #expect(try program.files == ["f.svg", "m.checkpoints", "m.safetensors"])
  }

  @Test("names its cells in the help, and where there is none of a name")
  func names() throws {
    let program = try Program("plugin-charlm")
    let help = try program.run(["train", "--help"]).output
    #expect(
      help.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
        "qrnn, sru, gilr"))
    let (status, output) = try program.run(["train", tales, "--cell", "gilru"])
    #expect(status == 64 && output.contains("gilr"), "\(output)")
  }
}
