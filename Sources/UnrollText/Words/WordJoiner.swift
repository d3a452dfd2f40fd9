/// Puts tokens of ``WordTokenizer`` together to a text, with the spaces that the language has between
/// them: none before most punctuation, none after an opening bracket.
///
/// What it writes is divided into the same tokens again; spaces that were elsewhere are not brought
/// back.
struct WordJoiner: Sendable {
  private var previous: Token?
  /// Whether the last `"` of this line opened.
  private var isQuoting = false

  private struct Token {
    var text: String
    var kind: ScalarClass
    /// Whether marks follow its character, so that more might be drawn into it.
    var isOpenEnded: Bool
  }

  /// The token with the space before it, if one belongs there.
  mutating func append(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.first else { return "" }
    var kind = ScalarClass(first)
    if kind == .apostrophe, scalars.dropFirst().first.map({ ScalarClass($0) }) == .word {
      kind = .word
    }
    switch kind {
    case .quote:
      isQuoting.toggle()
      kind = isQuoting ? .opening : .closing
    case .lineEnd: isQuoting = false
    case .apostrophe, .point: kind = .closing
    case .hyphen: kind = .symbol
    default: break
    }
    let token = Token(
      text: text, kind: kind, isOpenEnded: kind != .word && scalars.count > 1)
    defer { previous = token }
    return needsSpace(before: token) ? " " + text : text
  }

  private func needsSpace(before token: Token) -> Bool {
    guard let previous, previous.kind != .lineEnd, token.kind != .lineEnd else { return false }
    if token.kind == .extender { return true }
    if token.kind == .closing || token.kind == .slash { return false }
    if previous.isOpenEnded { return true }
    if previous.kind == .opening || previous.kind == .slash { return false }
    // As in "--" and "***".
    let isRepeated =
      token.kind == .symbol && token.text == previous.text && token.text.utf8.count == 1
    return !isRepeated
  }
}
