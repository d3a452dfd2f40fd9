import Testing
import UnrollTables

@Suite("CSVDialect")
struct CSVDialectTests {
  @Test("The name of a file tells its dialect")
  func byName() {
    #expect(CSVDialect(forPath: "a/b.csv") == .csv)
    #expect(CSVDialect(forPath: "B.TSV") == .tsv)
    #expect(CSVDialect(forPath: "csv") == nil)
    #expect(CSVDialect(forPath: "a.csv.txt") == nil)
    #expect(CSVDialect.csv != .tsv)
  }

  @Test("What cannot separate fields traps", arguments: ["\"", "\n", "\r", "\0", "é"])
  func wrongDelimiter(delimiter: String) async {
    await #expect(processExitsWith: .failure) { [delimiter] in
      for scalar in delimiter.unicodeScalars { _ = CSVDialect(delimiter: scalar) }
    }
  }
}
