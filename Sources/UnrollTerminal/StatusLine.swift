import Foundation

/// A line of standard output that is written over for as long as work goes on, where that is a
/// terminal.
public struct StatusLine {
  /// Whether lines can be written over: there is a terminal, and `TERM` is not `dumb`.
  public let isInteractive: Bool
  /// Whether colors are welcome: on a terminal, unless `NO_COLOR` is set to anything.
  public let hasColor: Bool
  /// Characters of the line that stands there.
  private var shown = 0

  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    isInteractive = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    hasColor = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Columns; asked for each time, since a window may be resized.
  public var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes over the line, cut to the width of the window: a line that wraps could not be written
  /// over.
  ///
  /// - Parameter tail: what comes behind the text, paler.
  public mutating func replace(with text: String, tail: String = "") {
    clear()
    let line = text.prefix(width - 1)
    let rest = tail.prefix(max(0, width - 1 - line.count))
    print(line, terminator: hasColor && !rest.isEmpty ? "\u{1B}[2m\(rest)\u{1B}[22m" : "\(rest)")
    fflush(nil)
    shown = line.count + rest.count
  }

  /// Takes the line away, also one that a narrower window has broken into several.
  public mutating func clear() {
    guard isInteractive else { return }
    let above = max(0, shown - 1) / width
    print("\r" + (above > 0 ? "\u{1B}[\(above)A" : "") + "\u{1B}[J", terminator: "")
    shown = 0
  }
}
