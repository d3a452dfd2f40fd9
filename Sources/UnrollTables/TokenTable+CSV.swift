import UnrollText

extension TokenTable {
  /// Sentences out of a table with a token in each row: rows that follow each other and have the same in the column
  /// `sequence` are one sentence.
  ///
  /// - Parameters:
  ///   - table: the table.
  ///   - sequence: the name of the column that tells sentences apart.
  /// - Throws: ``CSVError`` if there is no such column, and ``TokenTableError`` where there are no rows.
  public init(_ table: CSVTable, sequence: String) throws {
    let sentences = try table.strings(sequence)
    guard !sentences.isEmpty else { throw TokenTableError(table.path, problem: .noTokens) }
    // A name that two columns have names neither.
    let names = table.columns.filter { name in table.columns.count { $0 == name } == 1 }
    let columns = try names.map { try table.strings($0) }
    self.init(
      path: table.path, columns: names,
      rows: sentences.indices.map { row in
        (sentences[row], columns.map { $0[row] }, table.lines[row])
      })
  }
}
