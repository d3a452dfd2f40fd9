/// A picture as SVG, all in one file, that follows the page into the dark.
///
/// It is 640 units wide, of which a text of 17 is about 10 points high on a telephone of 360.
package struct Picture {
  package static let width = 640.0
  /// Sizes of texts.
  package static let (title, text) = (20.0, 17.0)
  /// The space at the edges.
  package static let margin = 14.0

  enum Anchor: String {
    case start, middle, end
  }

  /// What a text is, which decides its color.
  enum Tone: String {
    /// Titles and names.
    case strong = "ur-strong"
    /// Labels of axes.
    case muted = "ur-muted"
    /// On a dark cell of a light page, and the other way round.
    case inverse = "ur-inverse"
  }

  private var elements: [String] = []

  mutating func add(_ element: String) { elements.append(element) }

  /// A text whose baseline is at y.
  ///
  /// - Parameter whole: what it was before it was cut, shown where a pointer rests on it.
  mutating func text(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start, tone: Tone = .muted,
    size: Double = Picture.text, upright: Bool = false, whole: String? = nil
  ) {
    guard !text.isEmpty else { return }
    let attributes = [
      anchor == .start ? nil : "text-anchor=\"\(anchor.rawValue)\"",
      size == Self.text ? nil : "font-size=\"\(fixed(size))\"",
      upright ? "transform=\"rotate(-90 \(fixed(x)) \(fixed(y)))\"" : nil,
    ].compactMap { $0.map { " " + $0 } }.joined()
    let hint = whole.map { $0 == text ? "" : "<title>\(escaped($0))</title>" } ?? ""
    add(
      "<text class=\"\(tone.rawValue)\" x=\"\(fixed(x))\" y=\"\(fixed(y))\"\(attributes)>"
        + "\(hint)\(escaped(text))</text>")
  }

  /// Straight lines, in the style of a class.
  mutating func path(_ class: String, _ commands: String) {
    add("<path class=\"\(`class`)\" d=\"\(commands)\"/>")
  }

  /// The title, over the whole width. Returns where it ends.
  mutating func heading(_ title: String) -> Double {
    let rows = lines(title, within: Self.width - 2 * Self.margin, size: Self.title, atMost: 3)
    var y = 6.0
    for row in rows {
      y += 26
      text(
        row, Self.margin, y, tone: .strong, size: Self.title, whole: rows.count == 3 ? title : row)
    }
    return y + 8
  }

  /// The file.
  ///
  /// - Parameters:
  ///   - title: what it is called by a program that reads it out.
  ///   - description: what such a program says of it.
  func svg(height: Double, title: String, description: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(fixed(Self.width)) \(fixed(height))" \
    role="img" aria-label="\(escaped(title))" font-family="Helvetica, Arial, sans-serif" \
    font-size="\(fixed(Self.text))">
    <title>\(escaped(title))</title>
    <desc>\(escaped(description))</desc>
    <style>
    \(Self.style)
    </style>
    <rect class="ur-page" width="100%" height="100%"/>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }

  /// Dark tones come after the light ones, which programs show that do not know of dark pages.
  private static let style = """
    .ur-line,.ur-grid,.ur-axis,.ur-mark{fill:none}
    .ur-line{stroke-width:2.4;stroke-linejoin:round;stroke-linecap:butt}
    .ur-axis{stroke-width:1.2}
    .ur-mark{stroke-width:1.6;stroke-dasharray:5 4}
    \(rules(page: "#ffffff", strong: "#1f1f1f", muted: "#555555", grid: "#e3e3e3") { $0.light })
    @media (prefers-color-scheme:dark){
    \(rules(page: "#16181d", strong: "#f2f2f2", muted: "#b4b8c0", grid: "#363a42") { $0.dark })
    }
    """

  private static func rules(
    page: String, strong: String, muted: String, grid: String, _ tone: (ChartColor) -> String
  ) -> String {
    let colors = ChartColor.all.map {
      ".ur-s-\($0.name){stroke:\(tone($0))}.ur-f-\($0.name){fill:\(tone($0))}"
    }
    return """
      .ur-page,.ur-inverse{fill:\(page)}
      .ur-strong{fill:\(strong)}
      .ur-muted{fill:\(muted)}
      .ur-grid{stroke:\(grid)}
      .ur-axis,.ur-mark{stroke:\(muted)}
      \(colors.joined(separator: "\n"))
      """
  }
}
