import UnrollFiles

/// Lines over one axis: losses over steps, a series and its forecast, gradients over distances.
///
///     var chart = LineChart(
///       title: "Demand and its forecast", x: ChartAxis(scale: .time), y: ChartAxis("MW"))
///     chart.bands = [LineChart.Band("80% interval", x: ahead, lower: low, upper: high)]
///     chart.lines = [LineChart.Line("demand", x: times, y: demand, color: .neutral(0))]
///     chart.markers = [LineChart.Marker(x: origin, "forecast begins")]
///     try AtomicFile.write(Data(chart.svg.utf8), to: "demand.svg")
///
/// The picture is one file without anything from elsewhere, follows a page into the dark, and can be
/// read from the width of a telephone on.
public struct LineChart: Sendable, Equatable {
  /// A line from point to point. One that is not finite, or not above 0 on a logarithmic axis, is a gap.
  public struct Line: Sendable, Equatable {
    public var name: String
    public var x: [Double]
    public var y: [Double]
    /// `nil` for the color of its place among the lines.
    public var color: ChartColor?
    public var stroke: ChartStroke

    /// - Precondition: as many x as y.
    public init(
      _ name: String, x: [Double], y: [Double], color: ChartColor? = nil,
      stroke: ChartStroke = .solid
    ) {
      require(x.count == y.count, "LineChart: \(x.count) x for \(y.count) y of \"\(name)\"")
      self.name = name
      self.x = x
      self.y = y
      self.color = color
      self.stroke = stroke
    }

    /// A line of the values at 0, 1, 2...
    public init(
      _ name: String, _ y: [Double], color: ChartColor? = nil, stroke: ChartStroke = .solid
    ) {
      self.init(name, x: y.indices.map(Double.init), y: y, color: color, stroke: stroke)
    }
  }

  /// The area between two lines, such as an interval of a forecast, behind all lines.
  public struct Band: Sendable, Equatable {
    public var name: String
    public var x: [Double]
    public var lower: [Double]
    public var upper: [Double]
    public var color: ChartColor
    /// From 0, unseen, to 1.
    public var opacity: Double

    /// - Precondition: as many x as lower and upper values.
    public init(
      _ name: String, x: [Double], lower: [Double], upper: [Double],
      color: ChartColor = .accent(0), opacity: Double = 0.2
    ) {
      require(
        x.count == lower.count && x.count == upper.count,
        "LineChart: \(x.count) x for \(lower.count) lower and \(upper.count) upper values of "
          + "\"\(name)\"")
      self.name = name
      self.x = x
      self.lower = lower
      self.upper = upper
      self.color = color
      self.opacity = opacity
    }
  }

  /// A vertical line, such as where a forecast begins.
  public struct Marker: Sendable, Equatable {
    public var x: Double
    public var label: String

    public init(x: Double, _ label: String) {
      self.x = x
      self.label = label
    }
  }

  public var title: String
  public var x: ChartAxis
  public var y: ChartAxis
  public var lines: [Line]
  public var bands: [Band]
  public var markers: [Marker]

  public init(
    title: String, x: ChartAxis, y: ChartAxis, lines: [Line] = [], bands: [Band] = [],
    markers: [Marker] = []
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.lines = lines
    self.bands = bands
    self.markers = markers
  }

  /// The color of each line.
  var colors: [ChartColor] { lines.indices.map { lines[$0].color ?? .accent($0) } }

  /// From where to where the axes go: the horizontal one as the data do, the vertical one, unless it
  /// is cut, to a round number.
  package var ranges: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    let across = x.range(of: lines.flatMap(\.x) + bands.flatMap(\.x) + markers.map(\.x))
    let up = y.range(of: lines.flatMap(\.y) + bands.flatMap { $0.lower + $0.upper })
    return (across, y.rounded(up))
  }
}

extension ChartAxis {
  /// A range that ends at round numbers, where it is not cut.
  func rounded(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    var (low, high) = (range.lowerBound, range.upperBound)
    switch scale {
    case .time: return range
    case .linear:
      let step = niceStep(high - low, atMost: 7).value
      guard abs(low / step) < 1e12, abs(high / step) < 1e12 else { return range }
      low = (low / step + 1e-9).rounded(.down) * step
      high = (high / step - 1e-9).rounded(.up) * step
    case .logarithmic:
      let down = { (e: Int) in [5, 2, 1].map { DecimalNumber(digits: $0, exponent: e).value } }
      let up = { (e: Int) in [1, 2, 5, 10].map { DecimalNumber(digits: $0, exponent: e).value } }
      low = down(decimalExponent(of: low)).first { $0 <= low } ?? low
      high = up(decimalExponent(of: high)).first { $0 >= high } ?? high
    }
    // The ends stay where the caller cut them.
    if let least, range.lowerBound <= least { low = range.lowerBound }
    if let greatest, range.upperBound >= greatest { high = range.upperBound }
    return low < high ? low...high : range
  }
}
