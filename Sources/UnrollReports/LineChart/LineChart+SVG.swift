extension LineChart {
  /// The picture, a file of SVG.
  public var svg: String {
    var picture = Picture()
    let top = picture.heading(title)
    var end = draw(in: &picture, Area(left: 0, right: Picture.width, height: 310), top: top)
    end = legend.draw(in: &picture, from: end + 12)
    return picture.svg(height: end + 12, title: title, description: description)
  }

  /// The part of a picture that the axes and their labels are in, without the space at its edges.
  struct Area {
    var (left, right): (Double, Double)
    /// Of the vertical axis.
    var height: Double

    var width: Double { right - left }
    /// For the labels of the vertical axis at most.
    var labels: Double { 0.34375 * width }
  }

  /// Draws all but the title and the legend. Returns where it ends.
  func draw(in picture: inout Picture, _ area: Area, top: Double) -> Double {
    var top = top
    let room = area.width - 2 * Picture.margin
    if !y.title.isEmpty {
      picture.text(
        cut(y.title, to: room, size: Picture.text), area.left + Picture.margin, top + 17,
        whole: y.title)
      top += 28
    }
    if markers.contains(where: { !$0.label.isEmpty }) { top += 24 }
    top += 8
    let frame = frame(area, top: top)
    drawAxes(in: &picture, frame)
    drawMarkers(in: &picture, frame)
    // What is beyond the axes is cut off by a picture within the picture.
    picture.add(
      "<svg x=\"\(fixed(frame.left - Self.rim))\" y=\"\(fixed(frame.top - Self.rim))\" "
        + "width=\"\(fixed(frame.right - frame.left + 2 * Self.rim))\" "
        + "height=\"\(fixed(frame.bottom - frame.top + 2 * Self.rim))\" overflow=\"hidden\">")
    for band in bands { draw(band, in: &picture, frame) }
    for (line, color) in zip(lines, colors) { draw(line, color, in: &picture, frame) }
    picture.add("</svg>")
    var end = frame.bottom + 28 + (frame.xTicks.contains { !$0.context.isEmpty } ? 21 : 0)
    if !x.title.isEmpty {
      let label = cut(x.title, to: room, size: Picture.text)
      let half = width(of: label, size: Picture.text) / 2
      let middle = min((frame.left + frame.right) / 2, area.right - Picture.margin - half)
      picture.text(
        label, max(middle, area.left + Picture.margin + half), end + 20, anchor: .middle,
        whole: x.title)
      end += 26
    }
    return end
  }

  /// So much beyond the axes is not cut off: half of a line, or of a point, that lies on one.
  private static let rim = 4.0

  /// What a program says that reads the picture out.
  var description: String {
    let names = (lines.map(\.name) + bands.map(\.name)).filter { !$0.isEmpty }
    let axes = [y.title, x.title].filter { !$0.isEmpty }.joined(separator: " over ")
    return [axes, names.joined(separator: ", ")].filter { !$0.isEmpty }.joined(separator: ": ")
  }

  /// One line alone is what the title says, and has no legend.
  var legend: Legend {
    let entries =
      zip(lines, colors).map { ($0.name, Legend.Sample.line($1, $0.stroke)) }
      + bands.map { ($0.name, Legend.Sample.area($0.color, opacity: $0.opacity)) }
    return Legend(entries: entries.count > 1 ? entries.filter { !$0.0.isEmpty } : [])
  }

  /// Where the axes are.
  struct Frame {
    var area: Area
    var (left, top, right, bottom): (Double, Double, Double, Double)
    var (x, y): (AxisScale, AxisScale)
    var (xTicks, yTicks): ([Tick], [Tick])
  }

  private func frame(_ area: Area, top: Double) -> Frame {
    let (across, up) = ranges
    let yTicks = y.ticks(up, atMost: area.height > 200 ? 9 : 5)
    let labels = yTicks.map { $0.context.isEmpty ? $0.label : "\($0.context) \($0.label)" }
    let widest = labels.map { width(of: $0, size: Picture.text) }.max() ?? 0
    let left = area.left + Picture.margin + min(widest, area.labels) + 8
    let bottom = top + area.height
    var right = area.right - Picture.margin - 8
    var scale = AxisScale(x, across, from: left, to: right)
    var xTicks = horizontalTicks(across, along: scale)
    // The last label may reach beyond the axis.
    if let last = xTicks.last, let place = scale.place(last.value) {
      let beyond = place + width(of: last.label, size: Picture.text) / 2 + 4 - area.right
      if beyond > 0 {
        right -= beyond
        scale = AxisScale(x, across, from: left, to: right)
        xTicks = horizontalTicks(across, along: scale)
      }
    }
    return Frame(
      area: area, left: left, top: top, right: right, bottom: bottom, x: scale,
      y: AxisScale(y, up, from: bottom, to: top), xTicks: xTicks, yTicks: yTicks)
  }

  /// Between numbers that are all whole, such as steps, there are no others.
  private func horizontalTicks(_ range: ClosedRange<Double>, along scale: AxisScale) -> [Tick] {
    let ticks = x.ticks(range, along: scale)
    let isWhole = (lines.map(\.x) + bands.map(\.x)).allSatisfy {
      $0.allSatisfy { $0 == $0.rounded() }
    }
    guard isWhole, x.scale == .linear else { return ticks }
    return ticks.filter { $0.value == $0.value.rounded() }.map { tick in
      let isPlain = !tick.label.contains("×")
      return Tick(value: tick.value, label: isPlain ? DecimalNumber.text(tick.value) : tick.label)
    }
  }

  private func drawAxes(in picture: inout Picture, _ frame: Frame) {
    for tick in frame.yTicks {
      guard let place = frame.y.place(tick.value) else { continue }
      picture.path("ur-grid", "M\(fixed(frame.left)) \(fixed(place))H\(fixed(frame.right))")
      let label = tick.context.isEmpty ? tick.label : "\(tick.context) \(tick.label)"
      picture.text(
        cut(label, to: frame.area.labels, size: Picture.text), frame.left - 8, place + 6,
        anchor: .end)
    }
    for tick in frame.xTicks {
      guard let place = frame.x.place(tick.value) else { continue }
      picture.path("ur-grid", "M\(fixed(place)) \(fixed(frame.top))V\(fixed(frame.bottom))")
      picture.text(tick.label, place, frame.bottom + 24, anchor: .middle)
    }
    drawContexts(in: &picture, frame)
    picture.path(
      "ur-axis",
      "M\(fixed(frame.left)) \(fixed(frame.top))V\(fixed(frame.bottom))H\(fixed(frame.right))")
  }

  /// The second line of labels. Where two would meet, the first one gives way: the other one is where
  /// a day or a year begins.
  private func drawContexts(in picture: inout Picture, _ frame: Frame) {
    var next = frame.area.right
    for tick in frame.xTicks.reversed() where !tick.context.isEmpty {
      guard let place = frame.x.place(tick.value) else { continue }
      let half = width(of: tick.context, size: Picture.text) / 2
      let middle = max(min(place, frame.area.right - 4 - half), frame.area.left + 4 + half)
      guard middle + half + 8 <= next else { continue }
      next = middle - half
      picture.text(tick.context, middle, frame.bottom + 45, anchor: .middle)
    }
  }

  /// Vertical lines, each with its label above it and right of the labels of the other axis; a label that
  /// would meet another one is left out, and shown where a pointer rests on the line.
  private func drawMarkers(in picture: inout Picture, _ frame: Frame) {
    var last = frame.area.left
    for marker in markers.sorted(by: { $0.x < $1.x }) {
      guard let place = frame.x.place(marker.x), (frame.left...frame.right).contains(place) else {
        continue
      }
      let label = cut(
        marker.label, to: frame.area.right - 4 - frame.left, size: Picture.text)
      let half = width(of: label, size: Picture.text) / 2
      let middle = max(min(place, frame.area.right - 4 - half), frame.left + half)
      if middle - half >= last {
        picture.text(label, middle, frame.top - 8, anchor: .middle, whole: marker.label)
        last = middle + half + 10
      }
      picture.add(
        "<path class=\"ur-mark\" d=\"M\(fixed(place)) \(fixed(frame.top))V\(fixed(frame.bottom))\">"
          + "<title>\(escaped(marker.label))</title></path>")
    }
  }

  private func draw(
    _ line: Line, _ color: ChartColor, in picture: inout Picture, _ frame: Frame
  ) {
    for run in runs(line.x, line.y, frame) {
      let points = thinned(run)
      if points.count == 1 {
        picture.add(
          "<circle class=\"ur-f-\(color.name)\" cx=\"\(fixed(points[0].x))\" "
            + "cy=\"\(fixed(points[0].y))\" r=\"3.2\"/>")
        continue
      }
      picture.add(
        "<polyline class=\"ur-line ur-s-\(color.name)\"\(attribute(line.stroke)) "
          + "points=\"\(points.map(\.text).joined(separator: " "))\"/>")
    }
  }

  private func draw(_ band: Band, in picture: inout Picture, _ frame: Frame) {
    // A lower end that a logarithmic axis does not have, such as 0, is below all it shows.
    let lower = band.lower.map {
      y.scale == .logarithmic && $0 <= 0 ? frame.y.range.lowerBound : $0
    }
    // What one end does not have is a gap of both.
    let isWhole = zip(lower, band.upper).map {
      frame.y.place($0) != nil && frame.y.place($1) != nil
    }
    func masked(_ y: [Double]) -> [Double] { zip(y, isWhole).map { $1 ? $0 : .nan } }
    let upper = runs(band.x, masked(band.upper), frame)
    let under = runs(band.x, masked(lower), frame)
    for (above, below) in zip(upper, under) {
      let outline =
        above.count > 1
        ? thinned(above) + thinned(below).reversed()
        : [-2.5, 2.5].map { Point(x: above[0].x + $0, y: above[0].y) }
          + [2.5, -2.5].map { Point(x: below[0].x + $0, y: below[0].y) }
      let opacity = fixed(min(max(band.opacity, 0), 1), decimals: 3)
      picture.add(
        "<polygon class=\"ur-f-\(band.color.name)\" fill-opacity=\"\(opacity)\" "
          + "points=\"\(outline.map(\.text).joined(separator: " "))\"/>")
    }
  }

  /// The points in the frame of a picture, as pieces without a gap.
  private func runs(_ x: [Double], _ y: [Double], _ frame: Frame) -> [[Point]] {
    var runs: [[Point]] = [[]]
    for (x, y) in zip(x, y) {
      if let x = frame.x.place(x), let y = frame.y.place(y) {
        runs[runs.count - 1].append(
          Point(x: x - frame.left + Self.rim, y: y - frame.top + Self.rim))
      } else if runs.last?.isEmpty == false {
        runs.append([])
      }
    }
    return runs.filter { !$0.isEmpty }
  }
}
