import UnrollFiles

/// Why a text has no ids, or why there is no vocabulary.
public enum VocabularyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A character that the vocabulary does not have. The offset counts characters from 0, line and
  /// column count from 1.
  case unknownCharacter(Unicode.Scalar, offset: Int, line: Int, column: Int)
  /// A byte that the vocabulary does not have, and the character it is of, if it is of one. The offset
  /// counts bytes from 0, line and column (in bytes) from 1.
  case unknownByte(UInt8, of: Unicode.Scalar?, offset: Int, line: Int, column: Int)
  /// A word that the vocabulary does not have. The offset counts words from 0, line and column (in
  /// characters) from 1.
  case unknownWord(String, offset: Int, line: Int, column: Int)
  /// Bytes that are no text, for a vocabulary of characters or words: those from an offset on, counted
  /// from 0, on a line, counted from 1.
  case notUTF8(offset: Int, line: Int)
  /// The text has nothing to make a vocabulary of.
  case noEntries
  /// What was decoded is not a vocabulary.
  case invalid(reason: String)

  /// One line: what is wrong and what to do about it in code. A program of yours, whose user has other
  /// means, says ``problem`` and what can be done there.
  public var description: String {
    switch self {
    case .unknownCharacter, .unknownByte, .unknownWord:
      problem + "; remove it, or use a vocabulary that has it or <unk>"
    case .notUTF8: problem + "; convert it to UTF-8, or use a vocabulary of bytes"
    case .noEntries, .invalid: problem
    }
  }

  /// One line: what is wrong.
  public var problem: String {
    switch self {
    case .unknownCharacter(let scalar, let offset, let line, let column):
      return "\(named(scalar)) at line \(line), column \(column) (character \(offset)) "
        + "is not in the vocabulary"
    case .unknownByte(let byte, let scalar, let offset, let line, let column):
      let character = scalar.map { " of \(named($0))" } ?? ""
      return "byte 0x\(hexadecimal(UInt32(byte), digits: 2))\(character) at line \(line), "
        + "column \(column) (byte \(offset)) is not in the vocabulary"
    case .unknownWord(let word, let offset, let line, let column):
      return "\(quoted(word)) at line \(line), column \(column) (word \(offset)) is not in the "
        + "vocabulary"
    case .notUTF8(let offset, let line):
      return "the text is not UTF-8 at byte \(offset), on line \(line)"
    case .noEntries:
      return "a vocabulary needs at least one character or word, and the text has none that occurs "
        + "often enough"
    case .invalid(let reason):
      return "not a vocabulary: \(reason)"
    }
  }

  /// The character as itself where it can be seen, escaped or by its name where it cannot; and by its
  /// code point.
  private func named(_ scalar: Unicode.Scalar) -> String {
    let code = "U+" + hexadecimal(scalar.value, digits: 4)
    let properties = scalar.properties
    switch properties.generalCategory {
    case .control:
      return "\"\(scalar.escaped(asASCII: true))\" (\(code))"
    case .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator, .nonspacingMark, .spacingMark, .enclosingMark:
      guard let name = properties.name else { return code }
      return "\(code) (\(name))"
    default:
      return "\"\(scalar)\" (\(code))"
    }
  }

  private func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
