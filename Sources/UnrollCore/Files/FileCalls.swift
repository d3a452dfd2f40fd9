import Foundation

/// The system that files are written by.
package enum FileSystem {
  /// The calls in use. Tests put failing ones in place of the system's own.
  @TaskLocal package static var calls: any FileCalls = SystemFileCalls()
}

/// The calls to the system that writing a file consists of.
package protocol FileCalls: Sendable {
  /// Opens a folder, to be synced later.
  func openFolder(_ path: String) throws(SystemError) -> Int32
  func makeFolder(_ path: String) throws(SystemError)
  /// Makes a file that was not there, and opens it for writing.
  func create(_ path: String) throws(SystemError) -> Int32
  /// Writes some of `bytes`, and gives how many.
  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(SystemError) -> Int
  /// Waits until what was written is on the disk.
  func sync(_ descriptor: Int32) throws(SystemError)
  func close(_ descriptor: Int32) throws(SystemError)
  func rename(_ path: String, to newPath: String) throws(SystemError)
  func remove(_ path: String) throws(SystemError)
}

/// The system's own calls.
package struct SystemFileCalls: FileCalls {
  package init() {}

  package func openFolder(_ path: String) throws(SystemError) -> Int32 {
    try retrying { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  }

  package func makeFolder(_ path: String) throws(SystemError) {
    _ = try retrying { mkdir(path, 0o755) }
  }

  package func create(_ path: String) throws(SystemError) -> Int32 {
    try retrying { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
  }

  package func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) throws(SystemError) -> Int {
    try retrying {
      Foundation.write(descriptor, bytes.baseAddress, min(bytes.count, largestTransfer))
    }
  }

  package func sync(_ descriptor: Int32) throws(SystemError) {
    #if canImport(Darwin)
      // There, fsync leaves the bytes in the drive's own memory. Not every file system has this.
      if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
    #endif
    _ = try retrying { fsync(descriptor) }
  }

  package func close(_ descriptor: Int32) throws(SystemError) {
    // Not repeated when interrupted: the descriptor is gone by then, and may be another file's.
    if Foundation.close(descriptor) != 0, errno != EINTR { throw SystemError.last }
  }

  package func rename(_ path: String, to newPath: String) throws(SystemError) {
    _ = try retrying { Foundation.rename(path, newPath) }
  }

  package func remove(_ path: String) throws(SystemError) {
    _ = try retrying { unlink(path) }
  }
}
