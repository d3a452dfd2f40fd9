import TestSupport
import Testing
import UnrollTables

@Suite("CSVError")
struct CSVErrorTests {
  /// Expects an error, and its message without the path.
  func expect(
    _ text: some Sequence<UInt8>, line: Int, column: String?, _ problem: CSVError.Problem,
    _ message: String, extension suffix: String = "csv", header: CSVHeader = .firstRow,
    fieldLimit: Int = 1 << 20, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try withFile(text, extension: suffix) { path throws in
      let error = #expect(throws: CSVError.self, sourceLocation: sourceLocation) {
        try CSVReader(path, header: header, fieldLimit: fieldLimit).forEachRow { _ in }
      }
      #expect(
        error == CSVError(path: path, line: line, column: column, problem: problem),
        sourceLocation: sourceLocation)
      #expect(error?.description == path + message, sourceLocation: sourceLocation)
    }
  }

  @Test("A row with too few or too many fields is an error, even at the end")
  func ragged() throws {
    try expect(
      "a,b\n1,2\n\n\"x\ny\"\n".utf8, line: 4, column: nil, .ragged(expected: 2, found: 1),
      ", line 4: 1 field where the first row has 2; "
        + "correct the row, or quote the field that has a delimiter in it")
    try expect(
      "a,b\n1,2,3".utf8, line: 2, column: nil, .ragged(expected: 2, found: 3),
      ", line 2: 3 fields where the first row has 2; "
        + "correct the row, or quote the field that has a delimiter in it")
    try expect(
      "a\nb,\n".utf8, line: 2, column: nil, .ragged(expected: 1, found: 2),
      ", line 2: 2 fields where the first row has 1; "
        + "correct the row, or quote the field that has a delimiter in it", header: .none)
  }

  // The first was found by the fuzzer.
  @Test(
    "What ends a line is not let into a message", arguments: ["\u{85}", "\u{2028}", "\u{2029}"])
  func lineEnds(character: String) throws {
    try withFile("\(character)\n\"y\"\n\n".utf8, extension: "csv") { path throws in
      let table = try CSVTable(path, header: .none)
      var error = #expect(throws: CSVError.self) { try table.numbers("1") }
      #expect(error?.description.contains(where: \.isNewline) == false)
      error = #expect(throws: CSVError.self) { try table.numbers(character) }
      #expect(error?.description.contains(where: \.isNewline) == false)
    }
  }

  @Test("A line of blanks is a row of one field")
  func lineOfBlanks() throws {
    try expect(
      "a,b\n1,2\n  \n".utf8, line: 3, column: nil, .ragged(expected: 2, found: 1),
      ", line 3: 1 field where the first row has 2; "
        + "correct the row, or quote the field that has a delimiter in it")
  }

  @Test("A quote that is never closed is an error on the line where it opens")
  func unclosedQuote() throws {
    let message =
      "the quote that opens this field is never closed; close it, or read the file without quoting"
    let rest = String(repeating: "3,4\n", count: 50_000)
    try expect(
      "a,b\n1,2\n\n3,\"4\n\(rest)".utf8, line: 4, column: "b", .unclosedQuote,
      ", line 4, column \"b\": " + message)
    try expect(
      "a,\"".utf8, line: 1, column: "2", .unclosedQuote, ", line 1, column \"2\": " + message)
    try expect(
      "\"a\n\",\"b\r\n".utf8, line: 2, column: "2", .unclosedQuote,
      ", line 2, column \"2\": " + message)
  }

  @Test("Text after a closing quote is an error that says where the field begins")
  func textAfterQuote() throws {
    for text in ["a,b\n1,\"x\n\ny\"z,3\n", "a,b\n1,\"x\n\ny\" ,3\n"] {
      try expect(
        text.utf8, line: 4, column: "b", .textAfterQuote(opened: 2),
        ", line 4, column \"b\": text after the closing quote of a field that begins on line 2; "
          + "double the quotes inside a quoted field, or read the file without quoting")
    }
  }

  @Test("A quote inside an unquoted field is an error, also after a blank")
  func quoteInField() throws {
    for text in ["a,b\n1,5\"\n", "a,b\n1, \"2\"\n"] {
      try expect(
        text.utf8, line: 2, column: "b", .quoteInUnquotedField,
        ", line 2, column \"b\": a quote inside a field that does not begin with one; "
          + "put the whole field in quotes and double those inside, "
          + "or read the file without quoting")
    }
  }

  @Test("A field longer than the limit is an error, and one as long is not")
  func fieldTooLong() throws {
    let limit = 70_000
    let message =
      "the field is longer than the limit of 70000 bytes; look for a quote that is not closed, "
      + "or raise the limit"
    let fits = String(repeating: "x", count: limit)
    for text in [
      "a,b\n\(fits),2\n", "a,b\n\"\(fits)\",2\n", "a,b\n2,\(fits)", "a,b\n2,\"\(fits)\"",
    ] {
      try withFile(text) { path throws in
        var count = 0
        try CSVReader(path, fieldLimit: limit).forEachRow { _ in count += 1 }
        #expect(count == 1)
      }
    }
    for text in ["a,b\n1,\(fits)y\n", "a,b\n1,\"\(fits)y\"\n", "a,b\n1,\(fits)y"] {
      try expect(
        text.utf8, line: 2, column: "b", .fieldTooLong(limit: limit),
        ", line 2, column \"b\": " + message, fieldLimit: limit)
    }
    let lines = String(repeating: "0123456789\n", count: 100_000)
    try expect(
      "a,b\n1,2\n\"\(lines)".utf8, line: 3, column: "a", .fieldTooLong(limit: limit),
      ", line 3, column \"a\": " + message, fieldLimit: limit)
  }

  @Test("A field as long as the limit may end with its quote at the end of a block")
  func limitAtBlockEnd() throws {
    let limit = 64 * 1024 - 2
    try withFile("\"" + String(repeating: "x", count: limit) + "\"\n") { path throws in
      #expect(try CSVReader(path, header: .none, fieldLimit: limit).columns() == ["1"])
    }
  }

  @Test("A field that is not UTF-8 is an error", arguments: ["csv", "tsv"])
  func notUTF8(suffix: String) throws {
    let comma = UInt8(ascii: suffix == "csv" ? "," : "\t")
    let bytes = [0x61, comma, 0x62, 0x0A, 0x31, comma, 0xFF, 0x78, 0xFF, 0x0A]
    try expect(
      bytes, line: 2, column: "b", .notUTF8,
      ", line 2, column \"b\": the field is not UTF-8; convert the file to UTF-8",
      extension: suffix)
  }

  @Test("A NUL byte is an error, quoted or not, and in a .tsv too", arguments: ["csv", "tsv"])
  func nulByte(suffix: String) throws {
    let comma = suffix == "csv" ? "," : "\t"
    let quote = suffix == "csv" ? "\"" : ""
    for field in ["\0x\0", "x\0", "\(quote)x\0\(quote)"] {
      try expect(
        "a\(comma)b\n1\(comma)2\n3\(comma)\(field)\n".utf8, line: 3, column: "b", .nulByte,
        ", line 3, column \"b\": the field has a NUL byte; "
          + "convert the file to UTF-8, or remove the byte", extension: suffix)
    }
  }

  @Test("An error in the header names the column by its number")
  func inHeader() throws {
    try expect(
      "a,b\0\n".utf8, line: 1, column: "2", .nulByte,
      ", line 1, column \"2\": the field has a NUL byte; "
        + "convert the file to UTF-8, or remove the byte")
  }

  @Test("The rows before an error have been given")
  func rowsBefore() throws {
    try withFile("a,b\n1,2\n3,4\n5\n7,8\n") { path throws in
      var seen: [Int] = []
      #expect(throws: CSVError.self) {
        try CSVReader(path).forEachRow { seen.append($0.line) }
      }
      #expect(seen == [2, 3])
    }
  }
}
