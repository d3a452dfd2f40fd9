import UnrollFiles

/// A table in colors: how often a class was taken for another, how error depends on two choices.
///
///     let chart = HeatMap(
///       title: "What was taken for what", classes: ["ham", "spam"], confusion: report.confusion)
///
/// A cell is the stronger in color the larger its number, which stands in it where there is room.
/// Values that are not finite have an empty cell.
public struct HeatMap: Sendable, Equatable {
  /// What the strength of a color is a part of.
  public enum Shading: Sendable, Equatable {
    /// The way from the least, or 0 where none is below it, to the greatest of all values.
    case whole
    /// The sum of the row: of a table of counts, the part of a class.
    case row
  }

  public var title: String
  /// What the rows and the columns are.
  public var rowTitle: String
  public var columnTitle: String
  public let rows: [String]
  public let columns: [String]
  public let values: [[Double]]
  public var shading: Shading
  public var color = ChartColor.accent(0)

  /// - Precondition: a row of values for each name of a row, in it a value for each name of a column.
  public init(
    title: String, rowTitle: String = "", columnTitle: String = "", rows: [String],
    columns: [String], values: [[Double]], shading: Shading = .whole
  ) {
    require(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count },
      "HeatMap: rows of \(values.map(\.count)) values for \(rows.count) rows and \(columns.count) "
        + "columns")
    self.title = title
    self.rowTitle = rowTitle
    self.columnTitle = columnTitle
    self.rows = rows
    self.columns = columns
    self.values = values
    self.shading = shading
  }

  /// How often each class, a row, was taken for each class, a column, shaded by row.
  ///
  /// - Precondition: a square table of as many rows as classes.
  public init(title: String, classes: [String], confusion: [[Int]]) {
    self.init(
      title: title, rowTitle: "class", columnTitle: "taken for", rows: classes, columns: classes,
      values: confusion.map { $0.map(Double.init) }, shading: .row)
  }

  /// The picture, a file of SVG.
  public var svg: String {
    var picture = Picture()
    var top = picture.heading(title)
    let caption = [
      rowTitle.isEmpty ? "" : "↓ \(rowTitle)", columnTitle.isEmpty ? "" : "→ \(columnTitle)",
    ]
    .filter { !$0.isEmpty }.joined(separator: "\u{2003}")
    if !caption.isEmpty {
      picture.text(
        cut(caption, to: Picture.width - 2 * Picture.margin, size: Picture.text), Picture.margin,
        top + 17, whole: caption)
      top += 30
    }
    let names = rows.map { width(of: $0, size: Picture.text) }.max() ?? 0
    let left = Picture.margin + min(names, 180) + 8
    let across = (Picture.width - Picture.margin - left) / Double(max(1, columns.count))
    let down = min(44, max(across, rows.count > 20 ? 420 / Double(rows.count) : 26))
    top = drawColumnNames(in: &picture, top: top, left: left, across: across)
    for (index, row) in rows.enumerated() where index % every(down) == 0 {
      picture.text(
        cut(row, to: 180, size: Picture.text), left - 8, top + (Double(index) + 0.5) * down + 6,
        anchor: .end, tone: .strong, whole: row)
    }
    let isLabeled = values.joined().allSatisfy {
      width(of: label($0), size: Picture.text) <= across - 4
    }
    for row in rows.indices {
      for column in columns.indices {
        draw(
          row, column, in: &picture, isLabeled: isLabeled && down >= 20,
          Cell(
            x: left + Double(column) * across, y: top + Double(row) * down, width: across,
            height: down))
      }
    }
    let bottom = top + Double(rows.count) * down
    let end = drawKey(in: &picture, from: bottom + 16, left: left)
    return picture.svg(height: end + 12, title: title, description: caption)
  }

  private struct Cell {
    var (x, y, width, height): (Double, Double, Double, Double)
  }

  /// Every how many names have room.
  private func every(_ space: Double) -> Int { max(1, Int((19 / max(space, 0.01)).rounded(.up))) }

  /// Names above the columns, upright where they are wider than those. Returns where they end.
  private func drawColumnNames(
    in picture: inout Picture, top: Double, left: Double, across: Double
  ) -> Double {
    let widest = columns.map { width(of: $0, size: Picture.text) }.max() ?? 0
    let isUpright = widest > across - 6
    let end = top + (isUpright ? min(widest, 150) + 10 : 28)
    for (index, column) in columns.enumerated() where !isUpright || index % every(across) == 0 {
      let middle = left + (Double(index) + 0.5) * across
      picture.text(
        isUpright ? cut(column, to: 150, size: Picture.text) : column,
        isUpright ? middle + 6 : middle, end - 7, anchor: isUpright ? .start : .middle,
        tone: .strong, upright: isUpright, whole: column)
    }
    return end
  }

  private func draw(
    _ row: Int, _ column: Int, in picture: inout Picture, isLabeled: Bool, _ cell: Cell
  ) {
    let value = values[row][column]
    guard value.isFinite else { return }
    let gap = min(cell.width, cell.height) > 8 ? 1.0 : 0
    let strength = strength(of: value, row: row)
    let text = label(value)
    picture.add(
      "<rect class=\"ur-f-\(color.name)\" fill-opacity=\"\(fixed(0.06 + 0.94 * strength, decimals: 3))\" "
        + "x=\"\(fixed(cell.x, decimals: 2))\" y=\"\(fixed(cell.y, decimals: 2))\" "
        + "width=\"\(fixed(cell.width - gap, decimals: 2))\" "
        + "height=\"\(fixed(cell.height - gap, decimals: 2))\">"
        + "<title>\(escaped("\(rows[row]), \(columns[column]): \(text)"))</title></rect>")
    if isLabeled {
      picture.text(
        text, cell.x + cell.width / 2, cell.y + cell.height / 2 + 6, anchor: .middle,
        tone: strength > 0.75 ? .inverse : .strong)
    }
  }

  /// From 0 to 1.
  private func strength(of value: Double, row: Int) -> Double {
    let (low, high) =
      switch shading {
      case .whole: ends
      case .row: (0, values[row].filter(\.isFinite).reduce(0, +))
      }
    // Halves, whose difference is a number whatever they are.
    let span = high / 2 - low / 2
    return span > 0 ? min(max((value / 2 - low / 2) / span, 0), 1) : 0
  }

  private var ends: (Double, Double) {
    let shown = values.joined().filter(\.isFinite)
    return (min(0, shown.min() ?? 0), shown.max() ?? 0)
  }

  /// What the colors mean: five of them, and the values of the first and the last.
  private func drawKey(in picture: inout Picture, from y: Double, left: Double) -> Double {
    let (from, to) =
      switch shading {
      case .whole: (label(ends.0), label(ends.1))
      case .row: ("0", "100% of the row")
      }
    var x = left
    picture.text(from, x, y + 15)
    x += width(of: from, size: Picture.text) + 8
    for step in 0..<5 {
      let opacity = fixed(0.06 + 0.94 * Double(step) / 4, decimals: 3)
      picture.add(
        "<rect class=\"ur-f-\(color.name)\" fill-opacity=\"\(opacity)\" x=\"\(fixed(x))\" "
          + "y=\"\(fixed(y))\" width=\"30\" height=\"18\"/>")
      x += 31
    }
    picture.text(to, x + 8, y + 15)
    return y + 24
  }

  private func label(_ value: Double) -> String { DecimalNumber.text(value) }
}
