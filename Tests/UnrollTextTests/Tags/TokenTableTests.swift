import TestSupport
import Testing
import UnrollFiles
import UnrollText

@Suite("Files of tokens")
struct TokenTableTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func table(_ text: String) throws -> TokenTable {
    try TokenTable(conll: folder.write("t.txt", text))
  }

  @Test("Have blank lines between sentences, whatever the ends of lines")
  func sentences() throws {
    for end in ["\n", "\r\n"] {
      let text = ["", "a X 1", "b  Y 2", "", " ", "\t", "c\tZ\t3", ""].joined(separator: end)
      let table = try table(text)
      #expect(try table.column("1") == [["a", "b"], ["c"]])
      #expect(try table.column("3") == [["1", "2"], ["3"]])
      #expect(table.lines == [[2, 3], [7]])
      #expect(table.count == 2 && table.tokenCount == 3)
    }
    #expect(try self.table("\u{FEFF}a b\nc d").column("1") == [["a", "c"]])
  }

  @Test("Tabs keep blanks within a column, and empty ones")
  func tabs() throws {
    let table = try table("New York\tLOC\t_\nis\t\tx\n")
    #expect(try table.column("1") == [["New York", "is"]])
    #expect(try table.column("3") == [["_", "x"]])
    let error = #expect(throws: TokenTableError.self) { try table.column("2") }
    #expect(
      error?.description.hasSuffix("t.txt, line 2: nothing in column \"2\"; fill it in") == true)
  }

  @Test("Comments and -DOCSTART- are left out, and the sign # is a word")
  func comments() throws {
    #expect(
      try self.table("a DT O\n\n# # B-NP\n10 CD I-NP\n").column("1") == [["a"], ["#", "10"]])
    #expect(try self.table("a NN\n\n#b NN\n").column("1") == [["a"], ["#b"]])
    #expect(throws: TokenTableError.self) { try self.table("# a b\n# # b\n") }
    let table = try table(
      "-DOCSTART- -X- O\n\n# a comment\na DT O\n# # I-NP\n#\n-DOCSTART- -X- O\nb NN O\n")
    #expect(try table.column("1") == [["a", "#"], ["b"]])
    #expect(table.lines == [[4, 5], [8]])
    let conllu = try self.table("# sent_id = 1\n# text = a b\n1\ta\tX\n2\tb\tY\n")
    #expect(try conllu.column("2") == [["a", "b"]])
  }

  @Test("What is wrong is told with the line")
  func mistakes() throws {
    let table = try table("a B\nc\n")
    for (column, says) in [
      ("2", "line 2: column 2 is asked for, and there is 1 column"),
      ("3", "line 1: column 3 is asked for, and there are 2 columns"),
      ("0", "numbered from 1"), ("-1", "numbered from 1"), ("word", "\"word\" is no such number"),
    ] {
      let error = #expect(throws: TokenTableError.self) { try table.column(column) }
      #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }
    for empty in ["\n\n", "-DOCSTART- O\n", " \r\n"] {
      let error = #expect(throws: TokenTableError.self) { try self.table(empty) }
      #expect(error?.problem == .noTokens)
    }
    let error = #expect(throws: FileError.self) {
      try TokenTable(conll: folder.write("u.txt", [0x61, 0x0A, 0xFF, 0x0A]))
    }
    #expect(error?.problem == .notUTF8(offset: 2, line: 2))
  }
}
