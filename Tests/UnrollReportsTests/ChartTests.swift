import Foundation
import Testing

import UnrollReports

@Suite("Charts")
struct ChartTests {
  private func chart(_ values: [Double], _ axis: ChartAxis = ChartAxis("loss")) -> LineChart {
    LineChart(title: "t", x: ChartAxis("step"), y: axis, lines: [LineChart.Line("a", values)])
  }

  @Test(
    "Whatever the data are, a picture is well-formed and holds all that is in it",
    arguments: [
      [], [3], [5, 5, 5], [0, 0], [.nan], [.nan, 1, .nan, 2, 3, .infinity, 4], [-1e308, 1e308],
      [1e-9, 2e-9], [1e9 + 0.1, 1e9 + 0.2], [0, 5e-324], [-1, 0, 1e-30, 1e30],
      [.greatestFiniteMagnitude, -.greatestFiniteMagnitude], [1, 1.0000000000000002],
    ] as [[Double]])
  func data(values: [Double]) throws {
    for scale in [ChartAxis.Scale.linear, .logarithmic, .time] {
      for (x, y) in [(ChartAxis.Scale.linear, scale), (scale, .linear)] {
        var chart = LineChart(
          title: "t", x: ChartAxis("x", scale: x), y: ChartAxis("y", scale: y),
          lines: [LineChart.Line("a", x: values, y: values)])
        chart.bands = [LineChart.Band("b", x: values, lower: values, upper: values.map { $0 + 1 })]
        chart.markers = [LineChart.Marker(x: values.first ?? .nan, "here")]
        let xml = try #require(XML(chart.svg))
        #expect(xml.isInside, "x \(x), y \(y)")
        #expect(!chart.svg.contains("nan") && !chart.svg.contains("inf"))
      }
    }
  }

  @Test("A point is where its value is, on a linear and on a logarithmic axis")
  func places() throws {
    for (axis, values) in [
      (ChartAxis(), [0.0, 5, 10]), (ChartAxis(scale: .logarithmic), [1, 10, 100]),
    ] {
      let points = try #require(XML(chart(values, axis).svg)).points[0]
      #expect(points.count == 3)
      #expect(abs(points[1].x - (points[0].x + points[2].x) / 2) < 0.11)
      #expect(abs(points[1].y - (points[0].y + points[2].y) / 2) < 0.11)
      #expect(points[0].y > points[2].y && points[0].x < points[2].x)
    }
  }

  @Test("What is not finite is a gap, and what stands alone a point")
  func gaps() throws {
    let xml = try #require(XML(chart([1, 2, .nan, 3, .nan, 4, 5]).svg))
    #expect(xml.points.map(\.count) == [2, 2] && xml.named("circle").count == 1)
    let logarithmic = chart([1, 2, 0, -3, 4, 5], ChartAxis(scale: .logarithmic))
    #expect(try #require(XML(logarithmic.svg)).points.map(\.count) == [2, 2])
  }

  @Test("A band has a gap where one of its ends has; below a logarithmic axis it goes to its end")
  func bands() throws {
    let band = LineChart.Band(
      "b", x: [0, 1, 2, 3, 4, 5], lower: [1, 1, .nan, 1, 1, 1], upper: [2, 3, 3, 3, .infinity, 3])
    var chart = LineChart(title: "t", x: ChartAxis(), y: ChartAxis(), bands: [band])
    #expect(try #require(XML(chart.svg)).named("polygon").count == 3)
    chart.y.scale = .logarithmic
    chart.bands = [LineChart.Band("b", x: [0, 1], lower: [0, 1], upper: [10, 100], opacity: 7)]
    let polygons = try #require(XML(chart.svg)).named("polygon")
    #expect(polygons.count == 1 && polygons[0].attributes["fill-opacity"] == "1")
    #expect(polygons[0].attributes["points"]?.split(separator: " ").count == 4)
  }

  @Test("Axes reach what they are to reach, and no further than they are cut")
  func ranges() {
    let wide = chart([3, 4], ChartAxis(including: [0])).ranges.y
    #expect(wide.contains(0) && wide.upperBound >= 4)
    let cut = chart([1e-30, 1], ChartAxis(scale: .logarithmic, least: 1e-20)).ranges.y
    #expect(cut.lowerBound == 1e-20)
    #expect(
      chart([1e-3, 1], ChartAxis(scale: .logarithmic, least: 1e-20)).ranges.y.lowerBound == 1e-3)
    #expect(chart([0, 900], ChartAxis(greatest: 10)).ranges.y.upperBound == 10)
    #expect(chart([0, 8.7], ChartAxis()).ranges.y == 0...10)
  }

  @Test("Steps that are whole have whole labels")
  func whole() throws {
    let texts = try #require(XML(chart([7, 8, 9]).svg)).texts
    #expect(texts.contains("0") && texts.contains("1") && texts.contains("2"))
    #expect(!texts.contains("0.5"))
  }

  @Test("A long line is thinned, and keeps its ends, its peaks and its valleys")
  func thinning() {
    var points = (0..<100_000).map { Point(x: Double($0) / 200, y: sin(Double($0))) }
    points[34_567].y = 50
    points[70_001].y = -50
    let kept = thinned(points)
    #expect(kept.count <= 4 * 1001 && kept.first == points.first && kept.last == points.last)
    #expect(kept.contains(points[34_567]) && kept.contains(points[70_001]))
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.x < $1.x })
    #expect(thinned(Array(points.prefix(2000))).count == 2000)
  }

  @Test("Names are escaped and in the legend, which one line alone does not need")
  func names() throws {
    var chart = chart([1, 2])
    chart.title = "<script>&"
    let alone = try #require(XML(chart.svg))
    #expect(alone.texts.contains("<script>&") && !alone.texts.contains("a"))
    #expect(alone.elements[0].attributes["role"] == "img")
    #expect(alone.elements[0].attributes["aria-label"] == "<script>&")
    #expect(alone.named("title").first?.text == "<script>&")
    chart.lines.append(LineChart.Line("b]]>\"", [3], stroke: .dotted))
    chart.bands = [LineChart.Band("c", x: [0, 1], lower: [0, 1], upper: [1, 2])]
    let texts = try #require(XML(chart.svg)).texts
    #expect(texts.contains("a") && texts.contains("b]]>\"") && texts.contains("c"))
  }

  @Test("The picture knows of dark pages, and takes nothing from elsewhere")
  func style() throws {
    let svg = chart([1, 2]).svg
    #expect(svg.contains("prefers-color-scheme:dark") && svg.contains(ChartColor.accent(0).dark))
    #expect(!svg.contains("href") && !svg.contains("url(") && !svg.contains("@import"))
    #expect(svg.components(separatedBy: "http").count == 2)
    #expect(ChartColor.accent(-1).name == "a5" && ChartColor.accent(6).name == "a0")
    #expect(ChartColor.neutral(9).name == "n2")
  }

  @Test("Markers are within the axes; of two labels that would meet, one is only a hint")
  func markers() throws {
    var chart = chart([1, 2, 3])
    chart.markers = [LineChart.Marker(x: 1, "begins"), LineChart.Marker(x: 1.01, "again")]
    let xml = try #require(XML(chart.svg))
    #expect(xml.texts.contains("begins") && !xml.texts.contains("again"))
    #expect(xml.named("title").map(\.text).contains("again"))
    let marks = xml.named("path").filter { $0.attributes["class"] == "ur-mark" }
    #expect(marks.count == 2)
  }

  @Test("Bars begin at zero, to both sides, and have none for what is no number")
  func bars() throws {
    let chart = BarChart(
      title: "Error", value: "RMSE", categories: ["a", "b & c", "d"],
      groups: [BarChart.Group("one", [2, -1, .nan]), BarChart.Group("two", [4, 0, .infinity])])
    let xml = try #require(XML(chart.svg))
    #expect(xml.isInside && xml.texts.contains("b & c"))
    let bars = xml.named("rect").filter { $0.attributes["height"] == "17" }
      .map {
        (
          x: Double($0.attributes["x"] ?? "") ?? -1,
          width: Double($0.attributes["width"] ?? "") ?? -1
        )
      }
    #expect(bars.count == 6)
    let zero = bars[0].x
    #expect(
      abs(bars[1].width - 2 * bars[0].width) < 0.3 && abs(bars[2].x + bars[2].width - zero) < 0.3)
    #expect(bars[4].width == 0 && bars[5].width == 0)
    #expect(xml.texts.contains("−1") && xml.texts.filter { $0 == "–" }.count == 2)
    for (categories, values) in [([], []), (["a"], [0]), (["a"], [.nan]), (["a"], [-3])]
      as [([String], [Double])]
    {
      let chart = BarChart(
        title: "", value: "", categories: categories, groups: [BarChart.Group("x", values)])
      #expect(try #require(XML(chart.svg)).isInside)
    }
  }

  @Test("A confusion is shaded by the part of its row; numbers stand where there is room")
  func confusion() throws {
    let chart = HeatMap(title: "c", classes: ["x", "y"], confusion: [[30, 10], [2, 8]])
    let xml = try #require(XML(chart.svg))
    let shades = xml.named("rect").filter { $0.attributes["width"] != "30" }
      .compactMap { $0.attributes["fill-opacity"] }
    #expect(shades == ["0.765", "0.295", "0.248", "0.812"])
    #expect(xml.texts.contains("30") && xml.isInside)
    #expect(xml.named("title").map(\.text).contains("x, y: 10"))
    let none = HeatMap(title: "c", classes: ["x", "y"], confusion: [[3, 1], [0, 0]])
    #expect(none.svg.components(separatedBy: "fill-opacity=\"0.06\"").count == 4)
    let many = HeatMap(
      title: "c", classes: (0..<60).map { "class \($0)" },
      confusion: (0..<60).map { row in (0..<60).map { $0 == row ? 12_345 : 0 } })
    let crowded = try #require(XML(many.svg))
    #expect(!crowded.texts.contains("12,345") && crowded.isInside)
    #expect(crowded.texts.contains("class 0") && !crowded.texts.contains("class 1"))
  }

  @Test("A heat map of any values is well-formed")
  func heatMaps() throws {
    for values in [
      [[.nan, 1], [-.infinity, 2]], [[-1e308, 1e308], [0, 0]], [[-1, -2], [-3, -4]],
    ] as [[[Double]]] {
      let chart = HeatMap(
        title: "h", rowTitle: "r", columnTitle: "c", rows: ["a", "b"], columns: ["x", "y"],
        values: values)
      #expect(try #require(XML(chart.svg)).isInside)
      #expect(!chart.svg.contains("nan") && !chart.svg.contains("inf"))
    }
    #expect(XML(HeatMap(title: "", rows: [], columns: [], values: []).svg)?.isInside == true)
  }

  @Test("Numbers that do not fit stop the program")
  func misfits() async {
    await #expect(processExitsWith: .failure) { _ = LineChart.Line("a", x: [1], y: [1, 2]) }
    await #expect(processExitsWith: .failure) {
      _ = LineChart.Band("a", x: [1], lower: [1], upper: [])
    }
    await #expect(processExitsWith: .failure) {
      _ = BarChart(title: "", value: "", categories: ["a"], groups: [BarChart.Group("b", [])])
    }
    await #expect(processExitsWith: .failure) {
      _ = HeatMap(title: "", classes: ["a"], confusion: [[1, 2]])
    }
  }
}
