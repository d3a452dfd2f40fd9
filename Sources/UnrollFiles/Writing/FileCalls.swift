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
  /// Makes a file that was not there, opens it for writing, and holds a lock on it for as long as it is
  /// open, by which others know that it is in use.
  func create(_ path: String) throws(SystemError) -> Int32
  /// Opens a file that is there, to write at its end.
  func openToAppend(_ path: String) throws(SystemError) -> Int32
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
    let descriptor = try retrying {
      open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    }
    var status = stat()
    // Who found it before it was locked may have taken it for one that was left behind.
    guard !lock(descriptor) || fstat(descriptor, &status) == 0 && status.st_nlink > 0 else {
      try close(descriptor)
      throw SystemError(code: EEXIST)
    }
    return descriptor
  }

  /// - Returns: whether there is a lock; not every file system has them.
  private func lock(_ descriptor: Int32) -> Bool {
    (try? retrying { flock(descriptor, LOCK_EX) }) != nil
  }

  package func openToAppend(_ path: String) throws(SystemError) -> Int32 {
    try retrying { open(path, O_WRONLY | O_APPEND | O_CLOEXEC) }
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
