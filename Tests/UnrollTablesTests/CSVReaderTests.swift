import TestSupport
import Testing
import UnrollTables

/// The rows of a table, the header first unless there is none.
func rows(
  _ text: some Sequence<UInt8>, extension suffix: String = "csv", dialect: CSVDialect? = nil,
  header: CSVHeader = .none
) throws -> [[String]] {
  try withFile(text, extension: suffix) { path throws in
    var rows: [[String]] = []
    try CSVReader(path, dialect: dialect, header: header).forEachRow { rows.append($0.fields) }
    return rows
  }
}

/// The physical lines on which the rows of a table without a header begin.
func lines(_ text: String) throws -> [Int] {
  try withFile(text) { path throws in
    var lines: [Int] = []
    try CSVReader(path, header: .none).forEachRow { lines.append($0.line) }
    return lines
  }
}

@Suite("CSVReader")
struct CSVReaderTests {
  @Test("Quoted fields may have delimiters, doubled quotes and line ends in them")
  func quotes() throws {
    let text = "a,\"b,c\",\"say \"\"hi\"\"\"\n\"\",\"x\r\ny\nz\",\"\"\"\"\n"
    #expect(try rows(text.utf8) == [["a", "b,c", "say \"hi\""], ["", "x\r\ny\nz", "\""]])
  }

  @Test("Blanks around a field are kept, quoted or not")
  func blanks() throws {
    #expect(
      try rows("  a ,\tb\t,\"  c \"\n ,  ,\t\n".utf8)
        == [["  a ", "\tb\t", "  c "], [" ", "  ", "\t"]])
  }

  @Test(
    "Lines may end with LF, CRLF or CR, and the last one with nothing",
    arguments: ["\n", "\r\n", "\r"])
  func lineEnds(end: String) throws {
    for last in ["", end] {
      let text = "a,b\(end)\"c\",\(end),\"d\"" + last
      #expect(try rows(text.utf8) == [["a", "b"], ["c", ""], ["", "d"]])
      #expect(try lines(text) == [1, 2, 3])
    }
  }

  @Test("Lines are counted through quoted line ends, blank lines and all kinds of line ends")
  func lineNumbers() throws {
    let text = "a,b\r\n\"1\n2\r\n3\r4\",x\n\n\r\n\rc,d\re,f\n\r\"g\n\n\",h"
    #expect(try lines(text) == [1, 2, 9, 10, 12])
  }

  @Test("A byte-order mark is not part of the first field")
  func byteOrderMark() throws {
    #expect(try rows("\u{FEFF}\"a\",b\n".utf8) == [["a", "b"]])
    #expect(
      try rows("\u{FEFF}a,\u{FEFF}b\n\u{FEFF}c,d".utf8)
        == [["a", "\u{FEFF}b"], ["\u{FEFF}c", "d"]])
  }

  @Test("A blank line between rows of several columns is passed over")
  func blankLinesBetweenRows() throws {
    #expect(try rows("\n\na,b\n\r\n1,2\n\n\n".utf8) == [["a", "b"], ["1", "2"]])
    #expect(try rows("\n\na,b\n\n1,2\n".utf8, header: .firstRow) == [["1", "2"]])
  }

  @Test("A blank line of one column is a row with an empty field")
  func blankLinesOfOneColumn() throws {
    #expect(
      try rows("\n\r\na\n\nb\n\"\"\n\n".utf8) == [[""], [""], ["a"], [""], ["b"], [""], [""]])
    #expect(try lines("\n\r\na\n\nb") == [1, 2, 3, 4, 5])
    #expect(try rows("\na\n\nb\n".utf8, header: .firstRow) == [[""], ["b"]])
    #expect(try rows("a\r\n\r\nb\r\n".utf8) == [["a"], [""], ["b"]])
  }

  @Test("A table of a header has columns and no rows", arguments: ["a,b", "a,b\n", "a,b\n\n"])
  func headerOnly(text: String) throws {
    try withFile(text) { path throws in
      #expect(try CSVReader(path).columns() == ["a", "b"])
      #expect(try CSVTable(path).count == 0)
    }
  }

  @Test("A table without a header has numbered columns")
  func numberedColumns() throws {
    try withFile("x,y,z\n") { path throws in
      #expect(try CSVReader(path, header: .none).columns() == ["1", "2", "3"])
    }
  }

  /// Texts of at most one column, and the rows that they have with a header and without; `nil` where
  /// they are empty tables.
  private static let blank: [(text: String, headed: [String]?, bare: [String]?)] = [
    ("\n", nil, [""]), ("\n\n", nil, ["", ""]), ("\r\n\r\n", nil, ["", ""]),
    ("\r\r", nil, ["", ""]), ("\n\r\n\r", nil, ["", "", ""]), ("\u{FEFF}\n", nil, [""]),
    ("\"\"", [], [""]), ("\"\"\n", [], [""]), ("\n\"\"\n\n", [""], ["", "", ""]),
    ("x", [], ["x"]), ("x\n", [], ["x"]), ("x\n\n", [""], ["x", ""]),
    ("x\n\n\n", ["", ""], ["x", "", ""]), ("\n\nx\n\ny", ["", "y"], ["", "", "x", "", "y"]),
    ("\nx", [], ["", "x"]), (" \n\n", [""], [" ", ""]),
  ]

  @Test("Every blank line of one column is a row, but those before a header", arguments: blank)
  func blankLines(text: String, headed: [String]?, bare: [String]?) throws {
    for (header, expected) in [(CSVHeader.firstRow, headed), (.none, bare)] {
      if let expected {
        let rows = try rows(text.utf8, header: header)
        #expect(rows == expected.map { [$0] }, "\(text.debugDescription) \(header)")
      } else {
        try withFile(text) { path throws in
          let error = CSVError(path: path, problem: .empty)
          #expect(throws: error) { try CSVReader(path, header: header).columns() }
          #expect(throws: error) { try CSVTable(path, header: header) }
          #expect(error.description == "\(path): the table is empty")
        }
      }
    }
  }

  @Test("A table of blank lines has one column, and its lines are known")
  func onlyBlankLines() throws {
    try withFile("\n\r\n\n") { path throws in
      let table = try CSVTable(path, header: .none)
      #expect(table.columns == ["1"] && table.lines == [1, 2, 3])
      #expect(try table.strings("1") == ["", "", ""])
      let error = CSVError(path: path, line: 1, column: "1", problem: .missingValue)
      #expect(throws: error) { try table.numbers("1") }
    }
  }

  @Test("What the row closure throws ends the reading")
  func closureThrows() throws {
    struct Enough: Error {}
    try withFile("a\n1\n2\n3\n") { path throws in
      var seen: [String] = []
      #expect(throws: Enough.self) {
        try CSVReader(path).forEachRow { row in
          seen += row.fields
          if seen.count == 2 { throw Enough() }
        }
      }
      #expect(seen == ["1", "2"])
    }
  }

  @Test("In a .tsv quotes are characters like any others")
  func tabs() throws {
    let text = "ham\tsay \"hi\" \nspam\t\"win, now\n\"a\"\t\" \"\r\n"
    #expect(
      try rows(text.utf8, extension: "tsv")
        == [["ham", "say \"hi\" "], ["spam", "\"win, now"], ["\"a\"", "\" \""]])
  }

  @Test("A dialect that is given goes before the file's name")
  func dialects() throws {
    let semicolons = CSVDialect(delimiter: ";")
    #expect(try rows("1,5;\"a;b\"\n".utf8, dialect: semicolons) == [["1,5", "a;b"]])
    let quotedTabs = CSVDialect(delimiter: "\t")
    #expect(
      try rows("\"a\tb\"\t c \n".utf8, extension: "tsv", dialect: quotedTabs) == [["a\tb", " c "]])
    let bare = CSVDialect(quoting: .none)
    #expect(try rows("\"a,b\"\n".utf8, dialect: bare) == [["\"a", "b\""]])
    #expect(try rows("\ta \n\t\n".utf8, dialect: quotedTabs) == [["", "a "], ["", ""]])
  }

  @Test("A file with another name is read with commas")
  func otherName() throws {
    #expect(try rows("a,\"b\"\n".utf8, extension: "data") == [["a", "b"]])
  }

  @Test("Wherever a block ends, the rows and lines are the same")
  func blockBoundaries() throws {
    let telling = "ab,\"c\"\"d\"\r\n\"e\r\nf\",\"é😀\"\r\r\n g ,\"\n\"\rh,i\r\n"
    let expected = [["ab", "c\"d"], ["e\r\nf", "é😀"], [" g ", "\n"], ["h", "i"]]
    for overhang in 0...telling.utf8.count {
      let padding = String(repeating: "x", count: 64 * 1024 - overhang - 3)
      try withFile("\(padding),y\n" + telling) { path throws in
        var seen: [CSVRow] = []
        try CSVReader(path, header: .none).forEachRow { seen.append($0) }
        #expect(seen.first?.fields.map(\.utf8.count) == [padding.utf8.count, 1])
        #expect(seen.dropFirst().map(\.fields) == expected, "\(overhang)")
        #expect(seen.map(\.line) == [1, 2, 3, 6, 8], "\(overhang)")
      }
    }
  }

  @Test("Any table that is written by the rules is read back")
  func roundTrip() throws {
    let characters = ["a", "é", " ", "\t", ",", "\"", "\n", "\r"]
    for _ in 0..<500 {
      let columns = Int.random(in: 1...4)
      let table = (0...Int.random(in: 0...5)).map { _ in
        (0..<columns).map { _ in
          (0..<Int.random(in: 0...4)).compactMap { _ in characters.randomElement() }.joined()
        }
      }
      let end = ["\n", "\r\n", "\r"].randomElement() ?? "\n"
      let text = table.map { row in
        row.map { field in
          let isPlain = field.utf8.allSatisfy { !",\"\n\r".utf8.contains($0) } && !field.isEmpty
          if isPlain && Bool.random() { return field }
          return "\"" + field.replacing("\"", with: "\"\"") + "\""
        }.joined(separator: ",") + end
      }.joined()
      #expect(try rows(text.utf8) == table, "\(text.debugDescription)")
    }
  }

  @Test("Fields longer than many blocks, and many rows, are read whole")
  func large() throws {
    let long = String(repeating: "0123456789\n", count: 30_000)
    var text = "a,b\n\"\(long)\",\(String(repeating: "z", count: 200_000))\n"
    for row in 0..<20_000 { text += "\(row),\"v \(row)\"\n" }
    let read = try rows(text.utf8, header: .firstRow)
    #expect(read.count == 20_001)
    #expect(read[0][0] == long)
    #expect(read[0][1].utf8.count == 200_000)
    #expect(read.dropFirst().enumerated().allSatisfy { $1 == ["\($0)", "v \($0)"] })
  }
}
