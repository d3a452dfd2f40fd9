import Foundation
import Testing

@Suite("plugin-charlm")
struct ProgramTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("plugin-\(UUID().uuidString)")

  /// Runs the program in a folder of its own; what it leaves there is among the results.
  private func run(_ text: String) throws -> (status: Int32, output: String, files: [String]) {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = products.appendingPathComponent("plugin-charlm")
    process.arguments = [text]
    process.currentDirectoryURL = folder
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: output, as: UTF8.self),
      try FileManager.default.contentsOfDirectory(atPath: folder.path)
    )
  }

  /// The folder of the built products, where the tests are too.
  private var products: URL {
    #if os(macOS)
      for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
        return bundle.bundleURL.deletingLastPathComponent()
      }
    #endif
    return Bundle.main.bundleURL
  }

  @Test("trains, writes a model, reads it and says what it did")
  func training() throws {
    let tales = #filePath.components(separatedBy: "PluginLayer/Tests")[0] + "CharLM/Data/tales.txt"
    let (status, output, files) = try run(tales)
    #expect(status == 0)
    #expect(output.contains("step 400/400  loss 1."))
    #expect(output.contains("wrote plugin.safetensors: 1."))
    #expect(files == ["plugin.safetensors"])
  }

  @Test("names a text that is not there, in one line")
  func missing() throws {
    let (status, output, files) = try run("none.txt")
    #expect(status == 1)
    #expect(output.contains("none.txt") && output.count { $0 == "\n" } == 1)
    #expect(files.isEmpty)
  }
}
