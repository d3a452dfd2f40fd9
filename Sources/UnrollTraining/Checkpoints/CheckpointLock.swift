import Foundation
import UnrollCore
import UnrollFiles

/// That a run has a folder of checkpoints to itself, for as long as this lives. A program that is killed
/// gives it back.
///
/// A class, because it owns an open folder.
public final class CheckpointLock: Sendable {
  private let descriptor: Int32

  /// - Throws: ``CheckpointError`` where another run has the folder, ``FileWriteError`` where it cannot
  ///   be opened.
  init(_ folder: String) throws {
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileWriteError(.openFolder, path: folder, code: errno)
    }
    // Where a file system has no locks, there is nothing more to be done.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(descriptor)
      throw CheckpointError(
        folder,
        "another run writes its checkpoints there; wait until it has ended, or name another folder")
    }
  }

  deinit {
    // A process that is being started may have the descriptor too for a moment: closing would not do.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}

extension CheckpointFolder {
  /// Makes the folder, where it is not there, and keeps other runs from writing to it.
  ///
  /// ``Checkpoints`` does this when training begins. A program that goes on from the newest checkpoint
  /// does it before it looks for that, and hands the lock on.
  ///
  /// - Throws: ``CheckpointError`` where another run has the folder, and ``FileWriteError``.
  public func lock() throws -> CheckpointLock {
    try AtomicFile.makeFolder(path)
    return try CheckpointLock(path)
  }
}
