import Foundation
import ProgramTesting
import Testing

@Suite("Pictures of forecast")
struct PlotTests {
  private let shops = ShopTable()

  private func svg(_ name: String) throws -> String {
    String(decoding: try #require(shops.folder).bytes(name), as: UTF8.self)
  }

  /// Forecasts that are drawn, and intervals.
  private func drawn(_ svg: String) -> (forecasts: Int, bands: Int, panels: Int) {
    (
      svg.matches(of: /<polyline class="ur-line ur-s-a0"/).count,
      svg.matches(of: /<polygon class="ur-f-a0"/).count, svg.matches(of: /overflow="hidden"/).count
    )
  }

  @Test("Every target of every series has a panel, and a key chooses one series")
  func panels() throws {
    let table = try shops.write()
    let model = try shops.train(
      table, "m", ["--test-last", "20"],
      columns: ["--time", "time", "--series", "shop", "--target", "units,price"])
    let (output, plot) = (try shops.path("o.csv"), try shops.path("p.svg"))
    let predict = ["predict", model, table, "--output", output, "--plot", plot]
    #expect(try shops.forecast(predict).status == 0)
    let all = try svg("p.svg")
    #expect(drawn(all) == (4, 4, 4))
    for name in ["a: units", "a: price", "b: units", "b: price", "80% interval"] {
      #expect(all.contains(">\(name)<"), "\(name)")
    }
    #expect(!all.contains("not shown"))
    #expect(try shops.forecast(predict + ["--plot-series", "b"]).status == 0)
    let one = try svg("p.svg")
    #expect(drawn(one) == (2, 2, 2) && one.contains(">b: price<") && !one.contains(">a: "))
    #expect(
      try shops.forecast(
        ["backtest"] + predict.dropFirst() + ["--every", "5", "--quantiles", "0.25,0.75"]
      ).status == 0)
    #expect(drawn(try svg("p.svg")) == (16, 16, 4))
    #expect(try svg("p.svg").contains("50% interval"))
    // Nothing is written where there is no such series.
    let before = try shops.rows("o.csv")
    let line = try shops.error(predict + ["--plot-series", "c"])
    #expect(line.contains("'c'") && line.contains("'a', 'b'") && line.contains("--plot-series"))
    #expect(try shops.rows("o.csv") == before)
    let usage = try shops.forecast([
      "predict", model, table, "--output", output, "--plot-series", "a",
    ])
    #expect(usage.status == 64 && usage.errors.contains("--plot"))
  }

  @Test("Of one series there is one picture with the name of its axis")
  func single() throws {
    let lines = ShopTable.lines.filter { !$0.contains(",b,") }
    let table = try shops.write("t.csv", lines)
    let model = try shops.train(
      table, "m", ["--test-last", "20"], columns: ["--time", "time", "--target", "units"])
    #expect(
      try shops.forecast([
        "predict", model, table, "--output", "-", "--plot", try shops.path("p.svg"),
      ]).status == 0)
    let picture = try svg("p.svg")
    #expect(drawn(picture) == (1, 1, 1))
    #expect(picture.contains(">units and its forecast<") && picture.contains(">last row<"))
    #expect(picture.contains(">2023<"))
  }

  @Test("Twelve panels are drawn of more, and the rest is counted")
  func many() throws {
    let lines =
      ["time,place,x"]
      + (0..<15).flatMap { place in
        (0..<40).map { "\(ShopTable.date($0)),place \(place),\(($0 * 7 + place) % 11)" }
      }
    let table = try shops.write("t.csv", lines)
    let model = try shops.train(
      table, "m", ["--test-last", "5"],
      columns: ["--time", "time", "--series", "place", "--target", "x"])
    let predict = ["predict", model, table, "--output", "-", "--plot", try shops.path("p.svg")]
    #expect(try shops.forecast(predict).status == 0)
    let picture = try svg("p.svg")
    #expect(drawn(picture) == (12, 12, 12))
    #expect(picture.contains("3 more are not shown") && picture.contains(">place 11<"))
    #expect(!picture.contains(">place 12<"))
    #expect(try shops.forecast(predict + ["--plot-series", "place 14"]).status == 0)
    #expect(try svg("p.svg").contains(">x of place 14 and its forecast<"))
  }
}
