import Foundation
import UnrollCore
import UnrollFiles

/// The checkpoints of one run, a file for each, named by the step.
///
/// A file is there whole or not at all, so that the newest one is the last that was completed.
public struct CheckpointFolder: Sendable {
  public let path: String
  /// How many of the newest files are kept.
  public let keep: Int

  /// - Precondition: at least one file is kept.
  public init(_ path: String, keep: Int = 3) {
    require(keep > 0, "CheckpointFolder: keep \(keep)")
    self.path = path
    self.keep = keep
  }

  private static let (prefix, suffix) = ("step-", ".safetensors")

  /// The file of a step.
  public func path(ofStep step: Int) -> String {
    let digits = String(step)
    let zeros = String(repeating: "0", count: max(0, 10 - digits.count))
    return URL(fileURLWithPath: path)
      .appendingPathComponent(Self.prefix + zeros + digits + Self.suffix).path
  }

  /// The steps of the files, newest first.
  ///
  /// - Throws: ``FileWriteError`` where there is a folder that cannot be read; one that is not there
  ///   has no files.
  public func steps() throws -> [Int] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw FileWriteError(.read, path: path, code: nil)
    }
    return names.compactMap(Self.step).sorted(by: >)
  }

  private static func step(of name: String) -> Int? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
    return Int(name.dropFirst(prefix.count).dropLast(suffix.count))
  }

  /// Makes the folder, and finds out whether a checkpoint could be written, before the work of hours
  /// depends on it.
  ///
  /// - Throws: ``FileWriteError``.
  public func prepare() throws {
    try AtomicFile.makeFolder(path)
    try AtomicFile.checkWritable(path(ofStep: 0))
  }

  /// Writes a checkpoint of a run, and then removes the files that are not among the newest.
  public func write(_ run: some TrainingRun, metadata: [String: String] = [:]) throws {
    try AtomicFile.makeFolder(path)
    try run.writeCheckpoint(to: path(ofStep: run.step), metadata: metadata)
    for step in try steps().filter({ $0 <= run.step }).dropFirst(keep) {
      try? FileManager.default.removeItem(atPath: path(ofStep: step))
    }
  }

  /// Calls `body` with the newest file, and where the file is damaged, or `body` throws a
  /// ``CheckpointError`` or ``ModelFileError``, with the one before it.
  ///
  /// - Returns: the step of the file that `body` took, `nil` where there is no file; and what was
  ///   wrong with newer ones.
  /// - Throws: what was wrong with the newest file where none can be taken, and whatever else `body`
  ///   throws.
  public func withNewest(
    _ body: (ModelFile) throws -> Void
  ) throws -> (step: Int?, refused: [any Error]) {
    var refused: [any Error] = []
    for step in try steps() {
      do {
        try body(try ModelFile(contentsOf: path(ofStep: step)))
        return (step, refused)
      } catch
        where error is TensorFileError || error is ModelFileError || error is CheckpointError
      {
        refused.append(error)
      }
    }
    if let error = refused.first { throw error }
    return (nil, [])
  }
}

/// Writes a checkpoint every so many steps, and one when training ends. One run at a time may write to
/// a folder: a second one is told so when it begins, with a ``CheckpointError``.
public struct Checkpoints: TrainingObserver {
  public let folder: CheckpointFolder
  /// Steps from one to the next.
  public let interval: Int
  private let metadata: [String: String]
  private var lastStep: Int?
  private var lock: CheckpointLock?

  /// - Parameters:
  ///   - metadata: what else to keep in each file, text by key.
  ///   - lock: that of the folder, where there is one already.
  public init(
    _ folder: CheckpointFolder, every interval: Int, metadata: [String: String] = [:],
    lock: CheckpointLock? = nil
  ) {
    require(interval > 0, "Checkpoints: every \(interval) steps")
    self.folder = folder
    self.interval = interval
    self.metadata = metadata
    self.lock = lock
  }

  public mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision {
    switch event {
    case .finished(let step) where step % interval == 0: try write(run)
    case .ended(let step):
      if step != lastStep { try write(run) }
      lock = nil
    case .failed: lock = nil
    case .began(let step, _):
      lastStep = step
      lock = try lock ?? folder.lock()
      try folder.prepare()
    default: break
    }
    return .continue
  }

  private mutating func write(_ run: some TrainingRun) throws {
    try folder.write(run, metadata: metadata)
    lastStep = run.step
  }
}
