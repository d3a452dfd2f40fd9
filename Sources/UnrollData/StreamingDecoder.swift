/// Text from ids as they come, for printing while sampling.
///
/// What it returns is valid text at every moment: the bytes of an unfinished UTF-8 sequence are
/// held back until it is finished, or until it is plain that it never will be, which gives U+FFFD.
/// A word comes with the space before it, if one belongs there.
/// All that it returns together is what ``Vocabulary/decode(_:)`` makes of the same ids.
///
///     var decoder = StreamingDecoder(vocabulary)
///     for id in samples { print(decoder.append(id), terminator: "") }
///     print(decoder.finish())
public struct StreamingDecoder: Sendable {
  private let vocabulary: Vocabulary
  /// The beginning of a UTF-8 sequence: at most three bytes, each possible after those before it.
  private var pending: [UInt8] = []
  private var joiner = WordJoiner()

  public init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
  }

  /// The text that this id completes: none, or one or more characters.
  ///
  /// - Precondition: the id is one of the vocabulary's.
  public mutating func append(_ id: Int32) -> String {
    guard vocabulary.unit != .word else {
      return joiner.append(vocabulary.word(of: id) ?? Vocabulary.unknownText)
    }
    guard let value = vocabulary.value(of: id) else { return finish() + Vocabulary.unknownText }
    switch vocabulary.unit {
    case .character, .word:
      return Unicode.Scalar(value).map { String($0) } ?? Vocabulary.unknownText
    case .byte: return append(byte: UInt8(truncatingIfNeeded: value))
    }
  }

  /// The text of what is held back: none, or U+FFFD for a sequence that was not finished.
  public mutating func finish() -> String {
    defer { pending.removeAll(keepingCapacity: true) }
    return pending.isEmpty ? "" : "\u{FFFD}"
  }

  private mutating func append(byte: UInt8) -> String {
    guard let first = pending.first else { return begin(byte) }
    guard continues(first, byte) else { return finish() + begin(byte) }
    pending.append(byte)
    guard pending.count == length(first) else { return "" }
    defer { pending.removeAll(keepingCapacity: true) }
    return String(decoding: pending, as: UTF8.self)
  }

  private mutating func begin(_ byte: UInt8) -> String {
    switch length(byte) {
    case 0: return "\u{FFFD}"
    case 1: return String(Unicode.Scalar(byte))
    default:
      pending.append(byte)
      return ""
    }
  }

  /// The number of bytes in a sequence that begins with this one; 0 where none does.
  private func length(_ first: UInt8) -> Int {
    switch first {
    case 0x00...0x7F: 1
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
  }

  /// Whether a byte can come next. The second byte is restricted after some first ones, so that no
  /// character has a longer form, is a surrogate, or lies beyond U+10FFFF (Unicode, table 3-7).
  private func continues(_ first: UInt8, _ byte: UInt8) -> Bool {
    guard pending.count == 1 else { return (0x80...0xBF).contains(byte) }
    return switch first {
    case 0xE0: (0xA0...0xBF).contains(byte)
    case 0xED: (0x80...0x9F).contains(byte)
    case 0xF0: (0x90...0xBF).contains(byte)
    case 0xF4: (0x80...0x8F).contains(byte)
    default: (0x80...0xBF).contains(byte)
    }
  }
}
