/// What the lines and bands of a picture are, below it, in as many columns as fit.
struct Legend {
  enum Sample {
    case line(ChartColor, ChartStroke)
    case area(ChartColor, opacity: Double)
  }

  var entries: [(name: String, sample: Sample)]

  private static let (sample, gap, row) = (34.0, 18.0, 25.0)

  /// Draws it from a height on. Returns where it ends.
  func draw(in picture: inout Picture, from y: Double) -> Double {
    guard !entries.isEmpty else { return y }
    let room = Picture.width - 2 * Picture.margin
    let widest = entries.map { width(of: $0.name, size: Picture.text) }.max() ?? 0
    let column = min(room, widest + Self.sample + 8 + Self.gap)
    let columns = max(1, min(entries.count, Int(room / column)))
    let rows = (entries.count + columns - 1) / columns
    for (index, entry) in entries.enumerated() {
      let x = Picture.margin + Double(index / rows) * column
      let middle = y + (Double(index % rows) + 0.5) * Self.row
      switch entry.sample {
      case .line(let color, let stroke):
        picture.add(
          "<path class=\"ur-line ur-s-\(color.name)\"\(attribute(stroke)) "
            + "d=\"M\(fixed(x)) \(fixed(middle))h\(fixed(Self.sample))\"/>")
      case .area(let color, let opacity):
        picture.add(
          "<rect class=\"ur-f-\(color.name)\" fill-opacity=\"\(fixed(opacity, decimals: 3))\" "
            + "x=\"\(fixed(x))\" y=\"\(fixed(middle - 7))\" width=\"\(fixed(Self.sample))\" "
            + "height=\"14\"/>")
      }
      let space = column - Self.sample - 8 - (columns > 1 ? Self.gap : 0)
      picture.text(
        cut(entry.name, to: space, size: Picture.text), x + Self.sample + 8, middle + 6,
        tone: .strong, whole: entry.name)
    }
    return y + Double(rows) * Self.row
  }
}

/// The dashes of a stroke, as an attribute.
func attribute(_ stroke: ChartStroke) -> String {
  stroke.dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
}
