// What comes from a file is not printed as it is: a control character may move the cursor, color the
// rest of a terminal or hide an error, and a change of the writing direction may make a line read as
// another.

extension Unicode.Scalar {
  /// Whether a terminal would do something else with it than show it: control characters (C0, delete,
  /// C1), line and paragraph separators, and what formats without being seen, such as a change of the
  /// writing direction. The two that only join letters or keep them apart are let through.
  package var isUnprintable: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    case .format: value != 0x200C && value != 0x200D
    default: false
    }
  }
}

extension String {
  /// This text as it may be shown on a terminal: what would act on it, or on the order in which a line
  /// is read, is escaped as in a Swift literal, such as `\u{202E}`.
  public var printable: String {
    if utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return self }
    var shown = ""
    for scalar in unicodeScalars {
      if scalar.isUnprintable {
        shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// The printable text, cut to a number of characters.
  ///
  /// - Parameter limit: the most characters, of which the last three are dots where it was cut.
  public func printable(limit: Int) -> String {
    // No more is looked at than may be shown: a character may be many scalars.
    let isLong = unicodeScalars.count > limit
    let shown =
      isLong ? String(UnicodeScalarView(unicodeScalars.prefix(limit))).printable : printable
    guard isLong || shown.unicodeScalars.count > limit else { return shown }
    return String(UnicodeScalarView(shown.unicodeScalars.prefix(max(limit - 3, 0)))) + "..."
  }
}

/// `text` on one line and of bounded length, for an error's description.
package func oneLine(_ text: String) -> String {
  var line = ""
  for scalar in text.unicodeScalars.prefix(1000) {
    line.unicodeScalars.append(scalar.isUnprintable ? "\u{FFFD}" : scalar)
  }
  return line
}

/// The text in double quotes on one line: control characters escaped or replaced, and cut after so
/// many characters.
package func quoted(_ text: String, limit: Int = 40) -> String {
  let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
  let short = start.utf8.count == text.utf8.count ? start : start + "…"
  // What ends a line is left as it is by a debug description where it is no control of ASCII.
  return oneLine(short.debugDescription)
}

/// Whether `scalar` is a control character (C0, delete or C1).
package func isControl(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
}
