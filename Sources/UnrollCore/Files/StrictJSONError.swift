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
    case .duplicateKey(let key): "the key \(quoted(key)) a second time"
    case .unexpectedEnd: "the text ends too early"
    case .expected(let what): "something else than \(what)"
    case .trailingText: "text after the end"
    case .wrongType(let expected, let found): "expected \(expected), found \(found)"
    }
  }
}

/// `text` on one line and of bounded length, for an error's description.
package func oneLine(_ text: String) -> String {
  var line = ""
  for scalar in text.unicodeScalars.prefix(1000) {
    let isPlain = !isControl(scalar) && scalar != "\u{2028}" && scalar != "\u{2029}"
    line.unicodeScalars.append(isPlain ? scalar : "\u{FFFD}")
  }
  return line
}

/// `text` in quotation marks, on one line and cut after 100 characters.
func quoted(_ text: String) -> String {
  let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(100)))
  let isWhole = start.utf8.count == text.utf8.count
  return "\"\(oneLine(start))\(isWhole ? "" : "...")\""
}

/// Whether `scalar` is a control character (C0, delete or C1).
func isControl(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
}
