import Foundation

/// A file on a disk that is open for reading. Devices, pipes and folders are refused: their size
/// is unknown, and reading them could last for ever.
struct RegularFile: ~Copyable {
  let byteCount: Int
  private let descriptor: Int32

  init(_ path: String) throws(TensorFileError.Problem) {
    let descriptor = try Self.descriptor(of: path)
    do {
      byteCount = try Self.byteCount(of: descriptor)
      self.descriptor = descriptor
    } catch {
      _ = close(descriptor)
      throw error
    }
  }

  private static func descriptor(of path: String) throws(TensorFileError.Problem) -> Int32 {
    if path.isEmpty { throw .unreadable(reason: "its path is empty") }
    if path.utf8.contains(0) { throw .unreadable(reason: "its path has a NUL character") }
    do {
      // Opening a pipe would otherwise wait for its writer.
      return try retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    } catch {
      throw .unreadable(reason: error.description)
    }
  }

  private static func byteCount(of descriptor: Int32) throws(TensorFileError.Problem) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(reason: SystemError.last.description)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Int(status.st_size)
    case S_IFDIR: throw .unreadable(reason: "it is a folder")
    default: throw .unreadable(reason: "it is not a regular file")
    }
  }

  deinit { _ = close(descriptor) }

  /// The next `count` bytes.
  ///
  /// - Throws: Where there are fewer: the file was cut while it was read.
  func read(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try fill($0) }
    return bytes
  }

  /// The next `count` bytes, as `Data`.
  func readData(_ count: Int) throws -> Data {
    var data = Data(count: count)
    try data.withUnsafeMutableBytes { try fill($0) }
    return data
  }

  private func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(TensorFileError.Problem) {
    var filled = 0
    while filled < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
      let count: Int
      do {
        count = try retrying {
          Foundation.read(descriptor, rest.baseAddress, min(rest.count, largestTransfer))
        }
      } catch {
        throw .unreadable(reason: error.description)
      }
      if count == 0 { throw .unreadable(reason: "it was cut while it was read") }
      filled += count
    }
  }
}

/// The most bytes that are read or written by one call; some systems refuse two gigabytes.
let largestTransfer = 1 << 30
