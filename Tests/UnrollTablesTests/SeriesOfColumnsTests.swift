import TestSupport
import Testing
import UnrollCore
import UnrollTables

@Suite("Series out of the columns of a table")
struct SeriesOfColumnsTests {
  @Test("Columns of a table become the columns of a series, in the order they are named")
  func columns() throws {
    try withFile("t,a,b\nx,1,2\ny,3.5,-4\n") { path throws in
      let table = try CSVTable(path)
      let series = try table.series(["b", "a"])
      #expect(series.shape == [2, 2])
      #expect(series.scalars == [2, 1, -4, 3.5])
      #expect(try table.series(["a"]).shape == [2, 1])
      let error = #expect(throws: CSVError.self) { try table.series(["a", "t"]) }
      #expect(
        error == CSVError(path: path, line: 2, column: "t", problem: .notANumber("x")))
    }
    try withFile("a\n") { path throws in
      #expect(try CSVTable(path).series(["a"]).shape == [0, 1])
    }
  }

  @Test("Missing values, and numbers beyond single precision, have a place")
  func missing() throws {
    try withFile("a,b\n1,2\n,3\n4,1e39\n") { path throws in
      let table = try CSVTable(path)
      #expect(
        throws: CSVError(path: path, line: 3, column: "a", problem: .missingValue)
      ) { try table.series(["a"]) }
      let series = try table.series(["a"], missing: .nan)
      #expect(series.shape == [3, 1] && series[1, 0].isNaN && series[2, 0] == 4)
      let error = #expect(throws: CSVError.self) { try table.series(["b"]) }
      #expect(
        error?.description
          == "\(path), line 4, column \"b\": \"1e39\" is too large for single precision; correct it, "
          + "or give the column in a larger unit")
      #expect(try table.numbers("b") == [2, 3, 1e39])
    }
  }
}
