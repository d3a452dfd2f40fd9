import Foundation

/// What the system refused to do when a file was written, and why.
public struct FileWriteError: Error, Equatable, Sendable {
  /// What was to be done.
  public enum Operation: String, Sendable {
    case find = "cannot be written"
    case replace = "cannot be written: it is there and is not a regular file"
    case read = "is there and cannot be read, to go on with it"
    case makeFolder = "the folder cannot be made"
    case openFolder = "cannot be written: its folder cannot be opened"
    case create = "cannot be written: no file can be made in its folder"
    case write = "could not be written"
    case sync = "could not be brought to the disk"
    case rename = "could not be put in place"
    case syncFolder = "is written, but its folder could not be brought to the disk"
  }

  public let path: String
  public let operation: Operation
  /// The system's error number, such as `ENOSPC`, where it was the system that refused.
  public let code: Int32?

  public init(_ operation: Operation, path: String, code: Int32?) {
    self.operation = operation
    self.path = path
    self.code = code
  }
}

extension FileWriteError: CustomStringConvertible, LocalizedError {
  public var description: String {
    let refusal = "\(oneLine(path)): \(operation.rawValue)"
    return code.map { "\(refusal): \(SystemError(code: $0))" } ?? refusal
  }

  public var errorDescription: String? { description }
}

/// Adds the file's name to an error of the system.
package func naming<Result>(
  _ operation: FileWriteError.Operation, _ path: String, _ body: () throws -> Result
) throws -> Result {
  do {
    return try body()
  } catch let error as SystemError {
    throw FileWriteError(operation, path: path, code: error.code)
  }
}

/// The error number of one system call.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  package let code: Int32

  package init(code: Int32) {
    self.code = code
  }

  /// The error of the call that has just failed on this thread.
  package static var last: SystemError { SystemError(code: errno) }

  package var description: String { String(cString: strerror(code)) }
}

/// Repeats a system call for as long as a signal interrupts it.
///
/// - Returns: What it gave, which is not negative.
package func retrying<Value: FixedWidthInteger & SignedInteger>(
  _ call: () -> Value
) throws(SystemError) -> Value {
  while true {
    let result = call()
    if result >= 0 { return result }
    let error = SystemError.last
    if error.code != EINTR { throw error }
  }
}
