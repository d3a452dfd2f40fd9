/// What a character does to the division of a text into words, and to the spaces between them.
enum ScalarClass: UInt8 {
  /// Letters, digits and what connects them, such as `_`.
  case word
  /// Belongs to what is before it: combining marks, joiners and other invisible characters, skin
  /// tones.
  case extender
  case space
  /// LF and CR.
  case lineEnd
  /// `'` and `’`: inside a word and at its beginning a part of it.
  case apostrophe
  /// `-` and its kin: inside a word a part of it.
  case hyphen
  /// `.` and `,`: between digits a part of a number; elsewhere as ``closing``.
  case point
  /// Punctuation without a space before it, such as `!` and `)`.
  case closing
  /// Punctuation without a space after it, such as `(`.
  case opening
  /// `"`, which opens and closes by turns.
  case quote
  /// `/`, with no space on either side.
  case slash
  /// Everything else: dashes, mathematical signs, emoji.
  case symbol

  /// The classes of the ASCII characters.
  static let ascii: [ScalarClass] = (0..<128).map {
    ScalarClass(looking: Unicode.Scalar(UInt8($0)))
  }

  init(_ scalar: Unicode.Scalar) {
    self =
      scalar.value < 128
      ? ScalarClass.ascii[Int(scalar.value)] : ScalarClass(looking: scalar)
  }

  /// What is not ASCII by its properties.
  init(looking scalar: Unicode.Scalar) {
    switch scalar {
    case "\n", "\r": self = .lineEnd
    case "\t", "\u{0B}", "\u{0C}", "\u{85}": self = .space
    case "'", "’": self = .apostrophe
    case "-", "\u{2010}", "\u{2011}": self = .hyphen
    case ".", ",": self = .point
    case "\"": self = .quote
    case "/": self = .slash
    case "#", "@", "§", "¿", "¡", "$", "£": self = .opening
    case "&", "*", "\\", "¶", "†", "‡": self = .symbol
    case "\u{1F3FB}"..."\u{1F3FF}": self = .extender
    default: self = ScalarClass(scalar.properties.generalCategory)
    }
  }

  private init(_ category: Unicode.GeneralCategory) {
    switch category {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation:
      self = .word
    case .nonspacingMark, .spacingMark, .enclosingMark, .format: self = .extender
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: self = .space
    case .openPunctuation, .initialPunctuation: self = .opening
    case .closePunctuation, .finalPunctuation, .otherPunctuation: self = .closing
    default: self = .symbol
    }
  }
}
