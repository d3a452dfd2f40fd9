import Foundation

@testable import UnrollCore

/// The system's calls, of which one fails.
final class FaultyFileCalls: FileCalls {
  enum Call: Equatable { case openFolder, create, write, sync, close, rename, remove }

  /// What was called so far, in order.
  private(set) var calls: [Call] = []

  private let system = SystemFileCalls()
  private let failing: Int?
  private let code: Int32
  private let largestWrite: Int

  /// - Parameters:
  ///   - failing: The number of the call that fails, from 0; none where nothing fails.
  ///   - code: What it fails with.
  ///   - largestWrite: How many bytes a call writes at most.
  init(failing: Int? = nil, code: Int32 = ENOSPC, largestWrite: Int = .max) {
    self.failing = failing
    self.code = code
    self.largestWrite = largestWrite
  }

  private func fails(_ call: Call) -> Bool {
    calls.append(call)
    return calls.count - 1 == failing
  }

  func openFolder(_ path: String) throws(SystemError) -> Int32 {
    if fails(.openFolder) { throw SystemError(code: code) }
    return try system.openFolder(path)
  }

  func create(_ path: String) throws(SystemError) -> Int32 {
    if fails(.create) { throw SystemError(code: code) }
    return try system.create(path)
  }

  func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) throws(SystemError) -> Int {
    if fails(.write) { throw SystemError(code: code) }
    return try system.write(
      UnsafeRawBufferPointer(rebasing: bytes.prefix(largestWrite)), to: descriptor)
  }

  func sync(_ descriptor: Int32) throws(SystemError) {
    if fails(.sync) { throw SystemError(code: code) }
    try system.sync(descriptor)
  }

  func close(_ descriptor: Int32) throws(SystemError) {
    // The system gives the descriptor back even where it reports an error.
    try system.close(descriptor)
    if fails(.close) { throw SystemError(code: code) }
  }

  func rename(_ path: String, to newPath: String) throws(SystemError) {
    if fails(.rename) { throw SystemError(code: code) }
    try system.rename(path, to: newPath)
  }

  func remove(_ path: String) throws(SystemError) {
    if fails(.remove) { throw SystemError(code: code) }
    try system.remove(path)
  }
}

/// A disk on which a file can be made, but nothing written: the bytes go to a device that is
/// always full.
struct FullDiskCalls: FileCalls {
  static let device = "/dev/full"

  private let system = SystemFileCalls()

  func openFolder(_ path: String) throws(SystemError) -> Int32 { try system.openFolder(path) }

  func create(_ path: String) throws(SystemError) -> Int32 {
    try system.close(try system.create(path))
    return try retrying { open(Self.device, O_WRONLY | O_CLOEXEC) }
  }

  func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) throws(SystemError) -> Int {
    try system.write(bytes, to: descriptor)
  }

  func sync(_ descriptor: Int32) throws(SystemError) { try system.sync(descriptor) }
  func close(_ descriptor: Int32) throws(SystemError) { try system.close(descriptor) }
  func rename(_ path: String, to newPath: String) throws(SystemError) {
    try system.rename(path, to: newPath)
  }
  func remove(_ path: String) throws(SystemError) { try system.remove(path) }
}
