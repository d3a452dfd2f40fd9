import Foundation

/// A file on a disk that is open for reading. Devices, pipes and folders are refused: their size
/// is unknown, and reading them could last for ever.
///
/// It is read and not mapped into memory: a mapped file that another program cuts stops this one.
///
/// A class, because its descriptor is closed with its last user.
final class RegularFile: Sendable {
  let byteCount: Int
  private let descriptor: Int32
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

  init(_ path: String) throws(TensorFileError.Problem) {
    let descriptor = try Self.descriptor(of: path)
    do {
      opened = try Self.stamp(of: descriptor)
      byteCount = opened.byteCount
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

  private static func stamp(of descriptor: Int32) throws(TensorFileError.Problem) -> Stamp {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(reason: SystemError.last.description)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Stamp(status)
    case S_IFDIR: throw .unreadable(reason: "it is a folder")
    default: throw .unreadable(reason: "it is not a regular file")
    }
  }

  deinit { _ = close(descriptor) }

  /// `count` bytes from an offset on.
  ///
  /// - Throws: Where there are fewer: the file was cut while it was read.
  func read(_ count: Int, at offset: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try fill($0, from: offset) }
    return bytes
  }

  /// Reads into memory that is there already, from an offset on.
  ///
  /// - Throws: Where there are fewer bytes: the file was cut while it was read.
  func fill(
    _ bytes: UnsafeMutableRawBufferPointer, from offset: Int
  ) throws(TensorFileError.Problem) {
    var filled = 0
    while filled < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
      let count: Int
      do {
        count = try retrying {
          pread(
            descriptor, rest.baseAddress, min(rest.count, largestTransfer), off_t(offset + filled))
        }
      } catch {
        throw .unreadable(reason: error.description)
      }
      if count == 0 { throw .unreadable(reason: "it was cut while it was read") }
      filled += count
    }
  }

  /// Refuses a file that was written to since it was opened, as far as the system tells.
  func checkUnchanged() throws(TensorFileError.Problem) {
    guard try Self.stamp(of: descriptor) == opened else { throw .changed }
  }
}

/// The most bytes that are read or written by one call; some systems refuse two gigabytes.
let largestTransfer = 1 << 30
