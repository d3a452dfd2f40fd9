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

  /// The bytes that this id adds: of a vocabulary of bytes the byte itself, at once, whether it makes
  /// text or not; of others the UTF-8 of ``append(_:)``.
  ///
  /// - Precondition: the id is one of the vocabulary's. All ids go to this method, or all to the other.
  public mutating func appendBytes(_ id: Int32) -> [UInt8] {
    guard vocabulary.unit == .byte, let value = vocabulary.value(of: id) else {
      return Array(append(id).utf8)
    }
    return [UInt8(truncatingIfNeeded: value)]
  }

  /// The text of what is held back: none, or U+FFFD for a sequence that was not finished.
  public mutating func finish() -> String {
    defer { pending.removeAll(keepingCapacity: true) }
    return pending.isEmpty ? "" : "\u{FFFD}"
  }

  private mutating func append(byte: UInt8) -> String {
    guard let first = pending.first else { return begin(byte) }
    let continues =
      pending.count == 1 ? UTF8Text.canFollow(first, byte) : UTF8Text.isContinuation(byte)
    guard continues else { return finish() + begin(byte) }
    pending.append(byte)
    guard pending.count == UTF8Text.length(first) else { return "" }
    defer { pending.removeAll(keepingCapacity: true) }
    return String(decoding: pending, as: UTF8.self)
  }

  private mutating func begin(_ byte: UInt8) -> String {
    switch UTF8Text.length(byte) {
    case 0: return "\u{FFFD}"
    case 1: return String(Unicode.Scalar(byte))
    default:
      pending.append(byte)
      return ""
    }
  }
}
