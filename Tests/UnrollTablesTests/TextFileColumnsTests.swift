import Foundation
import TestSupport
import Testing
import UnrollFiles
import UnrollTables
import UnrollText

@Suite("TextFile of columns")
struct TextFileColumnsTests {
  @Test("A missing table is named, and so is an empty one")
  func missing() throws {
    #expect(throws: FileError(path: "/no/such.csv", problem: .missing)) {
      try TextFile.read("/no/such.csv", column: "text")
    }
    try withFile("") { path throws in
      #expect(throws: FileError(path: path, problem: .empty)) {
        try TextFile.read(path, column: "text")
      }
    }
  }

  @Test("What is no table is plain text")
  func plainText() throws {
    let text = try withFile("a,b", extension: "txt") { try TextFile.read($0, column: nil) }
    #expect(text == "a,b")
    let bytes = try withFile([0xFF, 0x00], extension: "bin") {
      try TextFile.bytes($0, .any, column: nil)
    }
    #expect(bytes == [0xFF, 0x00])
  }

  @Test("A column may be read as bytes")
  func bytes() throws {
    let bytes = try withFile("a,b\n1,é\n2,x\n") { try TextFile.bytes($0, .any, column: "b") }
    #expect(bytes == Array("é\nx".utf8))
  }

  @Test("A column longer than the limit is an error")
  func tooLarge() throws {
    try withFile("a\n123\n456\n") { path throws in
      #expect(try TextFile.read(path, column: "a", limit: 7) == "123\n456")
      #expect(throws: FileError(path: path, problem: .tooLarge(limit: 6))) {
        try TextFile.read(path, column: "a", limit: 6)
      }
    }
  }

  @Test("The text of a table is its column's cells, joined by newlines")
  func column() throws {
    let csv = "id,text\r\n1,\"one, \"\"two\"\"\"\r\n2,\"a\nb\"\r\n3,\r\n4, c \r\n"
    for suffix in ["csv", "CSV"] {
      let text = try withFile(csv, extension: suffix) { try TextFile.read($0, column: "text") }
      #expect(text == "one, \"two\"\na\nb\n\n c ")
    }
  }

  @Test("The columns of a table without a header are numbered")
  func numberedColumn() throws {
    let text = try withFile("ham\tsay \"hi\n spam\t\"x\"\n", extension: "tsv") {
      try TextFile.read($0, column: "2", header: .none)
    }
    #expect(text == "say \"hi\n\"x\"")
  }

  @Test("Only tables have columns")
  func columnOfText() throws {
    try withFile("a", extension: "txt") { path throws in
      let error = FileError(path: path, problem: .hasNoColumns(asked: "body"))
      #expect(throws: error) { try TextFile.read(path, column: "body") }
      #expect(
        error.description
          == "\(path): column \"body\" asked for, but only .csv and .tsv files have columns")
    }
  }

  @Test("Of a table a column has to be named")
  func noColumn() throws {
    try withFile("id,text,\"a\nb\"\n1,2,3\n") { path throws in
      let error = CSVError(path: path, problem: .columnNotNamed(available: ["id", "text", "a\nb"]))
      #expect(throws: error) { try TextFile.read(path, column: nil) }
      #expect(
        error.description.hasPrefix(
          "\(path): name the column that holds the text; it has: id, text, \"a\\nb\"; if its first row"
        ))
    }
  }

  @Test("A column that is not there is named along with those that are")
  func wrongColumn() throws {
    let names = (1...22).map { "c\($0)" }
    try withFile(names.joined(separator: ",") + "\n") { path throws in
      let error = CSVError(
        path: path, column: "text", problem: .noSuchColumn(available: names))
      #expect(throws: error) { try TextFile.read(path, column: "text") }
      #expect(
        error.description.hasPrefix(
          "\(path), column \"text\": there is no such column; the file has: c1, c2, "))
      #expect(error.description.contains(", c20 and 2 more; if its first row is no header"))
    }
  }

  @Test("A column without text is an error", arguments: ["a,b\n", "a,b\n1,\n"])
  func noText(csv: String) throws {
    try withFile(csv) { path throws in
      let error = CSVError(path: path, column: "b", problem: .noText)
      #expect(throws: error) { try TextFile.read(path, column: "b") }
      #expect(error.description == "\(path), column \"b\": the column has no text in it")
    }
  }
}
