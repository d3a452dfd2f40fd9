import UnrollFiles
import UnrollText

extension TextFile {
  /// Reads a text that may be a column of a table: of a file whose name ends in `.csv` or `.tsv` it is
  /// the cells of one column, joined by newlines, without the header. Any other file is plain text.
  ///
  /// - Parameters:
  ///   - path: The file, in UTF-8.
  ///   - column: The column that holds the text, for `.csv` and `.tsv` only.
  ///   - header: Whether the first row of a table names the columns; where it does not, they are
  ///     called "1", "2" and so on.
  ///   - limit: The longest text to accept, in bytes.
  /// - Throws: ``FileError`` for a file that is missing, a directory, unreadable, empty, too large
  ///   or not UTF-8; ``CSVError`` for a table that is malformed, has no such column or no rows, or
  ///   where no column is named.
  public static func read(
    _ path: String, column: String?, header: CSVHeader = .firstRow, limit: Int = 1 << 30
  ) throws -> String {
    guard try isTable(path, column: column) else { return try read(path, limit: limit) }
    return try cells(of: CSVReader(path, header: header), column: column, limit: limit)
  }

  /// Reads a text that may be a column of a table, as its bytes.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - encoding: What the bytes of plain text have to be. A table is UTF-8 always.
  ///   - column: The column that holds the text, for `.csv` and `.tsv` only.
  ///   - header: Whether the first row of a table names the columns.
  ///   - limit: The longest text to accept, in bytes.
  /// - Throws: as ``read(_:column:header:limit:)``.
  public static func bytes(
    _ path: String, _ encoding: Encoding = .utf8, column: String?,
    header: CSVHeader = .firstRow, limit: Int = 1 << 30
  ) throws -> [UInt8] {
    guard try isTable(path, column: column) else {
      return try bytes(path, encoding, limit: limit)
    }
    return Array(
      try cells(of: CSVReader(path, header: header), column: column, limit: limit).utf8)
  }

  private static func isTable(_ path: String, column: String?) throws -> Bool {
    if CSVDialect(forPath: path) != nil { return true }
    if let column { throw FileError(path: path, problem: .hasNoColumns(asked: column)) }
    return false
  }

  private static func cells(of reader: CSVReader, column: String?, limit: Int) throws -> String {
    let rows = try CSVRows(reader)
    let names = CSVColumns(path: reader.path, names: rows.columns)
    guard let column else {
      throw CSVError(path: reader.path, problem: .columnNotNamed(available: names.names))
    }
    let index = try names.index(of: column)
    var text = ""
    var isFirst = true
    while let row = try rows.next() {
      if !isFirst { text.append("\n") }
      text.append(row.fields[index])
      isFirst = false
      guard text.utf8.count <= limit else {
        throw FileError(path: reader.path, problem: .tooLarge(limit: limit))
      }
    }
    guard !text.isEmpty else {
      throw CSVError(path: reader.path, column: column, problem: .noText)
    }
    return text
  }
}
