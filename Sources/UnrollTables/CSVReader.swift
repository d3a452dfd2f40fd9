/// A table in a text file, read row by row, so that it may be larger than the memory.
///
/// libcsv parses it, strictly: nothing is repaired and nothing is dropped. Every row has as many
/// fields as the first one; blanks around a field are part of it; a quoted field may span lines; a
/// leading byte-order mark is not part of the first field. What is not so is a ``CSVError`` that
/// names the line.
///
/// A blank line has no fields, so between the rows of a table with several columns it is passed
/// over. In a table with one column it is a row whose field is empty, also at the end of the file;
/// only those before a header are passed over. So a file of nothing but blank lines is a table of
/// one column where there is no header, and one without a row, which is an error, where there is.
///
///     let reader = CSVReader("weather.csv")
///     try reader.forEachRow { row in print(row.line, row.fields) }
public struct CSVReader: Sendable {
  public let path: String
  public let dialect: CSVDialect
  public let header: CSVHeader
  /// The longest field to accept, in bytes.
  public let fieldLimit: Int

  /// A reader; the file is not opened yet.
  ///
  /// - Parameters:
  ///   - path: The file; `-` for standard input, which can be read once.
  ///   - dialect: How it is written; by default as its name says, and ``CSVDialect/csv`` where that
  ///     says nothing.
  ///   - header: Whether the first row names the columns.
  ///   - fieldLimit: The longest field to accept, in bytes: 16 MiB by default.
  public init(
    _ path: String, dialect: CSVDialect? = nil, header: CSVHeader = .firstRow,
    fieldLimit: Int = 16 << 20
  ) {
    self.path = path
    self.dialect = dialect ?? CSVDialect(forPath: path) ?? .csv
    self.header = header
    self.fieldLimit = fieldLimit
  }

  /// The names of the columns; "1", "2" and so on where there is no header. No more than the first
  /// row is parsed.
  ///
  /// - Throws: ``FileError`` or ``CSVError``.
  public func columns() throws -> [String] {
    try CSVRows(self).columns
  }

  /// Calls `body` for each row after the header, in the order of the file.
  ///
  /// - Throws: ``FileError``, ``CSVError``, or what `body` throws, which ends the reading. The rows
  ///   before a malformed one have been given to `body` by then.
  public func forEachRow(_ body: (CSVRow) throws -> Void) throws {
    let rows = try CSVRows(self)
    while let row = try rows.next() { try body(row) }
  }
}

/// One row of a table.
public struct CSVRow: Equatable, Sendable {
  /// The fields, one for each column, without the quotes around them.
  public let fields: [String]
  /// The physical line on which the row begins, from 1.
  public let line: Int
}
