import Foundation
import TestSupport
import Testing
import UnrollFiles

@Suite("Tensor files")
struct TensorFileTests {
  private func expectSample(_ file: TensorFile) throws {
    let weights = try file.values(of: "1.weight_ih", as: Float.self)
    #expect(weights == [1.5, -2, 3, .pi, -.infinity, .leastNonzeroMagnitude])
    #expect(try file.values(of: "0.bytes", as: UInt8.self) == [1, 2, 3, 4, 5])
    #expect(try file.values(of: "steps", as: Int64.self) == [-9_007_199_254_740_993])
    let moments = try file.values(of: "moments", as: Double.self)
    #expect(moments.map(\.bitPattern) == [0.1, -.zero].map(\.bitPattern))
    #expect(try file.values(of: "nothing", as: Float.self) == [])
    #expect(try file.values(of: "größe", as: Int32.self) == [.min, 0, .max])
    #expect(file.entry("1.weight_ih")?.shape == [3, 2])
    #expect(file.entry("nothing")?.shape == [4, 0])
    #expect(file.entries.count == 6)
    #expect(file.metadata == sampleWriter().metadata)
    #expect(file.isVerified)
  }

  @Test("What was written is read, from a disk and from memory")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.safetensors")
    try sampleWriter().write(to: path)
    #expect(try folder.contents == ["a.safetensors"])
    let file = try TensorFile(contentsOf: path)
    try expectSample(file)
    #expect(file.path == path)
    let data = try sampleWriter().serialized()
    try expectSample(try TensorFile(data: data))
    #expect(try folder.bytes("a.safetensors") == Array(data))
  }

  @Test("The same content has the same bytes, in whatever order it was added")
  func deterministic() throws {
    var one = TensorFileWriter(metadata: ["x": "1", "y": "2"])
    var other = TensorFileWriter(metadata: ["y": "2"])
    other.metadata["x"] = "1"
    one.add("b", shape: [1], values: [1] as [Float])
    one.add("a", shape: [2], values: [2, 3] as [UInt8])
    one.add("c", shape: [1], values: [4] as [Int64])
    other.add("c", shape: [1], values: [4] as [Int64])
    other.add("a", shape: [2], values: [2, 3] as [UInt8])
    other.add("b", shape: [1], values: [1] as [Float])
    #expect(try one.serialized() == (try other.serialized()))
  }

  @Test("The bytes of a small file are known")
  func bytes() throws {
    var writer = TensorFileWriter(metadata: ["k": "v"])
    writer.add("b", shape: [1], values: [1] as [UInt8])
    writer.add("a.w", shape: [1, 2], values: [1, -2] as [Float])
    let header = """
      {"__metadata__":{"k":"v","unroll.digest":"crc64:DIGEST","unroll.format":"1"},\
      "a.w":{"data_offsets":[0,8],"dtype":"F32","shape":[1,2]},\
      "b":{"data_offsets":[8,9],"dtype":"U8","shape":[1]}}
      """.replacingOccurrences(of: "DIGEST", with: Self.knownDigest)
    let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let data: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 1]
    #expect(try writer.serialized() == rawFile(header + padding, data: data))
  }

  private static let knownDigest = "1ec44b456fbb27b4"

  @Test("Data begins at a multiple of eight bytes, and every tensor at one of its element")
  func alignment() throws {
    for length in 0..<9 {
      var writer = sampleWriter()
      writer.metadata["x"] = String(repeating: "x", count: length)
      let data = try writer.serialized()
      #expect(data[0] % 8 == 0)
      for entry in try TensorFile(data: data).entries {
        #expect(entry.byteRange.lowerBound % (entry.type.bitWidth / 8) == 0)
      }
    }
  }

  @Test("A source may hand out its bytes in pieces")
  func pieces() throws {
    var writer = TensorFileWriter()
    writer.add("a", type: .uint16, shape: [3]) { take in
      for piece in [[1, 0, 2], [], [0], [3, 0]] as [[UInt8]] { try piece.withUnsafeBytes(take) }
    }
    let file = try TensorFile(data: try writer.serialized())
    #expect(try file.values(of: "a", as: UInt16.self) == [1, 2, 3])
  }

  @Test("Values are copied to memory that is there already")
  func copies() throws {
    let file = try TensorFile(data: try sampleWriter().serialized())
    var values = [Float](repeating: 0, count: 6)
    try values.withUnsafeMutableBufferPointer { try file.copy("1.weight_ih", into: $0) }
    #expect(values == [1.5, -2, 3, .pi, -.infinity, .leastNonzeroMagnitude])
  }

  @Test("Nothing is converted, and nothing is made up")
  func strictAccess() throws {
    let file = try TensorFile(data: try sampleWriter().serialized(), path: "m")
    let wrongType = TensorFileError(
      .wrongType(tensor: "moments", expected: .float32, found: .float64), path: "m")
    #expect(throws: wrongType) { try file.values(of: "moments", as: Float.self) }
    #expect(wrongType.description == "m: tensor \"moments\" has type F64, not F32")
    let missing = TensorFileError(.noSuchTensor("x"), path: "m")
    #expect(throws: missing) { try file.values(of: "x", as: Float.self) }
    #expect(throws: missing) { try file.withBytes(of: "x") { $0.count } }
    #expect(file.entry("x") == nil)
    #expect(throws: TensorFileError.self) { try file.values(of: "steps", as: UInt64.self) }
  }

  @Test("The writer refuses what a file cannot hold, and leaves what was there")
  func writerRefuses() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a")
    try sampleWriter().write(to: path)
    let before = try folder.bytes("a")
    func expect(
      _ problem: TensorFileError.Problem, _ change: (inout TensorFileWriter) -> Void
    ) throws {
      var writer = sampleWriter()
      change(&writer)
      #expect(throws: TensorFileError(problem, path: path)) { try writer.write(to: path) }
      #expect(throws: TensorFileError.self) { try writer.serialized() }
    }
    let byte: [UInt8] = [1]
    try expect(.badName("")) { $0.add("", shape: [1], values: byte) }
    try expect(.badName("a\t")) { $0.add("a\t", shape: [1], values: byte) }
    try expect(.badName("__metadata__")) { $0.add("__metadata__", shape: [1], values: byte) }
    try expect(.duplicateName("steps")) { $0.add("steps", shape: [1], values: byte) }
    try expect(.shapeOverflow(tensor: "x")) { $0.add("x", shape: [-1], values: byte) }
    try expect(.shapeOverflow(tensor: "x")) { $0.add("x", shape: [.max, 2], values: byte) }
    try expect(.byteCount(tensor: "x", expected: 2, found: 1)) {
      $0.add("x", shape: [2], values: byte)
    }
    try expect(.partialByte(tensor: "x")) {
      $0.add("x", type: .float4, shape: [3]) { take in try byte.withUnsafeBytes(take) }
    }
    for key in ["unroll.digest", "unroll.format"] {
      try expect(.reservedMetadata(key: key)) { $0.metadata[key] = "" }
    }
    try expect(.headerTooLarge(byteCount: 1560, limit: 1559)) {
      $0.metadata["x"] = String(repeating: "x", count: 1000)
      $0.headerLimit = 1559
    }
    #expect(try folder.contents == ["a"])
    #expect(try folder.bytes("a") == before)
  }

  @Test("What a source throws is passed on, and what was there stays")
  func sourceThrows() throws {
    struct Stop: Error {}
    let folder = try TemporaryFolder()
    var writer = TensorFileWriter()
    writer.add("a", type: .uint8, shape: [1]) { _ in throw Stop() }
    #expect(throws: Stop.self) { try writer.write(to: folder.file("a")) }
    #expect(try folder.contents == [])
  }

  @Test("A path that is no file is refused for what it is")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let refused = [
      (folder.file("none"), FileError.Problem.missing), (folder.path, .isDirectory),
      (folder.file("pipe"), .notRegular), ("", .unreadable(reason: "its path is empty")),
      ("/dev/zero", .notRegular), ("a\0b", .unreadable(reason: "its path has a NUL character")),
    ]
    for (path, problem) in refused {
      let error = FileError(path: path, problem: problem)
      #expect(throws: error) { try TensorFile(contentsOf: path) }
      #expect(isOneLine(error.description))
    }
  }

  @Test("A file that announces more than it has is refused without the memory for it")
  func announcesTooMuch() throws {
    let folder = try TemporaryFolder()
    let header = #"{"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}}"#
    try rawFile(header).write(to: URL(fileURLWithPath: folder.file("a")))
    let error = TensorFileError(
      .dataByteCount(expected: 1 << 40, found: 0), path: folder.file("a"))
    #expect(throws: error) { try TensorFile(contentsOf: folder.file("a")) }
  }

  @Test("The bytes of each element are reversed from one byte order to the other")
  func byteOrder() {
    var bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    bytes.withUnsafeMutableBytes { reverseBytes(of: $0, elementSize: 4) }
    #expect(bytes == [4, 3, 2, 1, 8, 7, 6, 5])
    bytes.withUnsafeMutableBytes { reverseBytes(of: $0, elementSize: 1) }
    #expect(bytes == [4, 3, 2, 1, 8, 7, 6, 5])
  }

  @Test("A long or unprintable name is cut and made printable in a description")
  func longNames() {
    let name = String(repeating: "n\u{2028}", count: 10_000)
    let text = TensorFileError(.noSuchTensor(name), path: "p").description
    #expect(isOneLine(text))
    #expect(text.utf8.count < 1000)
  }
}
