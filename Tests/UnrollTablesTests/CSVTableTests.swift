import TestSupport
import Testing
import UnrollTables
import UnrollText

@Suite("CSVTable")
struct CSVTableTests {
  /// What is said where the first row may have been taken for a header.
  private static let remedy =
    "; if its first row is no header, give it one, or read it in code with header: .none, where the "
    + "columns are called \"1\", \"2\" and so on"

  @Test("Every way to a column of a table without a header says how to read one")
  func headerless() throws {
    try withFile("ham,hello there\nspam,win now\n") { path throws in
      let table = try CSVTable(path)
      let ways: [() throws -> Void] = [
        { _ = try table.strings("text") }, { _ = try table.numbers("text") },
        { _ = try table.series(["text"]) },
        { _ = try LabeledTexts(table, text: "text", label: "ham") },
        { _ = try LabeledTexts(table, text: "ham", label: "text") },
        { _ = try TextFile.read(path, column: "text") },
        { _ = try TextFile.read(path, column: nil) },
      ]
      for way in ways {
        let error = #expect(throws: CSVError.self, performing: way)
        #expect(error?.description.hasSuffix("has: ham, hello there\(Self.remedy)") == true)
      }
      let bare = try CSVTable(path, header: .none)
      #expect(try bare.strings("2") == ["hello there", "win now"])
      let error = #expect(throws: CSVError.self) { try bare.strings("text") }
      #expect(error?.description.hasSuffix("there is no such column; the file has: 1, 2") == true)
    }
  }

  let text = "name,temp,wind\nx,1.5, -2e3\n\ny,\"+.5\",\t7 \n"

  @Test("Columns are found by name, and rows know their lines")
  func columns() throws {
    let table = try withFile(text) { try CSVTable($0) }
    #expect(table.columns == ["name", "temp", "wind"])
    #expect(table.count == 2)
    #expect(table.lines == [2, 4])
    #expect(try table.strings("name") == ["x", "y"])
    #expect(try table.strings("wind") == [" -2e3", "\t7 "])
  }

  @Test("A column that is not there, or there twice, is an error")
  func wrongColumn() throws {
    try withFile("a,b,a\n1,2,3\n") { path throws in
      let table = try CSVTable(path)
      #expect(try table.strings("b") == ["2"])
      let missing = CSVError(
        path: path, column: "c", problem: .noSuchColumn(available: ["a", "b", "a"]))
      #expect(throws: missing) { try table.strings("c") }
      #expect(
        missing.description
          == "\(path), column \"c\": there is no such column; the file has: a, b, a\(Self.remedy)")
      let twice = CSVError(path: path, column: "a", problem: .ambiguousColumn)
      #expect(throws: twice) { try table.numbers("a") }
      #expect(
        twice.description
          == "\(path), column \"a\": more than one column has this name; rename all but one"
          + Self.remedy)
    }
  }

  @Test("Numbers may be quoted, signed, in scientific notation, and between blanks")
  func numbers() throws {
    let table = try withFile(text) { try CSVTable($0) }
    #expect(try table.numbers("temp") == [1.5, 0.5])
    #expect(try table.numbers("wind") == [-2000, 7])
    #expect(try table.numbers(["wind", "temp"]) == [[-2000, 7], [1.5, 0.5]])
  }

  @Test(
    "What is not a finite decimal number is named with its place",
    arguments: [
      "abc", "1,5", "1 2", "nan", "NaN", "inf", "-Infinity", "0x10", "1e999", "--1", "1_000", "٣",
      "e5", "1\n2", "é ",
    ])
  func notANumber(cell: String) throws {
    try withFile("t,v\n0,1\n\n1,\"\(cell)\"\n") { path throws in
      let error = CSVError(path: path, line: 4, column: "v", problem: .notANumber(cell))
      #expect(throws: error) { try CSVTable(path).numbers("v", missing: .nan) }
      let shown = cell == "1\n2" ? "1\\n2" : cell
      #expect(
        error.description
          == "\(path), line 4, column \"v\": \"\(shown)\" is not a number; "
          + "correct it, or declare it to mean a missing value")
    }
  }

  @Test("A long cell is shortened in the message")
  func longCell() {
    let text = String(repeating: "ab", count: 5000)
    let error = CSVError(path: "f.csv", line: 2, column: "v", problem: .notANumber(text))
    #expect(error.description.utf8.count < 200)
  }

  @Test("A missing value is an error unless something else is chosen")
  func missingRejected() throws {
    for cell in ["", "\"\"", "  ", " \t"] {
      try withFile("v,w\n1,2\n\(cell),3\n") { path throws in
        let error = CSVError(path: path, line: 3, column: "v", problem: .missingValue)
        #expect(throws: error) { try CSVTable(path).numbers("v") }
        #expect(
          error.description
            == "\(path), line 3, column \"v\": the value is missing; "
            + "fill it in, or choose to skip such rows or to read NaN")
      }
    }
  }

  @Test("A missing value can be read as NaN")
  func missingAsNaN() throws {
    let numbers = try withFile("v,w\n1,2\n,3\n4,5") { path throws in
      try CSVTable(path).numbers("v", missing: .nan)
    }
    #expect(numbers.count == 3)
    #expect(numbers[0] == 1 && numbers[1].isNaN && numbers[2] == 4)
  }

  @Test("A row with a missing value can be skipped, in all columns alike")
  func missingSkipped() throws {
    let table = try withFile("v,w\n1,10\n,20\n3,\n4,40\n") { try CSVTable($0) }
    #expect(try table.numbers("v", missing: .skip) == [1, 3, 4])
    #expect(try table.numbers("w", missing: .skip) == [10, 20, 40])
    #expect(try table.numbers(["v", "w"], missing: .skip) == [[1, 4], [10, 40]])
    #expect(throws: CSVError.self) { try table.numbers(["v", "w"]) }
  }

  @Test("A row that is skipped must still have numbers in its other columns")
  func skippedRowIsChecked() throws {
    try withFile("v,w\n,x\n") { path throws in
      #expect(throws: CSVError(path: path, line: 2, column: "w", problem: .notANumber("x"))) {
        try CSVTable(path).numbers(["v", "w"], missing: .skip)
      }
    }
  }

  @Test("The caller says which cells mean a missing value")
  func markers() throws {
    let table = try withFile("v\n1\n NA \n-999\n") { try CSVTable($0) }
    #expect(try table.numbers("v", missing: .skip, markers: ["NA", "-999"]) == [1])
    #expect(throws: CSVError.self) { try table.numbers("v", missing: .skip) }
  }

  @Test("In a table of one column a blank line is a missing value")
  func blankLine() throws {
    let table = try withFile("v\n1\n\n2\n") { try CSVTable($0) }
    #expect(try table.numbers("v", missing: .skip) == [1, 2])
    #expect(table.lines == [2, 3, 4])
  }
}
