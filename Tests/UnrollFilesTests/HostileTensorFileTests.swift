import Foundation
import TestSupport
import Testing
import UnrollFiles

@Suite("Hostile tensor files")
struct HostileTensorFileTests {
  private let files: HostileFiles

  init() throws { files = try HostileFiles.load() }

  @Test("Every malformed file is refused, in one line that says why")
  func malformed() {
    #expect(files.malformed.count >= 60)
    for file in files.malformed {
      let error = #expect(throws: TensorFileError.self, "\(file.name)") {
        try TensorFile(data: file.bytes, path: "m.safetensors")
      }
      let line = error?.description ?? ""
      #expect(line.contains(file.says), "\(file.name): \(line)")
      #expect(isOneLine(line) && line.hasPrefix("m.safetensors: "), "\(file.name): \(line)")
    }
  }

  @Test("Every malformed file is refused from a disk as it is from memory")
  func onDisk() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.safetensors")
    for file in files.malformed {
      try file.bytes.write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: TensorFileError.self) { try TensorFile(contentsOf: path) }
      #expect(error?.problem == problem(of: file.bytes), "\(file.name)")
    }
  }

  @Test("Every well-formed file is read, with the elements that are in it")
  func wellFormed() throws {
    #expect(files.wellFormed.count >= 10)
    for example in files.wellFormed {
      let file = try TensorFile(data: example.bytes)
      for (name, values) in example.values {
        #expect(try elements(of: name, in: file) == values, "\(example.name)")
      }
    }
  }

  private func elements(of name: String, in file: TensorFile) throws -> [Double] {
    switch file.entry(name)?.type {
    case .float32: try file.values(of: name, as: Float.self).map(Double.init)
    case .float64: try file.values(of: name, as: Double.self)
    case .int64: try file.values(of: name, as: Int64.self).map(Double.init)
    default: try file.values(of: name, as: UInt8.self).map(Double.init)
    }
  }

  @Test("A file that was cut anywhere is refused, and so is one with a byte more")
  func cut() {
    for file in files.wellFormed {
      for count in 0..<file.bytes.count {
        #expect(problem(of: file.bytes.prefix(count)) != nil, "\(file.name) cut at \(count)")
      }
      #expect(problem(of: file.bytes + [0]) != nil, "\(file.name)")
    }
  }

  @Test("A file with a digest in which a bit was changed is refused; others only never crash")
  func flipped() throws {
    for file in files.wellFormed {
      let isVerified = try TensorFile(data: file.bytes).isVerified
      for index in file.bytes.indices.prefix(1000) {
        for bit in 0..<8 {
          var bytes = file.bytes
          bytes[index] ^= 1 << bit
          let refusal = problem(of: bytes)
          if isVerified { #expect(refusal != nil, "\(file.name): bit \(bit) of byte \(index)") }
        }
      }
    }
  }
}
