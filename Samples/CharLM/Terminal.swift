import Foundation

/// Standard output, as a line that can be written over where it is a terminal.
struct Terminal {
  /// Whether lines can be written over.
  let isInteractive: Bool
  /// Whether colours are welcome: on a terminal, unless `NO_COLOR` is set to anything.
  let hasColour: Bool
  /// Characters of the line that stands there.
  private var shown = 0

  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    isInteractive = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    hasColour = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Columns; asked for each time, since a window may be resized.
  var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes over the line, cut to the width of the window: a line that wraps could not be written
  /// over.
  ///
  /// - Parameter tail: what comes behind the text, paler.
  mutating func replaceLine(with text: String, tail: String = "") {
    clearLine()
    let line = text.prefix(width - 1)
    let rest = tail.prefix(max(0, width - 1 - line.count))
    print(line, terminator: hasColour && !rest.isEmpty ? "\u{1B}[2m\(rest)\u{1B}[22m" : "\(rest)")
    fflush(nil)
    shown = line.count + rest.count
  }

  /// Takes the line away, also one that a narrower window has broken into several.
  mutating func clearLine() {
    guard isInteractive else { return }
    let above = max(0, shown - 1) / width
    print("\r" + (above > 0 ? "\u{1B}[\(above)A" : "") + "\u{1B}[J", terminator: "")
    shown = 0
  }
}
