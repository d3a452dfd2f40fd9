import TestSupport
import Testing
import UnrollSeries
import UnrollTables

@Suite("Series out of tables")
struct SeriesReadingTests {
  private let table = TableDescription(time: "t", keys: ["k"], numbers: ["x"], missing: .keep)

  private func read(
    _ text: String, _ table: TableDescription, _ reading: SeriesReading = SeriesReading()
  ) throws -> SeriesTable {
    try withFile(text) { path throws in try SeriesTable(reading: path, table, reading) }
  }

  /// The message of the error, behind the path.
  private func message(
    _ text: String, _ table: TableDescription, _ reading: SeriesReading = SeriesReading(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String? {
    try withFile(text) { path throws in
      let error = #expect(throws: CSVError.self, sourceLocation: sourceLocation) {
        try SeriesTable(reading: path, table, reading)
      }
      return error.map { String($0.description.dropFirst(path.count)) }
    }
  }

  private func time(_ text: String) throws -> TimeStamp {
    try #require(TimePattern.iso8601.time(text))
  }

  @Test("Rows of one key are one series, wherever they are")
  func interleaved() throws {
    let described = TableDescription(
      time: "t", .pattern("%d.%m.%Y %H:%M"), keys: ["k"], numbers: ["x", "y"], categories: ["c"])
    let text = """
      t,k,x,y,c
      01.07.2016 00:00,b,1,10,sun
      01.07.2016 00:00,a,2,20,rain
      01.07.2016 01:00,b,3,30,rain
      01.07.2016 02:00,b,4,40,sun
      01.07.2016 01:00,a,5,50,sun
      """
    let series = try read(text, described)
    #expect(series.columns == ["x", "y"] && series.categoryColumns == ["c"])
    #expect(series.timePattern == .pattern("%d.%m.%Y %H:%M"))
    #expect(series.series.map(\.key) == ["b", "a"] && series.series.map(\.part) == [0, 0])
    #expect(series.series[0].values.scalars == [1, 10, 3, 30, 4, 40])
    #expect(series.series[0].categories == [["sun", "rain", "sun"]])
    #expect(series.series[1].values.scalars == [2, 20, 5, 50])
    #expect(series.series[1].categories == [["rain", "sun"]])
    let axis = try TimeAxis(start: time("2016-07-01"), step: .hour)
    #expect(series.series.map(\.times) == [axis, axis])
  }

  @Test("Without a column of times rows are taken as they come")
  func noTimes() throws {
    let series = try read("x\n3\n1\n2\n", TableDescription(numbers: ["x"]))
    #expect(series.series.count == 1 && series.series[0].key == "" && series.series[0].times == nil)
    #expect(series.series[0].values.scalars == [3, 1, 2] && series.timePattern == nil)
  }

  @Test(
    "The step is the one that most rows have, and of what as many have the shortest",
    arguments: [
      ("2016-07-01,2016-07-02,2016-07-03,2016-07-05,2016-07-07,2016-07-09,2016-07-11", "2d"),
      ("2016-07-01,2016-07-02,2016-07-04", "1d"),
      ("2016-07-01 00:00,2016-07-01 00:15,2016-07-01 00:30", "15min"),
      ("1949-01,1949-02,1949-03,1949-04", "1mo"),
      ("2015-01-31,2015-02-28,2015-03-31,2015-04-30", "1mo"),
      ("2015-02-28,2015-03-31,2015-04-30", "1mo"), ("2014,2015,2016,2017", "1y"),
      ("2015-01-01,2015-04-01,2015-07-01", "3mo"),
    ])
  func inferredStep(times: String, step: String) throws {
    let rows = times.split(separator: ",").map { "\($0),a,1\n" }.joined()
    // Where there are two steps, the first row is not a whole number of the longer one before the others.
    let isUneven = step == "2d"
    if isUneven {
      let message = try message("t,k,x\n" + rows, table)
      #expect(message?.contains("no whole number of steps of 2d after") == true)
    } else {
      let series = try read("t,k,x\n" + rows, table, SeriesReading(gaps: .fillMissing))
      #expect(series.series[0].times?.step.description == step)
      let last = series.series[0].times?.time(ofRow: series.series[0].count - 1)
      #expect(try last == times.split(separator: ",").last.map { try time(String($0)) })
    }
  }

  @Test("Counted points of time have a step too")
  func counts() throws {
    let counted = TableDescription(time: "t", .number, numbers: ["x"])
    let series = try read("t,x\n2,1\n4,2\n6,3\n", counted)
    #expect(series.series[0].times == TimeAxis(start: TimeStamp(2), step: .count(2)))
  }

  @Test("Times are written again as they were")
  func pattern() throws {
    let series = try read("t,k,x\n2016-07-01T00:15Z,a,1\n2016-07-01T00:30Z,a,2\n", table)
    #expect(series.timePattern == .pattern("%Y-%m-%dT%H:%MZ"))
  }

  @Test("Rows that are not in order are an error, or sorted where that is asked for")
  func order() throws {
    let text =
      "t,k,x\n2016-07-02,a,2\n2016-07-02,b,5\n2016-07-01,a,1\n2016-07-03,a,3\n2016-07-03,b,6\n"
    #expect(
      try message(text, table)
        == ", line 4, column \"t\": \"2016-07-01\" comes after \"2016-07-02\" of line 2, in the series "
        + "\"a\"; sort the rows by time, or ask for them to be sorted")
    let series = try read(text, table, SeriesReading(order: .sorted))
    #expect(series.series.map(\.values.scalars) == [[1, 2, 3], [5, 6]])
  }

  @Test("Two rows of one time are an error that names both lines")
  func sameTime() throws {
    let text = "t,k,x\n2016-07-01,a,1\n2016-07-01,b,1\n2016-07-02,a,1\n2016-07-02,a,2\n"
    let expected =
      ", line 5, column \"t\": \"2016-07-02\" is the time of line 4 too, in the series \"a\"; leave one of "
      + "the two out, or name the column that tells their series apart"
    #expect(try message(text, table) == expected)
    #expect(try message(text, table, SeriesReading(order: .sorted)) == expected)
  }

  @Test("Rows are held to the step")
  func offStep() throws {
    let text = "t,k,x\n2016-07-01,a,1\n2016-07-02,a,1\n2016-07-03,a,1\n2016-07-03 06:00,a,2\n"
    #expect(
      try message(text, table)
        == ", line 5, column \"t\": \"2016-07-03\" is no whole number of steps of 1d after \"2016-07-03\" of "
        + "line 4, in the series \"a\"; correct it, or give the step")
    let given = SeriesReading(step: .day)
    #expect(try message("t,k,x\n2016-07-01,a,1\n2016-07-01 12:00,a,1\n", table, given) != nil)
    #expect(
      try message("t,k,x\n2016-07-01,a,1\n2016-07-01,b,1\n", table)
        == ", column \"t\": the step cannot be told, since no series has two rows; give the step")
    #expect(try read("t,k,x\n2016-07-01,a,1\n", table, given).series[0].count == 1)
  }

  private let gap =
    "t,k,x\n2016-07-01,a,1\n2016-07-02,a,2\n2016-07-01,b,7\n2016-07-05,a,5\n2016-07-06,a,6\n2016-07-02,b,8\n"

  @Test("A gap is an error that says what is missing where")
  func refusedGap() throws {
    #expect(
      try message(gap, table)
        == ", line 5, column \"t\": 2 rows are missing between \"2016-07-02\" of line 3 and \"2016-07-05\", "
        + "by a step of 1d, in the series \"a\"; fill them in, or choose to have gaps filled with missing "
        + "values or to split the series there")
  }

  @Test("A gap is filled with missing values where that is asked for")
  func filledGap() throws {
    let series = try read(gap, table, SeriesReading(gaps: .fillMissing))
    let values = series.series[0].values.scalars
    #expect(values.map { $0.isNaN ? -1 : $0 } == [1, 2, -1, -1, 5, 6])
    #expect(series.series[1].values.scalars == [7, 8])
    #expect(try series.series[0].times?.time(ofRow: 4) == time("2016-07-05"))
  }

  @Test("A series is split at a gap where that is asked for")
  func splitGap() throws {
    let series = try read(gap, table, SeriesReading(gaps: .split))
    #expect(series.series.map(\.key) == ["a", "a", "b"] && series.series.map(\.part) == [0, 1, 0])
    #expect(series.series.map(\.values.scalars) == [[1, 2], [5, 6], [7, 8]])
    #expect(try series.series[1].times?.start == time("2016-07-05"))
  }

  @Test("Months ends are filled as month ends, from a short month on too")
  func filledMonths() throws {
    let text = "t,k,x\n2015-02-28,a,2\n2015-03-31,a,3\n2015-04-30,a,4\n2015-07-31,a,7\n"
    let series = try read(text, table, SeriesReading(gaps: .fillMissing)).series[0]
    #expect(try series.times == TimeAxis(start: time("2015-02-28"), step: .month, day: 31))
    #expect(series.count == 6 && series.values.scalars[3].isNaN && series.values.scalars[5] == 7)
    let days = "t,k,x\n2015-01-28,a,1\n2015-02-28,a,2\n2015-03-28,a,3\n"
    #expect(try read(days, table).series[0].times?.day == 28)
    let mixed = "t,k,x\n2015-02-28,a,1\n2015-03-31,a,2\n2015-04-28,a,3\n"
    #expect(try message(mixed, table, SeriesReading(step: .month))?.contains(", line 4,") == true)
  }

  @Test("Missing numbers become what they are asked to be")
  func missing() throws {
    let text = "t,x\n2016-07-01,1\n2016-07-02,\n2016-07-03,\n2016-07-04,7\n2016-07-07,10\n"
    func values(_ missing: MissingNumbers) throws -> [Double] {
      let table = TableDescription(time: "t", numbers: ["x"], missing: missing)
      return try read(text, table, SeriesReading(step: .day, gaps: .fillMissing)).series[0].values
        .scalars
    }
    #expect(try values(.carryForward) == [1, 1, 1, 7, 7, 7, 10])
    #expect(try values(.interpolate) == [1, 3, 5, 7, 8, 9, 10])
    #expect(try values(.indicate) == [1, 0, 1, 1, 1, 1, 7, 0, 7, 1, 7, 1, 10, 0])
    #expect(try values(.keep).map { $0.isNaN ? -1 : $0 } == [1, -1, -1, 7, -1, -1, 10])
    #expect(try values(.drop).map { $0.isNaN ? -1 : $0 } == [1, -1, -1, 7, -1, -1, 10])
  }

  @Test("What is missing where nothing can stand for it is an error of its line")
  func nothingBefore() throws {
    let text = "t,k,x\n2016-07-01,b,4\n2016-07-01,a,\n2016-07-02,a,2\n2016-07-02,b,\n"
    func message(_ missing: MissingNumbers) throws -> String? {
      try self.message(
        text, TableDescription(time: "t", keys: ["k"], numbers: ["x"], missing: missing))
    }
    #expect(
      try message(.carryForward)
        == ", line 3, column \"x\": the value is missing, and there is none before it, in the series \"a\"; "
        + "fill it in, or choose to leave the row out or to keep it missing")
    #expect(
      try message(.interpolate)
        == ", line 5, column \"x\": the value is missing, and there are no two to draw a line between, in the "
        + "series \"b\"; fill it in, or choose to leave the row out or to keep it missing")
    let indicated = TableDescription(time: "t", keys: ["k"], numbers: ["x"], missing: .indicate)
    #expect(try read(text, indicated).series[1].values.scalars == [0, 1, 2, 0])
  }

  @Test(
    "No number before a split follows from a value after it, whatever becomes of missing ones",
    arguments: MissingNumbers.allCases)
  func splits(missing: MissingNumbers) throws {
    let table = TableDescription(time: "t", keys: ["k"], numbers: ["x", "y"], missing: missing)
    // Gaps around both borders, which are behind rows 5 and 8 of 12.
    let without: [Set<Int>] =
      missing == .error ? [[]] : [[], [4, 5, 6, 8], [5], [6], [3, 4, 5, 6, 7, 8, 9], [1, 8, 9]]
    let border = try time("2016-07-06")
    let splits: [SeriesSplit] = [
      .rows(training: 6, validation: 3, test: 2), .last(validation: 3, test: 3),
      .after(border, validation: 3),
    ]
    let width = missing == .indicate ? 4 : 2
    for (split, ends) in zip(splits, [[6, 9], [6, 9], [3, 6]]) {
      for without in without {
        /// The numbers of two series, of which a value of the first is another or missing.
        func numbers(changing row: Int? = nil, to value: String = "") throws -> [[Double]] {
          var text = "t,k,x,y\n"
          for r in 0..<12 {
            let day = TimePattern.iso8601.format(TimeStep.day.adding(r, to: try time("2016-07-01")))
            let x = r == row ? value : without.contains(r) ? "" : "\(r * r)"
            text += "\(day),a,\(x),1\n\(day),b,\(r == 6 && missing != .error ? "" : "3"),\(r)\n"
          }
          return try withFile(text) { path throws in
            try SeriesTable(
              reading: path, table, SeriesReading(step: .day, gaps: .fillMissing),
              split: { _ in split }
            ).series.map(\.values.scalars)
          }
        }
        let before = try numbers()
        for end in ends {
          for row in end..<12 {
            let values = missing == .error || row == 11 ? ["77"] : ["77", ""]
            for value in values {
              let after = try numbers(changing: row, to: value)
              for (a, b) in zip(before, after) {
                #expect(
                  a.prefix(end * width).map(\.bitPattern)
                    == b.prefix(end * width).map(\.bitPattern),
                  "\(split) \(without) row \(row) to \(value)")
              }
            }
          }
        }
      }
    }
  }

  @Test(
    "What is interpolated is so among the rows to learn from; later numbers are carried forward")
  func amongRowsToLearnFrom() throws {
    let text = "t,x\n2016-07-01,1\n2016-07-02,\n2016-07-03,3\n2016-07-06,6\n2016-07-08,9\n"
    let table = TableDescription(time: "t", numbers: ["x"], missing: .interpolate)
    func values(_ split: SeriesSplit) throws -> [Double] {
      try withFile(text) { path throws in
        var seen: [Double] = []
        let table = try SeriesTable(
          reading: path, table, SeriesReading(step: .day, gaps: .fillMissing)
        ) { table in
          seen = table.series[0].values.scalars
          return split
        }
        #expect(seen.map { $0.isNaN ? -1 : $0 } == [1, -1, 3, -1, -1, 6, -1, 9])
        return table.series[0].values.scalars.map { $0.isNaN ? -1 : $0 }
      }
    }
    #expect(try values(.last(validation: 0, test: 0)) == [1, 2, 3, 4, 5, 6, 7.5, 9])
    #expect(try values(.last(validation: 0, test: 2)) == [1, 2, 3, 4, 5, 6, 6, 9])
    #expect(try values(.last(validation: 0, test: 4)) == [1, 2, 3, 3, 3, 6, 6, 9])
    #expect(try values(.rows(training: 1, validation: 3, test: 1)) == [1, 1, 3, 3, 3, 6, 6, 9])
    #expect(try values(.after(time("2016-07-05"), validation: 0)) == [1, 2, 3, 3, 3, 6, 6, 9])
    #expect(try values(.series(test: [""], validation: 2)) == [1, 1, 3, 3, 3, 6, 6, 9])
  }

  @Test("A split by time of rows without any is an error, and is not asked for in vain")
  func splitWithoutTimes() throws {
    try withFile("x\n1\n\n3\n") { path throws in
      let split = SeriesSplit.after(TimeStamp(0), validation: 0)
      var table = TableDescription(numbers: ["x"], missing: .interpolate)
      #expect(throws: SeriesError.noTimes) {
        try SeriesTable(reading: path, table, split: { _ in split })
      }
      table = TableDescription(numbers: ["x"], missing: .keep)
      #expect(try SeriesTable(reading: path, table, split: { _ in split }).series[0].count == 3)
    }
  }
}
