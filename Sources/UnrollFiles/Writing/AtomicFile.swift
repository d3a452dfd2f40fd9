import Foundation

/// Writes files so that each is there as a whole or not at all, even where the program is killed
/// or the machine loses power.
///
/// The bytes go to a temporary file in the same folder, which is brought to the disk and then
/// renamed; then the folder is brought to the disk. Whatever fails before the renaming, the
/// temporary file is removed and what was there before is untouched. A killed program may leave a
/// file `.unroll-*.tmp` behind; the next one that asks ``checkWritable(_:)`` for the folder removes it.
///
/// A link is followed: its target is replaced, the link stays. Only regular files are replaced.
public enum AtomicFile {
  /// The file that is being written.
  ///
  /// A handle: it is valid during the call that it is handed to.
  public struct Handle {
    let descriptor: Int32
    let path: String
    let calls: any FileCalls

    /// Appends bytes.
    ///
    /// - Throws: ``FileWriteError``, such as for a full disk.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
      var rest = bytes
      while !rest.isEmpty {
        let count = try naming(.write, path) {
          let count = try calls.write(rest, to: descriptor)
          // To write nothing without an error would be repeated for ever.
          guard count > 0 else { throw SystemError(code: EIO) }
          return count
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``FileWriteError``, such as for a full disk.
    public func write(_ bytes: some ContiguousBytes) throws {
      try bytes.withUnsafeBytes { try write($0) }
    }
  }

  /// Writes a file of which the bytes are in memory.
  ///
  /// - Throws: ``FileWriteError``.
  public static func write(_ bytes: some ContiguousBytes, to path: String) throws {
    try write(to: path) { try $0.write(bytes) }
  }

  /// Writes a file piece by piece.
  ///
  /// - Parameters:
  ///   - path: The file to make or to replace.
  ///   - body: Appends the pieces to the handle that it is given.
  /// - Throws: ``FileWriteError``, and what `body` throws.
  public static func write(to path: String, _ body: (Handle) throws -> Void) throws {
    let calls = FileSystem.calls
    let target = try Target(path)
    // Opened first, so that a folder that cannot be synced is found out before anything is done.
    let folder = try naming(.openFolder, path) { try calls.openFolder(target.folder) }
    defer { try? calls.close(folder) }
    let (temporary, descriptor) = try create(in: target.folder, for: path, calls)
    do {
      try fill(descriptor, path, calls, body)
      try naming(.rename, path) { try calls.rename(temporary, to: target.file) }
    } catch {
      // The error that is thrown says more than that of removing what is left.
      try? calls.remove(temporary)
      throw error
    }
    try naming(.syncFolder, path) { try syncFolder(folder, calls) }
  }

  /// Finds out whether a file could be written, before the work of hours depends on it. Makes a
  /// temporary file in its folder and removes it again, and with it what programs that were killed
  /// while they wrote have left there.
  ///
  /// - Throws: ``FileWriteError`` where the folder is missing, is no folder or does not take files, or
  ///   where `path` is a folder, a device or anything else than a regular file.
  public static func checkWritable(_ path: String) throws {
    let calls = FileSystem.calls
    let target = try Target(path)
    let folder = try naming(.openFolder, path) { try calls.openFolder(target.folder) }
    defer { try? calls.close(folder) }
    let (temporary, descriptor) = try create(in: target.folder, for: path, calls)
    try? calls.close(descriptor)
    try naming(.create, path) { try calls.remove(temporary) }
    removeLeftovers(in: target.folder)
  }
}

extension AtomicFile {
  /// Makes a folder, and those that it is in, where they are not there; each is on the disk with what
  /// it is in before anything is written to it.
  ///
  /// - Throws: ``FileWriteError``.
  public static func makeFolder(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
    if parent != path { try makeFolder(parent) }
    let calls = FileSystem.calls
    try naming(.makeFolder, path) {
      let descriptor = try calls.openFolder(parent)
      defer { try? calls.close(descriptor) }
      try calls.makeFolder(path)
      try syncFolder(descriptor, calls)
    }
  }

  private static let (prefix, suffix) = (".unroll-", ".tmp")

  /// Removes what programs that were killed while they wrote have left in a folder: files of which
  /// nobody holds the lock any more.
  private static func removeLeftovers(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      let path = folder + "/" + name
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }
}

// MARK: - Steps

extension AtomicFile {
  /// Makes a file of a name that no other has.
  private static func create(
    in folder: String, for path: String, _ calls: any FileCalls
  ) throws(FileWriteError) -> (path: String, descriptor: Int32) {
    var attempts = 0
    while true {
      let name = prefix + String(UInt64.random(in: 0...UInt64.max), radix: 36) + suffix
      let temporary = folder.hasSuffix("/") ? folder + name : folder + "/" + name
      do {
        return (temporary, try calls.create(temporary))
      } catch {
        attempts += 1
        if error.code != EEXIST || attempts == 100 {
          throw FileWriteError(.create, path: path, code: error.code)
        }
      }
    }
  }

  /// Writes the whole file, brings it to the disk and closes it, whatever fails.
  private static func fill(
    _ descriptor: Int32, _ path: String, _ calls: any FileCalls,
    _ body: (Handle) throws -> Void
  ) throws {
    do {
      try body(Handle(descriptor: descriptor, path: path, calls: calls))
      try naming(.sync, path) { try calls.sync(descriptor) }
    } catch {
      try? calls.close(descriptor)
      throw error
    }
    try naming(.write, path) { try calls.close(descriptor) }
  }

  /// Brings a folder to the disk. Some file systems have no such thing; there is nothing more to
  /// be done on them.
  private static func syncFolder(
    _ descriptor: Int32, _ calls: any FileCalls
  ) throws(SystemError) {
    do {
      try calls.sync(descriptor)
    } catch {
      if error.code != EINVAL, error.code != ENOTSUP { throw error }
    }
  }
}

/// Where a file is to be written.
private struct Target {
  let file: String
  let folder: String

  init(_ path: String) throws {
    // The system would cut the path at the NUL and write another file.
    if path.utf8.contains(0) { throw FileWriteError(.find, path: path, code: EINVAL) }
    if path.isEmpty { throw FileWriteError(.find, path: path, code: ENOENT) }
    var status = stat()
    var file = path
    if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
      file = try naming(.find, path) { try resolved(path) }
    }
    if stat(file, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw FileWriteError(.find, path: path, code: EISDIR)
      default: throw FileWriteError(.replace, path: path, code: nil)
      }
    } else if errno != ENOENT {
      throw FileWriteError(.find, path: path, code: errno)
    }
    if file.hasSuffix("/") { throw FileWriteError(.find, path: path, code: EISDIR) }
    self.file = file
    if let slash = file.lastIndex(of: "/") {
      folder = slash == file.startIndex ? "/" : String(file[..<slash])
    } else {
      folder = "."
    }
  }
}

/// The path of what a link leads to.
private func resolved(_ path: String) throws(SystemError) -> String {
  guard let resolved = realpath(path, nil) else { throw SystemError.last }
  defer { free(resolved) }
  return String(cString: resolved)
}
