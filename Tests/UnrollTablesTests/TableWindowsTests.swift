import TestSupport
import Testing
import UnrollSeries
import UnrollTables

@Suite("Windows of tables")
struct TableWindowsTests {
  private let table = TableDescription(
    time: "t", keys: ["k"], numbers: ["x", "y"], categories: ["c"])

  private struct Seen: Equatable {
    var key: String
    var line: Int
    var numbers: [Double]
    var categories: [String]
  }

  private func windows(
    _ text: String, _ table: TableDescription, rows: Int, stride: Int = 1, step: TimeStep? = nil,
    gaps: TableWindows.Gaps = .refuse
  ) throws -> [Seen] {
    try withFile(text) { path throws in
      var seen: [Seen] = []
      let windows = TableWindows(path, table, rows: rows, stride: stride, step: step, gaps: gaps)
      try windows.forEachWindow { window in
        seen.append(
          Seen(
            key: window.key, line: window.lastLine, numbers: window.withNumbers { Array($0) },
            categories: (0..<window.rows).flatMap { row in
              (0..<1).compactMap {
                table.columns.contains { $0.role == .category }
                  ? window.category(row: row, column: $0) : nil
              }
            }))
      }
      return seen
    }
  }

  @Test("Every window of every series comes, from rows in any interleaving")
  func interleaved() throws {
    // Series of several lengths, long enough to be moved in their memory.
    let lengths = ["a": 300, "b": 1, "c": 77]
    var values: [String: [[Double]]] = [:]
    var text = "t,k,x,y,c\n"
    var next = ["a": 0, "b": 0, "c": 0]
    while let key = next.filter({ $0.value < lengths[$0.key] ?? 0 }).keys.sorted().randomElement() {
      let row = next[key] ?? 0
      let day = TimeStep.hour.adding(row, to: TimeStamp(0))
      let x = Double.random(in: -5...5)
      text += "\(TimePattern.iso8601.format(day)),\(key),\(x),\(row),c\(row % 3)\n"
      values[key, default: []].append([x, Double(row)])
      next[key] = row + 1
    }
    for (rows, stride) in [(1, 1), (5, 1), (30, 7), (5, 12)] {
      let seen = try windows(text, table, rows: rows, stride: stride, step: .hour)
      for (key, values) in values {
        let expected = Swift.stride(from: 0, through: values.count - rows, by: stride).map {
          Array(values[$0..<($0 + rows)].joined())
        }
        #expect(
          seen.filter { $0.key == key }.map(\.numbers) == expected, "\(key) \(rows) \(stride)")
      }
      for window in seen {
        #expect(
          window.categories
            == (0..<rows).map { "c\(Int(window.numbers[2 * $0 + 1]) % 3)" })
      }
    }
  }

  private let days = TableDescription(time: "t", numbers: ["x"], missing: .carryForward)

  @Test("No window goes across a gap, which is an error unless that is asked for")
  func gaps() throws {
    let text = "t,x\n2016-07-01,1\n2016-07-02,\n2016-07-03,3\n2016-07-05,5\n2016-07-06,6\n"
    #expect(
      try windows(text, days, rows: 2, gaps: .split).map(\.numbers) == [[1, 1], [1, 3], [5, 6]])
    try withFile(text) { path throws in
      let error = #expect(throws: CSVError.self) {
        try TableWindows(path, days, rows: 2).forEachWindow { _ in }
      }
      #expect(
        error?.description
          == "\(path), line 5, column \"t\": 1 row is missing between \"2016-07-03\" of line 4 and "
          + "\"2016-07-05\", by a step of 1d; fill them in, or choose to have gaps filled with missing "
          + "values or to split the series there")
    }
  }

  @Test("Rows that do not follow one another are an error of their line")
  func order() throws {
    for (rows, line) in [
      ("2016-07-01,1\n2016-07-02,2\n2016-07-02,3\n", 4), ("2016-07-02,1\n2016-07-01,2\n", 3),
      ("2016-07-01,1\n2016-07-02,2\n2016-07-02 01:00,3\n", 4), ("2016-07-01,\n", 2),
    ] {
      let error = #expect(throws: CSVError.self) { try windows("t,x\n" + rows, days, rows: 2) }
      #expect(error?.line == line, "\(rows)")
    }
  }

  @Test("Counts that are too far apart are an error and no crash")
  func farCounts() throws {
    let counts = TableDescription(time: "t", .number, numbers: ["x"])
    let text = "t,x\n\(Int64.min),1\n\(Int64.max),2\n"
    #expect(throws: CSVError.self) { try windows(text, counts, rows: 1) }
    try withFile(text) { path throws in
      #expect(throws: CSVError.self) { try SeriesTable(reading: path, counts) }
    }
  }

  @Test("Months are steps here too")
  func months() throws {
    let text = "t,x\n2015-01-31,1\n2015-02-28,2\n2015-03-31,3\n2015-04-30,4\n"
    #expect(try windows(text, days, rows: 3).map(\.numbers) == [[1, 2, 3], [2, 3, 4]])
  }

  @Test("Windows are what a table of series has")
  func sameAsSeries() throws {
    var text = "t,x\n"
    for row in 0..<400 {
      let time = TimeStep.seconds(900).adding(row, to: TimeStamp(0))
      text += "\(TimePattern.iso8601.format(time)),\(row % 5 == 3 && row > 0 ? "" : "\(row)")\n"
    }
    let series = try withFile(text) { path throws in try SeriesTable(reading: path, days) }
    let values = series.series[0].values.scalars
    let seen = try windows(text, days, rows: 24)
    #expect(seen.map(\.numbers) == (0...376).map { Array(values[$0..<($0 + 24)]) })
  }
}
