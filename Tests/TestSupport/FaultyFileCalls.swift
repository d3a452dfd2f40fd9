import Foundation
import UnrollCore
import UnrollFiles

/// The system's calls, of which some fail.
package final class FaultyFileCalls: FileCalls {
  package enum Call: Equatable, Sendable {
    case openFolder, makeFolder, create, openToAppend, write, sync, close, rename, remove
  }

  /// What was called so far, in order.
  package var calls: [Call] { made.withLock { $0 } }

  private let made = Locked<[Call]>([])
  private let system = SystemFileCalls()
  private let failing: Range<Int>
  private let code: Int32
  private let largestWrite: Int

  /// - Parameters:
  ///   - failing: The number of the call that fails, from 0; none where nothing fails.
  ///   - forGood: Whether all calls after it fail too, as they do for a program that is gone.
  ///   - code: What they fail with.
  ///   - largestWrite: How many bytes a call writes at most.
  package init(
    failing: Int? = nil, forGood: Bool = false, code: Int32 = ENOSPC, largestWrite: Int = .max
  ) {
    self.failing = failing.map { $0..<(forGood ? .max : $0 + 1) } ?? 0..<0
    self.code = code
    self.largestWrite = largestWrite
  }

  private func note(_ call: Call) throws(SystemError) {
    let number = made.withLock {
      $0.append(call)
      return $0.count - 1
    }
    if failing.contains(number) { throw SystemError(code: code) }
  }

  package func openFolder(_ path: String) throws(SystemError) -> Int32 {
    try note(.openFolder)
    return try system.openFolder(path)
  }

  package func makeFolder(_ path: String) throws(SystemError) {
    try note(.makeFolder)
    try system.makeFolder(path)
  }

  package func create(_ path: String) throws(SystemError) -> Int32 {
    try note(.create)
    return try system.create(path)
  }

  package func openToAppend(_ path: String) throws(SystemError) -> Int32 {
    try note(.openToAppend)
    return try system.openToAppend(path)
  }

  package func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) throws(SystemError) -> Int {
    try note(.write)
    return try system.write(
      UnsafeRawBufferPointer(rebasing: bytes.prefix(largestWrite)), to: descriptor)
  }

  package func sync(_ descriptor: Int32) throws(SystemError) {
    try note(.sync)
    try system.sync(descriptor)
  }

  package func close(_ descriptor: Int32) throws(SystemError) {
    // The system gives the descriptor back even where it reports an error.
    try system.close(descriptor)
    try note(.close)
  }

  package func rename(_ path: String, to newPath: String) throws(SystemError) {
    try note(.rename)
    try system.rename(path, to: newPath)
  }

  package func remove(_ path: String) throws(SystemError) {
    try note(.remove)
    try system.remove(path)
  }
}

/// A disk on which a file can be made, but nothing written: the bytes go to a device that is
/// always full.
package struct FullDiskCalls: FileCalls {
  package static let device = "/dev/full"

  private let system = SystemFileCalls()

  package init() {}

  package func openFolder(_ path: String) throws(SystemError) -> Int32 {
    try system.openFolder(path)
  }

  package func makeFolder(_ path: String) throws(SystemError) { try system.makeFolder(path) }

  package func create(_ path: String) throws(SystemError) -> Int32 {
    try system.close(try system.create(path))
    return try retrying { open(Self.device, O_WRONLY | O_CLOEXEC) }
  }

  package func openToAppend(_ path: String) throws(SystemError) -> Int32 {
    try system.openToAppend(Self.device)
  }

  package func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) throws(SystemError) -> Int {
    try system.write(bytes, to: descriptor)
  }

  package func sync(_ descriptor: Int32) throws(SystemError) { try system.sync(descriptor) }
  package func close(_ descriptor: Int32) throws(SystemError) { try system.close(descriptor) }
  package func rename(_ path: String, to newPath: String) throws(SystemError) {
    try system.rename(path, to: newPath)
  }
  package func remove(_ path: String) throws(SystemError) { try system.remove(path) }
}
