import TestSupport
import Testing
import UnrollSeries
import UnrollTables

@Suite("TableReader")
struct TableReaderTests {
  @Test("A row has its time, key, numbers, categories, labels and texts")
  func roles() throws {
    let table = TableDescription(columns: [
      TableColumn("when", .time(.pattern("%d.%m.%Y"))), TableColumn("site", .key),
      TableColumn("load", .number), TableColumn("sky", .category), TableColumn("class", .label),
      TableColumn("note", .text), TableColumn("other", .ignored),
    ])
    let text = """
      other,note,class,sky,load,site,when,more
      ?,"a, b",good,clear,1.5,N,01.07.2016,?
      ?,,bad,"rain, wind",-2,S,2.7.2016,?
      ?,c,good,clear, 3 ,N,03.07.2016,?
      """
    try withFile(text) { path throws in
      var seen: [[String]] = []
      let rows = try TableReader(path, table).rows()
      while try rows.next() {
        let time = rows.time.map { TimePattern.iso8601.format($0) } ?? ""
        seen.append([
          "\(rows.line)", time, rows.keys[rows.key], "\(rows.number(0))", rows.category(0),
          rows.label(0), rows.text(0),
        ])
      }
      #expect(
        seen == [
          ["2", "2016-07-01", "N", "1.5", "clear", "good", "a, b"],
          ["3", "2016-07-02", "S", "-2.0", "rain, wind", "bad", ""],
          ["4", "2016-07-03", "N", "3.0", "clear", "good", "c"],
        ])
      #expect(rows.keys == ["N", "S"] && rows.categories(of: 0) == ["clear", "rain, wind"])
    }
  }

  @Test("Several columns of keys tell series apart together")
  func keys() throws {
    let table = TableDescription(keys: ["a", "b"], numbers: ["x"])
    try withFile("a,b,x\np,q,1\np,r,2\np/q,r,3\np,q/r,4\np,q,5\n") { path throws in
      let rows = try TableReader(path, table).rows()
      var keys: [Int] = []
      while try rows.next() { keys.append(rows.key) }
      #expect(keys == [0, 1, 2, 3, 0])
      #expect(Set(rows.keys).count == 4 && rows.keys[0] == "p/q" && rows.keys[2] == "p/q/r")
    }
  }

  @Test("Many categories are told apart")
  func manyCategories() throws {
    let names = (0..<5000).map { "name \($0 * 7919 % 5000)" }
    let text = "c,x\n" + (names + names).map { "\($0),1\n" }.joined()
    try withFile(text) { path throws in
      let rows = try TableReader(path, TableDescription(numbers: ["x"], categories: ["c"])).rows()
      var seen: [String] = []
      while try rows.next() { seen.append(rows.category(0)) }
      #expect(seen == names + names)
      #expect(rows.categories(of: 0) == names)
    }
  }

  /// Expects an error of a table, and its message behind the path.
  private func expect(
    _ text: String, _ table: TableDescription, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try withFile(text) { path throws in
      let error = #expect(throws: CSVError.self, sourceLocation: sourceLocation) {
        try TableReader(path, table).forEachRow { _ in }
      }
      #expect(error?.description == path + message, sourceLocation: sourceLocation)
    }
  }

  @Test("What cannot be read is named with its line and column, and what to do")
  func errors() throws {
    let times = TableDescription(time: "t", .pattern("%d.%m.%Y"), keys: ["k"], numbers: ["x"])
    try expect(
      "t,k,x\n01.07.2016,a,1\n\t32.07.2016,a,1\n", times,
      ", line 3, column \"t\": \"\\t32.07.2016\" is not a point of time as the pattern \"%d.%m.%Y\" has "
        + "them; correct it, or give the pattern that it is written by")
    try expect(
      "t,k,x\n,a,1\n", times,
      ", line 2, column \"t\": the time is missing; fill it in, or leave the row out")
    try expect(
      "t,k,x\n01.07.2016,,1\n", times,
      ", line 2, column \"k\": the key is missing; fill it in, or leave the row out")
    try expect(
      "t,k,x\n01.07.2016,a,1 0\n", times,
      ", line 2, column \"x\": \"1 0\" is not a number; correct it, or declare it to mean a missing value"
    )
    try expect(
      "c,x\n,1\n", TableDescription(columns: [TableColumn("c", .label)]),
      ", line 2, column \"c\": the label is missing; fill it in, or leave the row out")
  }

  @Test("Missing numbers are NaN, and are told by an indicator where that is asked for")
  func indicators() throws {
    let table = TableDescription(columns: [
      TableColumn("x", .number, missing: .indicate), TableColumn("y", .number, missing: .keep),
    ])
    try withFile("x,y\n1,\n,2\n") { path throws in
      let rows = try TableReader(path, table).rows()
      #expect(rows.numberColumns == ["x", "x is missing", "y"])
      #expect(try rows.next())
      #expect(rows.number(0) == 1 && rows.number(1) == 0 && rows.number(2).isNaN)
      #expect(try rows.next())
      #expect(rows.number(0).isNaN && rows.number(1) == 1 && rows.number(2) == 2)
      #expect(try !rows.next())
      #expect(try !rows.next())
    }
  }

  @Test("A line end that two blocks share is one, in a table of one column too")
  func sharedLineEnd() throws {
    // The CR is the last byte of a block.
    let first = String(repeating: "9", count: 10)
    let comment = String(repeating: "-", count: 64 * 1024 - first.utf8.count - 7)
    let text = "x\r\n#\(comment)\r\n\(first)\r\n2\r\n\r\n3\r\n"
    #expect(text.utf8.prefix(64 * 1024).last == UInt8(ascii: "\r"))
    var table = TableDescription(numbers: ["x"], missing: .keep)
    table.comment = "#"
    try withFile(text) { path throws in
      var seen: [Int: Double] = [:]
      try TableReader(path, table).forEachRow {
        seen[$0.line] = $0.number(0).isNaN ? -1 : $0.number(0)
      }
      #expect(seen == [3: 9_999_999_999, 4: 2, 5: -1, 6: 3])
    }
    let comments = "#\(String(repeating: "-", count: 64 * 1024 - 5))\r\n1\r\n"
    try withFile("x\r\n" + comments) { path throws in
      var numbers: [Double] = []
      try TableReader(path, table).forEachRow { numbers.append($0.number(0)) }
      #expect(numbers == [1])
    }
  }

  @Test("A field that is UTF-8 in its first block only is an error of the line on which it begins")
  func laterBlock() throws {
    let start = "c,x\n\"" + String(repeating: "-\n", count: 40_000)
    let table = TableDescription(numbers: ["x"], categories: ["c"])
    for (end, isUTF8) in [([0xC3, 0xA9], true), ([0xE9], false)] as [([UInt8], Bool)] {
      try withFile(Array(start.utf8) + end + Array("\",1\n".utf8)) { path throws in
        var count = 0
        do {
          try TableReader(path, table).forEachRow { _ in count += 1 }
          #expect(isUTF8 && count == 1)
        } catch {
          #expect(
            !isUTF8
              && error as? CSVError == CSVError(path: path, line: 2, column: "c", problem: .notUTF8)
          )
        }
      }
    }
  }

  @Test("Wherever a block ends, rows are the same", arguments: ["\n", "\r\n", "\r"])
  func blocks(end: String) throws {
    var table = TableDescription(keys: ["k"], numbers: ["x"])
    table.comment = "#"
    for footers in [0, 2] {
      table.footerLines = footers
      for padding in 0..<40 {
        var text = "k,x\(end)#" + String(repeating: "-", count: 65_470 + padding) + end
        for row in 0..<20 { text += "\"k \"\"\(row)\"\"\", \(row)\(end)#\"\(end)" }
        if footers > 0 { text += "\"x\(end)\(end)y" }
        try withFile(text) { path throws in
          let rows = try TableReader(path, table).rows()
          var numbers: [Double] = []
          while try rows.next() {
            #expect(rows.keys[rows.key] == "k \"\(numbers.count)\"")
            #expect(rows.line == 3 + 2 * numbers.count)
            numbers.append(rows.number(0))
          }
          #expect(numbers == (0..<20).map { Double($0) }, "\(padding)")
        }
      }
    }
  }
}
