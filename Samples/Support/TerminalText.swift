import Unroll

extension String {
  /// This text as it may be written to a terminal: line ends and tabs stay, what would act on the
  /// terminal is escaped.
  public var terminalText: String {
    if utf8.allSatisfy({ 0x20..<0x7F ~= $0 || $0 == 0x0A || $0 == 0x09 }) { return self }
    return unicodeScalars.map { scalar in
      scalar == "\n" || scalar == "\t" ? String(scalar) : String(scalar).printable
    }
    .joined()
  }
}
