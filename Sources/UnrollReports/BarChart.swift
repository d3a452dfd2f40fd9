import UnrollFiles

/// Bars from zero to the right, a row of them for each category: scores of models, errors of series.
///
///     let chart = BarChart(
///       title: "Error by model", value: "RMSE (°C)", categories: ["naive", "LSTM"],
///       groups: [BarChart.Group("validation", [2.9, 2.1]), BarChart.Group("test", [3.1, 2.2])])
///
/// Names and numbers stand beside the bars, where they can be read from the width of a telephone on.
public struct BarChart: Sendable, Equatable {
  /// A bar for each category.
  public struct Group: Sendable, Equatable {
    public var name: String
    /// For each category; one that is not finite has no bar.
    public var values: [Double]
    /// `nil` for the color of its place among the groups.
    public var color: ChartColor?

    public init(_ name: String, _ values: [Double], color: ChartColor? = nil) {
      self.name = name
      self.values = values
      self.color = color
    }
  }

  public var title: String
  /// What the values are, with their unit.
  public var value: String
  public let categories: [String]
  public let groups: [Group]

  /// - Precondition: a value for each category in every group.
  public init(title: String, value: String, categories: [String], groups: [Group]) {
    require(
      groups.allSatisfy { $0.values.count == categories.count },
      "BarChart: groups of \(groups.map(\.values.count)) values for \(categories.count) categories")
    self.title = title
    self.value = value
    self.categories = categories
    self.groups = groups
  }

  /// The picture, a file of SVG.
  public var svg: String {
    var picture = Picture()
    let top = picture.heading(title) + 4
    let thickness = groups.count > 1 ? 20.0 : 24.0
    let row = Double(max(1, groups.count)) * thickness + 12
    let bottom = top + Double(categories.count) * row
    let names = categories.map { width(of: $0, size: Picture.text) }.max() ?? 0
    let left = Picture.margin + min(names, 210) + 10
    let axis = ChartAxis(value, including: [0])
    let range = axis.rounded(axis.range(of: groups.flatMap(\.values)))
    let numbers = groups.flatMap(\.values).map { width(of: label($0), size: Picture.text) + 8 }
    // A bar below zero has its number to its left.
    let isBelow = range.lowerBound < 0
    let room = numbers.max() ?? 0
    let scale = AxisScale(
      axis, range, from: left + (isBelow ? room : 0), to: Picture.width - Picture.margin - room)
    drawTicks(in: &picture, axis, scale, top: top, bottom: bottom)
    for (index, category) in categories.enumerated() {
      let y = top + Double(index) * row
      picture.text(
        cut(category, to: 210, size: Picture.text), left - 10, y + row / 2 + 6, anchor: .end,
        tone: .strong, whole: category)
      for (place, group) in groups.enumerated() {
        draw(
          group.values[index], group.color ?? .accent(place), in: &picture, scale,
          y: y + 6 + Double(place) * thickness, height: thickness - 3)
      }
    }
    if let zero = scale.place(0) {
      picture.path("ur-axis", "M\(fixed(zero)) \(fixed(top))V\(fixed(bottom))")
    }
    var end = bottom + 26
    if !value.isEmpty {
      let label = cut(value, to: Picture.width - 2 * Picture.margin, size: Picture.text)
      let half = width(of: label, size: Picture.text) / 2
      let middle = min((left + Picture.width) / 2, Picture.width - Picture.margin - half)
      picture.text(label, max(middle, half + 4), end + 20, anchor: .middle, whole: value)
      end += 26
    }
    end = legend.draw(in: &picture, from: end + 12)
    let description = ([value] + categories).filter { !$0.isEmpty }.joined(separator: ", ")
    return picture.svg(height: end + 12, title: title, description: description)
  }

  private var legend: Legend {
    let entries = groups.enumerated().map {
      ($0.element.name, Legend.Sample.area($0.element.color ?? .accent($0.offset), opacity: 1))
    }
    return Legend(entries: entries.count > 1 ? entries : [])
  }

  private func drawTicks(
    in picture: inout Picture, _ axis: ChartAxis, _ scale: AxisScale, top: Double, bottom: Double
  ) {
    for tick in axis.ticks(scale.range, along: scale) {
      guard let place = scale.place(tick.value) else { continue }
      picture.path("ur-grid", "M\(fixed(place)) \(fixed(top))V\(fixed(bottom))")
      picture.text(tick.label, place, bottom + 22, anchor: .middle)
    }
  }

  private func draw(
    _ value: Double, _ color: ChartColor, in picture: inout Picture, _ scale: AxisScale, y: Double,
    height: Double
  ) {
    guard let zero = scale.place(0) else { return }
    let end = scale.place(value) ?? zero
    picture.add(
      "<rect class=\"ur-f-\(color.name)\" x=\"\(fixed(min(zero, end)))\" y=\"\(fixed(y))\" "
        + "width=\"\(fixed(abs(end - zero)))\" height=\"\(fixed(height))\"/>")
    let isBelow = value < 0
    picture.text(
      label(value), end + (isBelow ? -6 : 6), y + height / 2 + 6, anchor: isBelow ? .end : .start)
  }

  private func label(_ value: Double) -> String { DecimalNumber.text(value) }
}
