import Foundation
import TestSupport
import Testing
import UnrollFiles

@Suite("Atomic files")
struct AtomicFileTests {
  private static let old = Array("the previous file".utf8)
  private static let pieces = [Array("a new ".utf8), [], Array("file, in pieces".utf8)]
  private static let new = pieces.flatMap { $0 }

  private func write(to path: String, _ calls: any FileCalls) throws {
    try FileSystem.$calls.withValue(calls) {
      try AtomicFile.write(to: path) { file in
        for piece in Self.pieces { try file.write(piece) }
      }
    }
  }

  @Test("A file is made, then replaced, and nothing else is left")
  func makesAndReplaces() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Self.old, to: folder.file("a"))
    #expect(try folder.bytes("a") == Self.old)
    try AtomicFile.write(Data(Self.new), to: folder.file("a"))
    #expect(try folder.bytes("a") == Self.new)
    #expect(try folder.contents == ["a"])
  }

  @Test("A new file may be read by everyone that the mask allows, and written by its owner")
  func mode() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Self.new, to: folder.file("a"))
    var status = stat()
    #expect(stat(folder.file("a"), &status) == 0)
    #expect(status.st_mode & 0o777 & ~0o644 == 0)
    #expect(status.st_mode & 0o600 == 0o600)
  }

  @Test("The calls are: folder, create, writes, sync, close, rename, sync of the folder")
  func order() throws {
    let folder = try TemporaryFolder()
    let calls = FaultyFileCalls()
    try write(to: folder.file("a"), calls)
    #expect(
      calls.calls
        == [.openFolder, .create, .write, .write, .sync, .close, .rename, .sync, .close])
  }

  @Test("Writes that take one byte at a time make the same file", arguments: [1, 2, 7])
  func shortWrites(largestWrite: Int) throws {
    let folder = try TemporaryFolder()
    try write(to: folder.file("a"), FaultyFileCalls(largestWrite: largestWrite))
    #expect(try folder.bytes("a") == Self.new)
  }

  @Test("A write of nothing is an error, not an endless loop")
  func emptyWrite() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileWriteError(.write, path: folder.file("a"), code: EIO)) {
      try write(to: folder.file("a"), FaultyFileCalls(largestWrite: 0))
    }
    #expect(try folder.contents == [])
  }

  @Test(
    "Whichever call fails, one of the two files is there as a whole and nothing beside it",
    arguments: [ENOSPC, EIO, EDQUOT])
  func everyFault(code: Int32) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a")
    var expected: [FaultyFileCalls.Call: FileWriteError.Operation] = [:]
    expected = [.openFolder: .openFolder, .create: .create, .write: .write, .rename: .rename]
    var number = 0
    while true {
      try AtomicFile.write(Self.old, to: path)
      let calls = FaultyFileCalls(failing: number, code: code, largestWrite: 3)
      var thrown: FileWriteError?
      do { try write(to: path, calls) } catch { thrown = error as? FileWriteError }
      guard number < calls.calls.count else { break }
      let call = calls.calls[number]
      let isInPlace = calls.calls[..<number].contains(.rename)
      #expect(try folder.contents == ["a"], "call \(number), \(call)")
      #expect(try folder.bytes("a") == (isInPlace ? Self.new : Self.old), "call \(number), \(call)")
      if call == .close, isInPlace {
        // The folder was only read.
        #expect(thrown == nil)
      } else {
        #expect(thrown?.code == code)
        #expect(thrown?.path == path)
        if let operation = expected[call] { #expect(thrown?.operation == operation) }
        if call == .sync { #expect(thrown?.operation == (isInPlace ? .syncFolder : .sync)) }
      }
      number += 1
    }
    #expect(number > 10)
  }

  @Test("A folder that has no syncing is not an error", arguments: [EINVAL, ENOTSUP])
  func folderWithoutSync(code: Int32) throws {
    let folder = try TemporaryFolder()
    try write(to: folder.file("a"), FaultyFileCalls(failing: 7, code: code))
    #expect(try folder.bytes("a") == Self.new)
  }

  @Test("What the writing closure throws is passed on, and the previous file stays")
  func closureThrows() throws {
    struct Stop: Error {}
    let folder = try TemporaryFolder()
    try AtomicFile.write(Self.old, to: folder.file("a"))
    #expect(throws: Stop.self) {
      try AtomicFile.write(to: folder.file("a")) { file in
        try file.write(Self.new)
        throw Stop()
      }
    }
    #expect(try folder.bytes("a") == Self.old)
    #expect(try folder.contents == ["a"])
  }

  @Test(
    "A full disk is said to be full, and the previous file stays",
    .enabled(if: FileManager.default.fileExists(atPath: FullDiskCalls.device)))
  func fullDisk() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a")
    try AtomicFile.write(Self.old, to: path)
    #expect(throws: FileWriteError(.write, path: path, code: ENOSPC)) {
      try write(to: path, FullDiskCalls())
    }
    #expect(throws: FileWriteError(.write, path: path, code: ENOSPC)) {
      try FileSystem.$calls.withValue(FullDiskCalls()) { try sampleWriter().write(to: path) }
    }
    #expect(try folder.bytes("a") == Self.old)
    #expect(try folder.contents == ["a"])
  }

  @Test("A link stays a link, and what it leads to is replaced")
  func followsLinks() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Self.old, to: folder.file("a"))
    #expect(symlink("a", folder.file("link")) == 0)
    try AtomicFile.write(Self.new, to: folder.file("link"))
    #expect(try folder.bytes("a") == Self.new)
    var status = stat()
    #expect(lstat(folder.file("link"), &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
    #expect(symlink("nowhere", folder.file("loose")) == 0)
    #expect(throws: FileWriteError(.find, path: folder.file("loose"), code: ENOENT)) {
      try AtomicFile.write(Self.new, to: folder.file("loose"))
    }
  }

  @Test("A call that a signal interrupts is repeated, and another failure is not")
  func interruptions() throws {
    var attempts = 0
    let result = try retrying {
      attempts += 1
      errno = EINTR
      return attempts < 3 ? -1 : 5
    }
    #expect(result == 5)
    #expect(attempts == 3)
    #expect(throws: SystemError(code: EIO)) {
      try retrying {
        attempts += 1
        errno = EIO
        return -1
      }
    }
    #expect(attempts == 4)
  }
}

@Suite("Whether a file could be written")
struct CheckWritableTests {
  @Test("Asking leaves nothing behind and changes no file")
  func leavesNothing() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.checkWritable(folder.file("new"))
    #expect(try folder.contents == [])
    try AtomicFile.write([1, 2], to: folder.file("old"))
    try AtomicFile.checkWritable(folder.file("old"))
    #expect(try folder.contents == ["old"])
    #expect(try folder.bytes("old") == [1, 2])
  }

  @Test(
    "Asking removes what killed programs have left, and nothing that is in use or somebody's own")
  func leftovers() throws {
    let folder = try TemporaryFolder()
    for name in [".unroll-1.tmp", ".unroll-2.tmp", ".unroll-3", "unroll-4.tmp", "5.tmp"] {
      try folder.write(name, "half a file")
    }
    try FileManager.default.createDirectory(
      atPath: folder.file(".unroll-6.tmp"), withIntermediateDirectories: true)
    try AtomicFile.write(to: folder.file("a")) { file in
      // While a file is written, another program asks for the same folder.
      let names = try folder.contents
      try AtomicFile.checkWritable(folder.file("b"))
      #expect(try Set(names).subtracting(folder.contents) == [".unroll-1.tmp", ".unroll-2.tmp"])
      try file.write(Data("a new file".utf8))
    }
    #expect(
      try folder.contents == [".unroll-3", ".unroll-6.tmp", "5.tmp", "a", "unroll-4.tmp"])
    #expect(try folder.bytes("a") == Array("a new file".utf8))
  }

  @Test("Asking and writing refuse the same paths for the same reasons")
  func refusals() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1], to: folder.file("file"))
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let long = folder.file(String(repeating: "x", count: 300))
    let refused: [(String, FileWriteError.Operation, Int32?)] = [
      ("", .find, ENOENT),
      ("a\0b", .find, EINVAL),
      (folder.path, .find, EISDIR),
      (folder.path + "/", .find, EISDIR),
      (folder.file("new/"), .find, EISDIR),
      (".", .find, EISDIR),
      (folder.file("none/a"), .openFolder, ENOENT),
      (folder.file("file/a"), .find, ENOTDIR),
      (folder.file("pipe"), .replace, nil),
      (long, .find, ENAMETOOLONG),
    ]
    for (path, operation, code) in refused {
      let error = FileWriteError(operation, path: path, code: code)
      #expect(throws: error) { try AtomicFile.checkWritable(path) }
      #expect(throws: error) { try AtomicFile.write([2], to: path) }
      #expect(isOneLine(error.description))
    }
    #expect(try folder.contents == ["file", "pipe"])
    #expect(try folder.bytes("file") == [1])
  }

  @Test("A folder that takes no files is refused", .enabled(if: geteuid() != 0))
  func readOnlyFolder() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a")
    #expect(chmod(folder.path, 0o500) == 0)
    defer { _ = chmod(folder.path, 0o700) }
    let error = FileWriteError(.create, path: path, code: EACCES)
    #expect(throws: error) { try AtomicFile.checkWritable(path) }
    #expect(throws: error) { try AtomicFile.write([2], to: path) }
    #expect(try folder.contents == [])
  }

  #if os(Linux)
    @Test("A folder that takes no files from anyone is refused")
    func kernelFolder() {
      #expect(throws: FileWriteError.self) { try AtomicFile.checkWritable("/proc/model") }
    }
  #endif

  @Test("A disk that takes no files is refused", arguments: [ENOSPC, EROFS, EMFILE])
  func cannotCreate(code: Int32) throws {
    let folder = try TemporaryFolder()
    let error = FileWriteError(.create, path: folder.file("a"), code: code)
    #expect(throws: error) {
      try FileSystem.$calls.withValue(FaultyFileCalls(failing: 1, code: code)) {
        try AtomicFile.checkWritable(folder.file("a"))
      }
    }
    #expect(try folder.contents == [])
  }

  @Test("A name that is taken leads to another name")
  func takenName() throws {
    let folder = try TemporaryFolder()
    try FileSystem.$calls.withValue(FaultyFileCalls(failing: 1, code: EEXIST)) {
      try AtomicFile.checkWritable(folder.file("a"))
    }
    #expect(try folder.contents == [])
  }

  @Test("The description names the file and the system's reason, on one line")
  func description() {
    let error = FileWriteError(.write, path: "a\nb", code: ENOSPC)
    #expect(error.description == "a\u{FFFD}b: could not be written: No space left on device")
    #expect(error.localizedDescription == error.description)
  }
}
