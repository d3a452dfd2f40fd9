import Foundation
import Testing

import UnrollReports

@Suite("Grids of charts")
struct ChartGridTests {
  private let day = 86_400_000_000.0

  private func panel(_ name: String, days: Int = 9) -> LineChart {
    let x = (0..<days).map { Double($0) * day }
    var chart = LineChart(
      title: name, x: ChartAxis(scale: .time), y: ChartAxis(),
      lines: [LineChart.Line("observed", x: x, y: x.indices.map { Double($0 * $0) })])
    chart.bands = [LineChart.Band("interval", x: x, lower: x.map { _ in -1 }, upper: x)]
    return chart
  }

  /// Where the axes of the panels are: pictures within the picture.
  private func frames(_ xml: XML) -> [(left: Double, right: Double, top: Double, bottom: Double)] {
    xml.named("svg").dropFirst().map { frame in
      func number(_ name: String) -> Double { Double(frame.attributes[name] ?? "") ?? -1 }
      let (x, y) = (number("x"), number("y"))
      return (x, x + number("width"), y, y + number("height"))
    }
  }

  @Test("Two panels stand in a row, below those of the row before, and none reaches into another")
  func places() throws {
    let xml = try #require(
      XML(ChartGrid(title: "all", panels: (0..<5).map { panel("p\($0)") }).svg))
    #expect(xml.isInside)
    let frames = frames(xml)
    #expect(frames.count == 5)
    for (i, frame) in frames.enumerated() {
      #expect((i % 2 == 0 ? 0..<320 : 320..<640).contains(frame.left))
      #expect(frame.right <= (i % 2 == 0 ? 320 : 640) && frame.right - frame.left > 200)
      if i >= 2 { #expect(frame.top > frames[i - 2].bottom + 40) }
      if i % 2 == 1 { #expect(frame.top == frames[i - 1].top) }
    }
    for i in 0..<5 { #expect(xml.texts.contains("p\(i)")) }
    #expect(xml.texts.filter { $0 == "observed" }.count == 1)
  }

  @Test("What is not shown is said, in lines that fit; a name is cut, and whole as a hint")
  func texts() throws {
    let long = String(repeating: "wide ", count: 20)
    let xml = try #require(
      XML(ChartGrid(title: "t", panels: [panel(long), panel("b")], note: long + "<end>").svg))
    #expect(xml.isInside)
    #expect(xml.texts.contains { $0.hasSuffix("…") && $0.hasPrefix("wide") })
    #expect(xml.named("title").map(\.text).contains(long))
    #expect(xml.texts.contains { $0.hasSuffix("<end>") })
    #expect(xml.named("desc").first?.text.contains("<end>") == true)
  }

  @Test("A grid without panels is a picture")
  func empty() throws {
    #expect(try #require(XML(ChartGrid(title: "", panels: []).svg)).isInside)
  }

  @Test("An axis of a narrow panel has two dates at least", arguments: [3, 5, 8, 9, 13, 30, 400])
  func dates(days: Int) throws {
    let grid = ChartGrid(title: "", panels: [panel("a", days: days), panel("b", days: days)])
    let xml = try #require(XML(grid.svg))
    let dates = xml.texts.filter {
      $0.contains(/^(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( [0-9]+)?$/)
        || $0.contains(/^[0-9][0-9]:00$/)
    }
    #expect(dates.count >= 4 && dates.count % 2 == 0, "\(xml.texts)")
  }
}
