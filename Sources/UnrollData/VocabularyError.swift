/// Why a text has no ids, or why there is no vocabulary.
public enum VocabularyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A character that the vocabulary does not have. The offset counts characters from 0, line and
  /// column count from 1.
  case unknownCharacter(Unicode.Scalar, offset: Int, line: Int, column: Int)
  /// A byte that the vocabulary does not have, and the character it is of. The offset counts bytes
  /// from 0, line and column (in bytes) from 1.
  case unknownByte(UInt8, of: Unicode.Scalar, offset: Int, line: Int, column: Int)
  /// A word that the vocabulary does not have. The offset counts words from 0, line and column (in
  /// characters) from 1.
  case unknownWord(String, offset: Int, line: Int, column: Int)
  /// The text has nothing to make a vocabulary of.
  case noEntries
  /// What was decoded is not a vocabulary.
  case invalid(reason: String)

  /// One line: what is wrong and what to do about it.
  public var description: String {
    let advice = "remove it, or use a vocabulary that has it or <unk>"
    switch self {
    case .unknownCharacter(let scalar, let offset, let line, let column):
      return "\(named(scalar)) at line \(line), column \(column) (character \(offset)) "
        + "is not in the vocabulary; " + advice
    case .unknownByte(let byte, let scalar, let offset, let line, let column):
      return "byte 0x\(hexadecimal(UInt32(byte), digits: 2)) of \(named(scalar)) at line \(line), "
        + "column \(column) (byte \(offset)) is not in the vocabulary; " + advice
    case .unknownWord(let word, let offset, let line, let column):
      return "\(quoted(word)) at line \(line), column \(column) (word \(offset)) is not in the "
        + "vocabulary; " + advice
    case .noEntries:
      return "a vocabulary needs at least one character or word, and the text has none that occurs "
        + "often enough"
    case .invalid(let reason):
      return "not a vocabulary: \(reason)"
    }
  }

  /// The character as itself where it can be seen, escaped or by its name where it cannot; and as
  /// U+XXXX.
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
