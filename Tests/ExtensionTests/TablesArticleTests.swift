// The programs of the article Tables.
import Foundation
import Testing
import Unroll

@Suite("The article about tables")
struct TablesArticleTests {
  private func withTable(_ text: String, _ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).csv")
    try Data(text.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
  }

  @Test("A table with semicolons and decimal commas is read into series")
  func semicolons() throws {
    let text = """
      time;site;load;wind;sky
      01.07.2016 00:00;north;12,5;3;clear
      01.07.2016 00:00;south;8;2,5;rain
      01.07.2016 01:00;north;13;3;clear
      01.07.2016 01:00;south;8,5;2;clear
      """
    try withTable(text) { path in
      var table = TableDescription(
        time: "time", .pattern("%d.%m.%Y %H:%M"), keys: ["site"], numbers: ["load", "wind"],
        categories: ["sky"])
      table.delimiter = ";"
      table.decimalSign = .comma
      let series = try SeriesTable(reading: path, table)

      #expect(series.series.map(\.key) == ["north", "south"])
      #expect(series.series[1].values.scalars == [8, 2.5, 8.5, 2])
      #expect(series.series[1].categories == [["rain", "clear"]])
      #expect(series.series[0].times?.step == .hour)
    }
  }

  @Test("Names are given in place of a header, and missing values are declared")
  func names() throws {
    var renamed = TableDescription(time: "when", keys: ["place"], numbers: ["power"])
    renamed.skippedLines = 1
    renamed.header = .names(["when", "place", "power"])
    renamed.comment = "#"
    renamed.missing = ["", "NA", "-999"]

    try withTable("a,b,c\n# hourly\n2016-07-01 00:00,x,1\n2016-07-01 01:00,x,-999\n") { path in
      let error = #expect(throws: CSVError.self) { try SeriesTable(reading: path, renamed) }
      #expect(error?.line == 4 && error?.column == "power" && error?.problem == .missingValue)
    }
  }

  @Test("Rows are sorted, gaps filled, and missing numbers made up as was asked for")
  func policies() throws {
    let columns = TableDescription(columns: [
      TableColumn("time", .time(.iso8601)),
      TableColumn("site", .key),
      TableColumn("load", .number, missing: .interpolate),
      TableColumn("wind", .number, missing: .indicate),
    ])

    let text = """
      time,site,load,wind
      2016-07-01 03:00,a,4,
      2016-07-01 00:00,a,1,7
      2016-07-01 01:00,a,,8
      """
    try withTable(text) { path in
      let hourly = try SeriesTable(
        reading: path, columns,
        SeriesReading(order: .sorted, step: TimeStep("1h"), gaps: .fillMissing))

      #expect(hourly.columns == ["load", "wind", "wind is missing"])
      #expect(hourly.series[0].values.scalars == [1, 7, 0, 2, 8, 0, 3, 8, 1, 4, 8, 1])
    }
  }

  @Test("Windows of a table come in one pass")
  func windows() throws {
    var text = "time,load\n"
    for hour in 0..<100 where hour != 50 {
      let time = TimeStep.hour.adding(hour, to: TimeStamp(0))
      text += "\(TimePattern.iso8601.format(time)),\(hour)\n"
    }
    let table = TableDescription(time: "time", numbers: ["load"])
    try withTable(text) { path in
      let windows = TableWindows(path, table, rows: 24 + 6, stride: 6, gaps: .split)
      var highest = 0.0
      try windows.forEachWindow { window in
        for row in 0..<window.rows { highest = max(highest, window.number(row: row, column: 0)) }
      }

      #expect(highest == 98)

      let source = try StreamedWindows(
        TableWindows(path, table, rows: 24 + 6, gaps: .split), horizon: 6, inputs: ["load"],
        targets: ["load"], scales: ["load": ColumnScale(center: 50, width: 30)],
        shuffleBuffer: 10_000, batchSize: 16)

      // Of 50 hours before the gap, and 49 after it.
      #expect(source.count == 21 + 20)
    }
  }
}
