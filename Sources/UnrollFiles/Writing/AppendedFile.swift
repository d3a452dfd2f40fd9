import Foundation

/// A file that grows while a program runs, such as a record of its steps.
///
/// A class, because it owns an open file.
package final class AppendedFile: Sendable {
  private let path: String
  private let descriptor: Int32
  private let calls = FileSystem.calls

  /// Opens a file that is there.
  ///
  /// - Throws: ``FileWriteError``.
  package init(_ path: String) throws {
    self.path = path
    let calls = calls
    descriptor = try naming(.write, path) { try calls.openToAppend(path) }
  }

  deinit { try? calls.close(descriptor) }

  /// Appends bytes.
  ///
  /// - Throws: ``FileWriteError``, such as for a full disk.
  package func append(_ bytes: some ContiguousBytes) throws {
    try AtomicFile.Handle(descriptor: descriptor, path: path, calls: calls).write(bytes)
  }

  /// Waits until what was appended is on the disk.
  ///
  /// - Throws: ``FileWriteError``.
  package func sync() throws {
    try naming(.sync, path) { try calls.sync(descriptor) }
  }
}
