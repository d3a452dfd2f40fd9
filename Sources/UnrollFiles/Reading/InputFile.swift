import Foundation

/// A file that is open for reading: at any offset, or from its beginning to its end, block by block.
///
/// It is read and not mapped into memory: a mapped file that another program cuts stops this one.
///
/// A class, because its descriptor is closed with its last user.
package final class InputFile: Sendable {
  /// What a path may name.
  package enum Kind: Sendable {
    /// A file on a disk. The size of anything else is unknown, and reading it could last for ever.
    case regular
    /// What has bytes: a pipe as well as a file.
    case any
  }

  /// The bytes that ``nextBlock()`` asks for at a time.
  package static let blockSize = 64 * 1024

  package let path: String
  /// The size of a file on a disk when it was opened. It is 0 of some of the system's own files,
  /// which have contents, and of what is no file on a disk.
  package let byteCount: Int
  private let descriptor: Int32
  /// Standard input stays open: it is not this file's to close.
  private let isStandardInput: Bool
  private let opened: Stamp

  /// What changes where a file is written to.
  private struct Stamp: Equatable {
    let byteCount: Int
    let seconds: Int
    let nanoseconds: Int

    init(_ status: stat) {
      #if canImport(Darwin)
        let modified = status.st_mtimespec
      #else
        let modified = status.st_mtim
      #endif
      (byteCount, seconds, nanoseconds) = (
        Int(status.st_size), Int(modified.tv_sec), Int(modified.tv_nsec)
      )
    }
  }

  /// - Throws: ``FileError`` where there is no such file, or it is not one to be read.
  package init(_ path: String, _ kind: Kind) throws(FileError) {
    self.path = path
    isStandardInput = false
    if path.isEmpty {
      throw FileError(path: path, problem: .unreadable(reason: "its path is empty"))
    }
    if path.utf8.contains(0) {
      throw FileError(path: path, problem: .unreadable(reason: "its path has a NUL character"))
    }
    do {
      // Opening a pipe would wait for its writer, which only who takes pipes has time for.
      let flags = O_RDONLY | O_CLOEXEC | (kind == .regular ? O_NONBLOCK : 0)
      descriptor = try retrying { open(path, flags) }
    } catch {
      let isMissing = error.code == ENOENT || error.code == ENOTDIR
      throw FileError(
        path: path, problem: isMissing ? .missing : .unreadable(reason: error.description))
    }
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0
    let reason = SystemError.last.description
    opened = Stamp(status)
    let type = status.st_mode & S_IFMT
    byteCount = type == S_IFREG ? opened.byteCount : 0
    guard isKnown else { throw error(.unreadable(reason: reason)) }
    if type == S_IFDIR { throw error(.isDirectory) }
    if kind == .regular, type != S_IFREG { throw error(.notRegular) }
  }

  /// What the program is given on its standard input, to be read once from its beginning to its end.
  package static func standardInput() -> InputFile { InputFile(standardInput: ()) }

  private init(standardInput: Void) {
    path = "-"
    isStandardInput = true
    descriptor = STDIN_FILENO
    byteCount = 0
    opened = Stamp(stat())
  }

  deinit { if !isStandardInput { _ = close(descriptor) } }

  private func error(_ problem: FileError.Problem) -> FileError {
    FileError(path: path, problem: problem)
  }

  /// The next bytes, at least one and at most ``blockSize``; empty at the end of the file.
  ///
  /// - Throws: ``FileError`` if the system reports an error.
  package func nextBlock() throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: Self.blockSize) { buffer, count in
      count = try transfer { Foundation.read(descriptor, buffer.baseAddress, buffer.count) }
    }
  }

  /// Reads the next bytes into memory that is there already.
  ///
  /// - Returns: How many there are, at least one; 0 at the end of the file.
  /// - Throws: ``FileError`` if the system reports an error.
  package func next(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
    try transfer {
      Foundation.read(descriptor, bytes.baseAddress, min(bytes.count, largestTransfer))
    }
  }

  /// `count` bytes from an offset on.
  ///
  /// - Throws: ``FileError``, also where there are fewer: the file was cut while it was read.
  func read(_ count: Int, at offset: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try fill($0, from: offset) }
    return bytes
  }

  /// Reads into memory that is there already, from an offset on.
  ///
  /// - Throws: ``FileError``, also where there are fewer bytes: the file was cut while it was read.
  func fill(_ bytes: UnsafeMutableRawBufferPointer, from offset: Int) throws {
    var filled = 0
    while filled < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
      let count = try transfer {
        pread(
          descriptor, rest.baseAddress, min(rest.count, largestTransfer), off_t(offset + filled))
      }
      if count == 0 { throw error(.changed) }
      filled += count
    }
  }

  private func transfer(_ call: () -> Int) throws(FileError) -> Int {
    do {
      return try retrying(call)
    } catch {
      throw self.error(.unreadable(reason: error.description))
    }
  }

  /// Refuses a file that was written to since it was opened, as far as the system tells.
  func checkUnchanged() throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw error(.unreadable(reason: SystemError.last.description))
    }
    guard Stamp(status) == opened else { throw error(.changed) }
  }
}

/// The most bytes that are read or written by one call; some systems refuse two gigabytes.
let largestTransfer = 1 << 30
