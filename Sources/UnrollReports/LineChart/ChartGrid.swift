import UnrollFiles

/// Charts of the same kind beside and below one another, two in a row: a panel for each series (small multiples).
///
///     let grid = ChartGrid(
///       title: "Demand and its forecast", panels: charts, note: "30 more series are not shown")
///     try AtomicFile.write(Data(grid.svg.utf8), to: "demand.svg")
///
/// Every panel has axes of its own. The legend is that of the first one, which has the names of the lines and
/// bands of all.
public struct ChartGrid: Sendable, Equatable {
  public var title: String
  /// From left to right, then down.
  public var panels: [LineChart]
  /// What is said below, such as what is not shown; may be empty.
  public var note: String

  public init(title: String, panels: [LineChart], note: String = "") {
    self.title = title
    self.panels = panels
    self.note = note
  }

  private static let columns = 2

  /// The picture, a file of SVG.
  public var svg: String {
    var picture = Picture()
    var end = picture.heading(title)
    let width = Picture.width / Double(Self.columns)
    for row in stride(from: 0, to: panels.count, by: Self.columns) {
      let top = end
      for index in row..<min(row + Self.columns, panels.count) {
        let left = Double(index - row) * width
        let area = LineChart.Area(left: left, right: left + width, height: 170)
        let name = panels[index].title
        picture.text(
          cut(name, to: width - 2 * Picture.margin, size: Picture.text), left + Picture.margin,
          top + 22, tone: .strong, whole: name)
        end = max(end, panels[index].draw(in: &picture, area, top: top + 32))
      }
      end += 8
    }
    end = panels.first?.legend.draw(in: &picture, from: end + 4) ?? end
    for line in lines(
      note, within: Picture.width - 2 * Picture.margin, size: Picture.text, atMost: 3)
    {
      picture.text(line, Picture.margin, end + 20)
      end += 24
    }
    return picture.svg(height: end + 12, title: title, description: description)
  }

  /// What a program says that reads the picture out.
  private var description: String {
    (panels.map { "\($0.title): \($0.description)" } + [note]).filter { !$0.isEmpty }
      .joined(separator: "; ")
  }
}
