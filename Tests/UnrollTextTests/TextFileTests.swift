import Foundation
import TestSupport
import Testing
import UnrollFiles
import UnrollText

@Suite("TextFile")
struct TextFileTests {
  @Test("A text is read as it is, without its byte-order mark")
  func plainText() throws {
    let text = "a, \"b\"\r\n\u{FEFF}é😀\n"
    for prefix in ["", "\u{FEFF}"] {
      let read = try withFile(prefix + text, extension: "txt") { try TextFile.read($0) }
      #expect(Array(read.utf8) == Array(text.utf8))
    }
  }

  @Test("A text longer than a block is read whole")
  func longText() throws {
    let text = String(repeating: "0123456789é", count: 20_000)
    #expect(try withFile(text, extension: "") { try TextFile.read($0) } == text)
  }

  @Test("A missing file is named")
  func missing() {
    let error = FileError(path: "/no/such/file.txt", problem: .missing)
    #expect(throws: error) { try TextFile.read("/no/such/file.txt") }
    #expect(error.description == "/no/such/file.txt: there is no such file")
  }

  @Test("A directory is not a text, and looking at many leaves no file open")
  func directory() throws {
    let openFiles = { try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count }
    let openBefore = try openFiles()
    let path = FileManager.default.temporaryDirectory.path
    let error = FileError(path: path, problem: .isDirectory)
    for _ in 0..<300 { #expect(throws: error) { try TextFile.read(path) } }
    #expect(try openFiles() < openBefore + 200)
    #expect(error.description == "\(path): this is a directory; name a file in it")
  }

  #if os(Linux)
    @Test("A file that the system does not let be read is an error with the system's reason")
    func unreadable() {
      let error = FileError(
        path: "/proc/self/mem", problem: .unreadable(reason: "Input/output error"))
      #expect(throws: error) { try TextFile.read("/proc/self/mem") }
      #expect(error.description == "/proc/self/mem: cannot be read: Input/output error")
    }
  #endif

  @Test("A file with nothing in it, or nothing but a byte-order mark, is empty")
  func empty() throws {
    for bytes in [[], [0xEF, 0xBB, 0xBF]] as [[UInt8]] {
      for suffix in ["txt", "csv"] {
        try withFile(bytes, extension: suffix) { path throws in
          let error = FileError(path: path, problem: .empty)
          #expect(throws: error) { try TextFile.read(path) }
          #expect(error.description == "\(path): the file is empty")
        }
      }
    }
  }

  @Test(
    "The first byte that is not UTF-8 is named by its line, and by its offset in the file",
    arguments: [
      ([0x61, 0xFF], 1, 1), ([0xEF, 0xBB, 0xBF, 0x61, 0x80], 4, 1),
      ([0xC3, 0xA9, 0x62, 0xE2, 0x82], 3, 1), ([0xED, 0xA0, 0x80], 0, 1), ([0xC3, 0x28], 0, 1),
      ([0xEF, 0xBB, 0xBF, 0x0A, 0x61, 0x0D, 0x0A, 0x61, 0x62, 0x92, 0x0A], 9, 3),
    ] as [([UInt8], Int, Int)])
  func notUTF8(bytes: [UInt8], offset: Int, line: Int) throws {
    try withFile(bytes, extension: "txt") { path throws in
      let error = FileError(path: path, problem: .notUTF8(offset: offset, line: line))
      #expect(throws: error) { try TextFile.read(path) }
      #expect(throws: error) { try TextFile.bytes(path) }
      #expect(
        error.description
          == "\(path), line \(line): not UTF-8 at byte \(offset); convert the file to UTF-8")
    }
  }

  @Test("Bytes that may be any are read as they are, without a byte-order mark")
  func anyBytes() throws {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    for mark in [[], [0xEF, 0xBB, 0xBF]] as [[UInt8]] {
      try withFile(mark + bytes, extension: "bin") { path throws in
        #expect(try TextFile.bytes(path, .any) == bytes)
        #expect(throws: FileError(path: path, problem: .tooLarge(limit: 99_999))) {
          try TextFile.bytes(path, .any, limit: 99_999)
        }
        #expect(try TextFile.bytes(path, .any, limit: 100_000).count == 100_000)
      }
    }
  }

  @Test("A file that is larger than the limit is refused before it is read")
  func sparse() throws {
    try withFile("x", extension: "txt") { path throws in
      #expect(truncate(path, 1 << 40) == 0)
      #expect(throws: FileError(path: path, problem: .tooLarge(limit: 1 << 30))) {
        try TextFile.read(path)
      }
    }
  }

  @Test("A text longer than the limit is an error")
  func tooLarge() throws {
    try withFile("12345", extension: "txt") { path throws in
      #expect(try TextFile.read(path, limit: 5) == "12345")
      let error = FileError(path: path, problem: .tooLarge(limit: 4))
      #expect(throws: error) { try TextFile.read(path, limit: 4) }
      #expect(
        error.description
          == "\(path): longer than the limit of 4 bytes; split the file or raise the limit")
    }
  }
}
