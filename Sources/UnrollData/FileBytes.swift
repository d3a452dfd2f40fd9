import Foundation

/// A file that is open for reading, from its beginning to its end, block by block.
///
/// It is left to the system what the path names: pipes work as well as files.
struct FileBytes: ~Copyable {
  /// The bytes that are asked for at a time.
  static let blockSize = 64 * 1024
  /// What some editors put before a text to say that it is UTF-8.
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  let path: String
  private let descriptor: Int32
  /// The size of a regular file when it was opened; `nil` of a pipe, or where the system does not say.
  let size: Int?

  /// - Throws: `FileError` if the file is missing, a directory, or not to be opened.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    let reason = errno
    var status = stat()
    let isKnown = descriptor >= 0 && fstat(descriptor, &status) == 0
    let kind = isKnown ? status.st_mode & S_IFMT : 0
    // Some of the system's own files have contents and no size.
    size = kind == S_IFREG && status.st_size > 0 ? Int(status.st_size) : nil
    guard descriptor >= 0 else {
      switch reason {
      case ENOENT, ENOTDIR: throw FileError(path: path, problem: .missing)
      default: throw FileBytes.unreadable(path, reason)
      }
    }
    if kind == S_IFDIR { throw FileError(path: path, problem: .isDirectory) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// The next bytes, at least one and at most `blockSize`; empty at the end of the file.
  ///
  /// - Throws: `FileError` if the system reports an error.
  func nextBlock() throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: FileBytes.blockSize) { buffer, count in
      var result = read(descriptor, buffer.baseAddress, buffer.count)
      while result < 0, errno == EINTR {
        result = read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard result >= 0 else { throw FileBytes.unreadable(path, errno) }
      count = result
    }
  }

  private static func unreadable(_ path: String, _ number: Int32) -> FileError {
    FileError(path: path, problem: .unreadable(reason: String(cString: strerror(number))))
  }
}
