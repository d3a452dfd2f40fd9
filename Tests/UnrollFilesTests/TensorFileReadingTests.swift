import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles

@Suite("A tensor file on a disk")
struct TensorFileReadingTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("m.safetensors")
    try sampleWriter().write(to: path)
  }

  private func expect(
    _ problem: TensorFileError.Problem, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    let error = #expect(throws: TensorFileError.self, sourceLocation: sourceLocation) {
      try body()
    }
    #expect(error?.problem == problem, sourceLocation: sourceLocation)
  }

  private func expectChanged(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    #expect(
      throws: FileError(path: path, problem: .changed), sourceLocation: sourceLocation
    ) { try body() }
  }

  /// Writes over bytes of the file in place, from the end of it back.
  private func overwrite(_ byte: UInt8, fromEnd offset: Int) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: try file.seekToEnd() - UInt64(offset))
    try file.write(contentsOf: [byte])
    try file.close()
  }

  private func truncate(to count: Int, at path: String) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.truncate(atOffset: UInt64(count))
    try file.close()
  }

  /// A file of a header and holes.
  private func sparse(_ header: String, data: Int) throws -> String {
    let path = folder.file("sparse.safetensors")
    let start = rawFile(header)
    try start.write(to: URL(fileURLWithPath: path))
    try truncate(to: start.count + data, at: path)
    return path
  }

  private func bytes(_ count: Int, type: String = "U8", _ shape: String) -> String {
    #"{"a":{"dtype":"\#(type)","shape":[\#(shape)],"data_offsets":[0,\#(count)]}}"#
  }

  @Test("Its header alone says what is in it, and nothing of its data is given out unverified")
  func header() throws {
    let file = try TensorFile(headerOf: path)
    #expect(file.entries.count == 6 && file.metadata == sampleWriter().metadata)
    #expect(file.hasDigest && !file.isVerified)
    #expect(try file.values(of: "0.bytes", as: UInt8.self) == [1, 2, 3, 4, 5])
    #expect(file.isVerified)
  }

  @Test("What is in it is what is in memory, by every way of reading")
  func ways() throws {
    let files = [
      try TensorFile(headerOf: path), try TensorFile(contentsOf: path),
      try TensorFile(data: Data(folder.bytes("m.safetensors"))),
    ]
    for file in files {
      let name = "1.weight_ih"
      let values: [Float] = [1.5, -2, 3, .pi, -.infinity, .leastNonzeroMagnitude]
      #expect(try file.values(of: name, as: Float.self) == values)
      #expect(try file.tensor(name) == Tensor<Float>(shape: [3, 2], scalars: values))
      #expect(try file.withBytes(of: "0.bytes") { Array($0) } == [1, 2, 3, 4, 5])
      #expect(try file.withBytes(of: "nothing") { $0.count } == 0)
      #expect(try file.tensor("nothing", as: Float.self).shape == [4, 0])
      let isWanted = file.entries.map { ["nothing", name].contains($0.name) }
      let tensors = try file.tensors(where: isWanted, as: Float.self)
      #expect(tensors.values.map(\.shape).sorted { $0[0] < $1[0] } == [[3, 2], [4, 0]])
      #expect(tensors.values.contains { $0.count == 6 && $0.scalars == values })
    }
  }

  @Test("Where a byte of it was changed, its header is read and nothing else")
  func damaged() throws {
    try overwrite(99, fromEnd: 1)
    expect(.digestMismatch) { _ = try TensorFile(contentsOf: path) }
    let file = try TensorFile(headerOf: path)
    expect(.digestMismatch) { try file.verify() }
    expect(.digestMismatch) { _ = try file.values(of: "moments", as: Double.self) }
    expect(.digestMismatch) { _ = try file.tensor("moments", as: Double.self) }
    expect(.digestMismatch) { try file.withBytes(of: "moments") { _ in } }
    expect(.digestMismatch) {
      _ = try file.tensors(where: file.entries.map { $0.name == "moments" }, as: Double.self)
    }
    #expect(!file.isVerified)
  }

  @Test("A format to come is refused by its header")
  func laterFormat() throws {
    let bytes = try folder.bytes("m.safetensors")
    let text = String(decoding: bytes.prefix { _ in true }, as: UTF8.self)
    #expect(text.contains(#""unroll.format":"1""#))
    var data = Data(bytes)
    let range = try #require(data.range(of: Data(#""unroll.format":"1""#.utf8)))
    data.replaceSubrange(range, with: Data(#""unroll.format":"2""#.utf8))
    try data.write(to: URL(fileURLWithPath: path))
    expect(.unsupportedFormat("2")) { _ = try TensorFile(headerOf: path) }
  }

  @Test("A tensor that was changed after the file was verified is not given out; others are")
  func changedLater() throws {
    let file = try TensorFile(contentsOf: path)
    try overwrite(99, fromEnd: 1)
    expectChanged { _ = try file.values(of: "0.bytes", as: UInt8.self) }
    expectChanged { try file.withBytes(of: "0.bytes") { _ in } }
    #expect(try file.values(of: "moments", as: Double.self) == [0.1, -.zero])
  }

  @Test("A file without a digest is refused once it was written to")
  func changedWithoutDigest() throws {
    try rawFile(bytes(3, "3"), data: [1, 2, 3]).write(to: URL(fileURLWithPath: path))
    let file = try TensorFile(contentsOf: path)
    #expect(!file.hasDigest)
    #expect(try file.values(of: "a", as: UInt8.self) == [1, 2, 3])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -1000)], ofItemAtPath: path)
    try overwrite(99, fromEnd: 1)
    expectChanged { _ = try file.values(of: "a", as: UInt8.self) }
  }

  @Test("A file that is cut after it was opened throws an error and does not stop the program")
  func cutLater() throws {
    for isVerified in [true, false] {
      try sampleWriter().write(to: path)
      let count = try folder.bytes("m.safetensors").count
      let file = try isVerified ? TensorFile(contentsOf: path) : TensorFile(headerOf: path)
      try truncate(to: count - 3, at: path)
      expectChanged { _ = try file.values(of: "0.bytes", as: UInt8.self) }
      expectChanged { try file.withBytes(of: "0.bytes") { _ in } }
    }
  }

  @Test("A file that was removed or replaced is read as it was opened")
  func replaced() throws {
    let file = try TensorFile(headerOf: path)
    try TensorFileWriter(metadata: ["other": "file"]).write(to: path)
    #expect(try file.values(of: "0.bytes", as: UInt8.self) == [1, 2, 3, 4, 5])
  }

  @Test("Tensors for which there is no memory are refused before any is spent")
  func outOfMemory() throws {
    let count = 1 << 43
    let path = try sparse(bytes(count, type: "F32", "\(count / 4)"), data: count)
    let file = try TensorFile(contentsOf: path)
    #expect(file.entries[0].shape == [1 << 41] && file.byteCount > count)
    let problem = TensorFileError.Problem.outOfMemory(byteCount: count)
    expect(problem) { _ = try file.values(of: "a", as: Float.self) }
    expect(problem) { _ = try file.tensor("a", as: Float.self) }
    expect(problem) { try file.withBytes(of: "a") { _ in } }
    expect(problem) { _ = try file.tensors(where: [true], as: Float.self) }
    #expect(isOneLine(TensorFileError(problem, path: path).description))
  }

  @Test("Of a large file no more is in memory than what is asked for")
  func small() throws {
    let count = 1 << 40
    let header = """
      {"a":{"dtype":"U8","shape":[\(count)],"data_offsets":[0,\(count)]},\
      "b":{"dtype":"F32","shape":[2],"data_offsets":[\(count),\(count + 8)]}}
      """
    let file = try TensorFile(contentsOf: try sparse(header, data: count + 8))
    #expect(try file.values(of: "b", as: Float.self) == [0, 0])
  }

  @Test("The elements of any file can be counted: a file that is too long for that is refused")
  func counts() throws {
    let file = try TensorFile(data: rawFile(bytes(0, "576460752303423488,0")))
    #expect(file.entries[0].count == 0)
    let (length, longest) = ([2, 0, 0, 0, 0, 0, 0, 0] as [UInt8], TensorFile.maximumByteCount)
    #expect(try TensorFile.split(length, byteCount: longest).data == longest - 10)
    #expect(throws: TensorFileError.Problem.tooLong(byteCount: longest + 1, limit: longest)) {
      try TensorFile.split(length, byteCount: longest + 1)
    }
  }
}

@Suite("Memory that can be had")
struct AvailableMemoryTests {
  @Test("is some, and not more than a machine has")
  func bounds() {
    #expect(AvailableMemory.has(0) && AvailableMemory.has(1 << 26))
    #expect(!AvailableMemory.has(1 << 50) && !AvailableMemory.has(.max))
  }

  #if os(Linux)
    @Test("is not what a limit of the process forbids")
    func limit() async {
      await #expect(processExitsWith: .success) {
        var limit = rlimit(rlim_cur: 1 << 33, rlim_max: 1 << 33)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        exit(!AvailableMemory.has(1 << 33) && AvailableMemory.has(1 << 27) ? 0 : 1)
      }
    }
  #endif
}
