import Foundation

/// Why a tensor file was refused, or what cannot be one.
public struct TensorFileError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Problem: Error, Equatable, Sendable {
    /// Memory for so many bytes of tensors cannot be had.
    case outOfMemory(byteCount: Int)
    case tooLong(byteCount: Int, limit: Int)
    case tooShort(byteCount: Int)
    case headerTooLarge(byteCount: UInt64, limit: Int)
    case headerBeyondEnd(byteCount: UInt64, available: Int)
    case headerStart
    case header(StrictJSONError)
    case badName(String)
    case nameTooLong(byteCount: Int, limit: Int)
    case duplicateName(String)
    case unknownField(tensor: String, field: String)
    case missingField(tensor: String, field: String)
    case unknownType(tensor: String, type: String)
    case badOffsets(tensor: String)
    case tooManyAxes(tensor: String, limit: Int)
    case shapeOverflow(tensor: String)
    case partialByte(tensor: String)
    case byteCount(tensor: String, expected: Int, found: Int)
    case overlap(tensor: String, expected: Int, found: Int)
    case hole(tensor: String, expected: Int, found: Int)
    case dataByteCount(expected: Int, found: Int)
    case tooMuchMetadata(limit: Int)
    case digestMissing
    case digestMalformed
    case digestMismatch
    case unsupportedFormat(String)
    case reservedMetadata(key: String)
    case noSuchTensor(String)
    case wrongType(
      tensor: String, expected: TensorFile.ElementType, found: TensorFile.ElementType)
  }

  public let path: String
  public let problem: Problem

  public init(_ problem: Problem, path: String) {
    self.path = path
    self.problem = problem
  }
}

/// Adds the file's name to the problems that `body` throws.
func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let problem as TensorFileError.Problem {
    throw TensorFileError(problem, path: path)
  }
}

extension TensorFileError: CustomStringConvertible, LocalizedError {
  public var description: String { "\(oneLine(path)): \(problem)" }

  public var errorDescription: String? { description }
}

extension TensorFileError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .outOfMemory(let count):
      "has tensors of \(count) bytes, more memory than there is for them"
    case .tooLong(let count, let limit):
      "is \(count) bytes long, more than the \(limit) allowed"
    case .tooShort(let count): "is \(count) bytes long, too short for a tensor file"
    case .headerTooLarge(let count, let limit) where count >> 40 > 0:
      "is no tensor file: it would have a header of \(count) bytes, and \(limit) are allowed"
    case .headerTooLarge(let count, let limit):
      "has a header of \(count) bytes, more than the \(limit) allowed"
    case .headerBeyondEnd(let count, let available):
      "ends within its header: \(count) bytes are announced, \(available) are there"
    case .headerStart: "is no tensor file: its header does not begin with {"
    case .header(let error): "has a malformed header: \(error)"
    case .badName(let name): "has a tensor whose name is empty or unprintable: \(quoted(name))"
    case .nameTooLong(let count, let limit):
      "has a name of \(count) bytes, more than the \(limit) allowed"
    case .duplicateName(let name): "has two tensors named \(quoted(name))"
    case .digestMissing: "was changed or damaged since it was written: its digest is gone"
    case .digestMalformed: "was changed or damaged since it was written: its digest is none"
    case .digestMismatch: "was changed or damaged since it was written: its digest differs"
    case .unsupportedFormat(let format):
      "has the format \(quoted(format)), which this version cannot read"
    case .reservedMetadata(let key): "cannot hold metadata named \(quoted(key)): it is reserved"
    case .noSuchTensor(let name): "has no tensor \(quoted(name))"
    case .tooMuchMetadata(let limit): "has more than \(limit) texts of metadata"
    case .dataByteCount(let expected, let found):
      "should have \(expected) bytes of data and has \(found)"
    case .unknownField(let tensor, let field):
      "tensor \(quoted(tensor)) has an unknown field \(quoted(field))"
    case .missingField(let tensor, let field):
      "tensor \(quoted(tensor)) has no \(quoted(field))"
    case .unknownType(let tensor, let type):
      "tensor \(quoted(tensor)) has the unknown type \(quoted(type))"
    case .badOffsets(let tensor):
      "tensor \(quoted(tensor)) has data offsets that are not a begin and an end"
    case .tooManyAxes(let tensor, let limit):
      "tensor \(quoted(tensor)) has a shape of more than \(limit) axes"
    case .shapeOverflow(let tensor):
      "tensor \(quoted(tensor)) has a shape too large to address"
    case .partialByte(let tensor):
      "tensor \(quoted(tensor)) does not fill a whole number of bytes"
    case .byteCount(let tensor, let expected, let found):
      "tensor \(quoted(tensor)) needs \(expected) bytes by its shape and type and has \(found)"
    case .overlap(let tensor, let expected, let found):
      "tensor \(quoted(tensor)) overlaps the one before: it begins at \(found), not \(expected)"
    case .hole(let tensor, let expected, let found):
      "tensor \(quoted(tensor)) leaves a hole: it begins at \(found), not \(expected)"
    case .wrongType(let tensor, let expected, let found):
      "tensor \(quoted(tensor)) has type \(found.rawValue), not \(expected.rawValue)"
    }
  }
}
