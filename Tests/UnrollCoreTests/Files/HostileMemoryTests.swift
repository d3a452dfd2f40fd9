import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles

#if os(Linux)
  @Suite(
    "The memory that a file takes to be read or refused",
    .enabled(if: getenv("UNROLL_SANITIZER") == nil, "a sanitizer takes memory of its own"))
  struct HostileMemoryTests {
    private static let byteCount = 16_000_000

    /// A header of about sixteen million bytes: `start`, as many members as it takes, and `end`.
    private static func header(
      _ start: String, _ end: String, member: (Int) -> String
    ) -> [UInt8] {
      var header = Array(start.utf8)
      var index = 0
      while header.count < byteCount {
        header += (index == 0 ? "" : ",").utf8
        header += member(index).utf8
        index += 1
      }
      return header + Array(end.utf8)
    }

    private static func text(_ start: String, _ filler: String, _ end: String) -> [UInt8] {
      Array((start + String(repeating: filler, count: byteCount / filler.utf8.count) + end).utf8)
    }

    private static func entry(_ index: Int, _ shape: String) -> String {
      #""\#(String(index, radix: 36))":{"dtype":"U8","shape":[\#(shape)],"data_offsets":[0,0]}"#
    }

    private static let axes = repeatElement("1", count: 63).joined(separator: ",")
    private static let architecture = #"{"__metadata__":{"unroll.architecture":""#

    /// Headers that take much more memory than they have bytes, where a reader keeps all it reads.
    private static let headers: [(name: String, make: @Sendable () -> [UInt8])] = [
      ("tensors without elements", { header("{", "}") { entry($0, "0") } }),
      (
        "tensors without elements, the first one twice",
        { header("{", ",\(entry(0, "0"))}") { entry($0, "0") } }
      ),
      ("tensors of many axes", { header("{", "}") { entry($0, "0,\(axes)") } }),
      ("one axis after another", { text(#"{"a":{"dtype":"U8","shape":["#, "1,", "1]}}") }),
      ("a long name", { text("{\"", "n", #"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#) }),
      ("a long type", { text(#"{"a":{"dtype":""#, "U", "\"}}") }),
      ("a long field", { text("{\"a\":{\"", "f", "\":0}}") }),
      ("a long text", { text(#"{"__metadata__":{"k":""#, "t", "\"}}") }),
      ("a long text of escapes", { text(#"{"__metadata__":{"k":""#, #"\n"#, "\"}}") }),
      (
        "short texts",
        { header(#"{"__metadata__":{"#, "}}") { "\"\(String($0, radix: 36))\":\"\"" } }
      ),
      ("an architecture of zeros", { text(architecture + "[", "0,", "0]\"}}") }),
      ("an architecture of objects", { text(architecture + "[", "{},", "{}]\"}}") }),
      ("nested objects", { text("", "{\"a\":", "") }),
      ("spaces", { text("{", " ", "}") }),
    ]

    @Test("is at most twice its size", arguments: headers.indices)
    func peak(index: Int) async throws {
      let folder = try TemporaryFolder()
      let path = folder.file("m.safetensors")
      try rawFile(Self.headers[index].make()).write(to: URL(fileURLWithPath: path))
      // A process of its own: what other tests take is not to be counted.
      await #expect(processExitsWith: .success, "\(Self.headers[index].name)") {
        [path = path as String] in
        let size = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped).count
        let before = try peakMemory()
        _ = try? ModelFile(contentsOf: path).model(TokenStack.self, registry: LayerRegistry())
        let growth = try peakMemory() - before
        guard growth <= 2 * size else {
          print("\(growth) bytes of memory for \(size) bytes of file")
          exit(EXIT_FAILURE)
        }
      }
    }

    @Test("is that of its tensors where it is a model, and not that of the file beside it")
    func model() async throws {
      let folder = try TemporaryFolder()
      let path = folder.file("m.safetensors")
      let model = TokenStack(seed: nil) { Embedding(vocabularySize: 1 << 20, dimension: 24) }
      try ModelFile.write(model, to: path)
      await #expect(processExitsWith: .success) { [path = path as String] in
        var registry = LayerRegistry<Float>()
        registry.register(Embedding.self)
        for read in [{ try ModelFile(contentsOf: path) }, { try ModelFile(headerOf: path) }] {
          let before = try peakMemory()
          let loaded = try read().model(TokenStack.self, registry: registry)
          let growth = try peakMemory() - before
          // The second one finds the memory of the first.
          guard loaded.parameterCount == 24 << 20, growth <= (96 << 20) + (16 << 20) else {
            print("\(growth) bytes of memory for a model of \(96 << 20)")
            exit(EXIT_FAILURE)
          }
        }
      }
    }

    @Test("is that of its header where nothing else is asked for")
    func header() async throws {
      let folder = try TemporaryFolder()
      let path = folder.file("m.safetensors")
      let count = 1 << 36
      let start = rawFile(
        #"{"a":{"dtype":"U8","shape":[\#(count)],"data_offsets":[0,\#(count)]}}"#)
      try start.write(to: URL(fileURLWithPath: path))
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try file.truncate(atOffset: UInt64(start.count + count))
      try file.close()
      await #expect(processExitsWith: .success) { [path = path as String] in
        let before = try peakMemory()
        for file in [try TensorFile(headerOf: path), try TensorFile(contentsOf: path)] {
          guard file.entries[0].count == 1 << 36 else { exit(EXIT_FAILURE) }
        }
        exit(try peakMemory() - before < 16 << 20 ? EXIT_SUCCESS : EXIT_FAILURE)
      }
    }
  }

  /// The most memory that this process had so far, in bytes.
  private func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(Int(line.filter(\.isNumber))) * 1024
  }
#endif
