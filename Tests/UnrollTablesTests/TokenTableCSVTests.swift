import TestSupport
import Testing
import UnrollTables
import UnrollText

@Suite("Sentences out of a table")
struct TokenTableCSVTests {
  private func table(_ text: String, sequence: String = "s") throws -> TokenTable {
    let folder = try TemporaryFolder()
    return try TokenTable(CSVTable(folder.write("t.csv", text)), sequence: sequence)
  }

  @Test("Are rows that follow each other with the same sentence")
  func sentences() throws {
    let table = try table("s,word,tag\n1,a,X\n1,\"b,c\",Y\n2,d,X\n1,e,Y\n")
    #expect(try table.column("word") == [["a", "b,c"], ["d"], ["e"]])
    #expect(try table.column("tag") == [["X", "Y"], ["X"], ["Y"]])
    #expect(table.lines == [[2, 3], [4], [5]])
  }

  @Test("What is wrong is told with the line or the column")
  func mistakes() throws {
    let table = try table("s,word,tag,tag\n1,a,X,Y\n1,,X,Y\n")
    for (column, says) in [
      ("tag", "not one column is called \"tag\""),
      ("words", "\"words\"; there are \"s\", \"word\""),
      ("word", "line 3: nothing in column \"word\""),
    ] {
      let error = #expect(throws: TokenTableError.self) { try table.column(column) }
      #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }
    #expect(throws: CSVError.self) { try self.table("a,b\n1,2\n") }
    #expect(throws: (any Error).self) { try self.table("s,word\n") }
  }
}
