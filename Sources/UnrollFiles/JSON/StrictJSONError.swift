import Foundation

/// Why a JSON text was refused, and where.
public struct StrictJSONError: Error, Equatable, Sendable {
  /// Where in the text, or in the tree made from it.
  public enum Location: Equatable, Sendable {
    /// Bytes from the start of the text.
    case byte(Int)
    /// The path of a value, such as `layers[2].hiddenSize`.
    case path(String)
  }

  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    case tooLarge(limit: Int)
    case tooDeep(limit: Int)
    case tooManyValues(limit: Int)
    case byteOrderMark
    case invalidUTF8
    case controlCharacter
    case invalidEscape
    case loneSurrogate
    case invalidNumber
    case tooManyMarks(limit: Int)
    case duplicateKey(String)
    case unexpectedEnd
    case expected(String)
    case trailingText
    case wrongType(expected: String, found: String)
  }

  public let location: Location
  public let problem: Problem

  public init(_ problem: Problem, at location: Location) {
    self.problem = problem
    self.location = location
  }
}

extension StrictJSONError: CustomStringConvertible, LocalizedError {
  public var description: String {
    switch location {
    case .byte(let offset): "\(problem) at byte \(offset) of the JSON"
    case .path(let path): "\(oneLine(path)): \(problem)"
    }
  }

  public var errorDescription: String? { description }
}

extension StrictJSONError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLarge(let limit): "more than \(limit) bytes"
    case .tooDeep(let limit): "nested deeper than \(limit) levels"
    case .tooManyValues(let limit): "more than \(limit) values"
    case .byteOrderMark: "a byte-order mark"
    case .invalidUTF8: "text that is not UTF-8"
    case .controlCharacter: "an unescaped control character"
    case .invalidEscape: "an invalid escape"
    case .loneSurrogate: "half of a surrogate pair"
    case .invalidNumber: "an invalid number"
    case .tooManyMarks(let limit): "a key with more than \(limit) combining marks in a row"
    case .duplicateKey(let key): "the key \(quoted(key)) a second time"
    case .unexpectedEnd: "the text ends too early"
    case .expected(let what): "something else than \(what)"
    case .trailingText: "text after the end"
    case .wrongType(let expected, let found): "expected \(expected), found \(found)"
    }
  }
}
