import UnrollFiles

/// The rows of a table as texts, one after the other, as ``CSVReader`` describes them.
///
/// A class, because it owns an open file and a place in it.
final class CSVRows {
  /// The names of the columns.
  private(set) var columns: [String] = []

  private let records: CSVRecords
  /// Rows that were read to know the columns, last one first.
  private var pending: [CSVRow] = []

  /// Opens the file and reads the columns' names.
  ///
  /// - Throws: `FileError`, or `CSVError` if there is no row or if it is malformed.
  init(_ reader: CSVReader) throws {
    let dialect = reader.dialect
    records = try CSVRecords(
      reader.path,
      CSVLayout(
        delimiter: dialect.delimiter, quote: dialect.quoting == .none ? nil : "\"",
        fieldLimit: reader.fieldLimit))
    var blankLines: [CSVRow] = []
    var first: CSVRow?
    while first == nil, try records.next() {
      let row = CSVRow(fields: records.texts, line: records.line)
      if records.isBlankLine { blankLines.append(row) } else { first = row }
    }
    switch reader.header {
    case .firstRow:
      guard let first else { throw CSVError(path: reader.path, problem: .empty) }
      columns = first.fields
    case .none:
      // Of nothing but blank lines each is a row, of one column.
      let rows = blankLines + (first.map { [$0] } ?? [])
      guard let last = rows.last else { throw CSVError(path: reader.path, problem: .empty) }
      columns = last.fields.indices.map { String($0 + 1) }
      pending = columns.count == 1 ? rows.reversed() : [last]
    }
    records.columns = columns
  }

  /// The next row, with as many fields as there are columns; `nil` after the last one.
  ///
  /// - Throws: `FileError` or `CSVError`; there are no rows after an error.
  func next() throws -> CSVRow? {
    if let row = pending.popLast() { return row }
    while try records.next() {
      if records.isBlankLine, columns.count > 1 { continue }
      guard records.count == columns.count else { throw records.ragged(columns) }
      return CSVRow(fields: records.texts, line: records.line)
    }
    return nil
  }
}

extension CSVRecords {
  /// The error of a row that has more or fewer fields than there are columns.
  func ragged(_ columns: [String]) -> CSVError {
    // Where all of a row is one field, or the header is, what is in it may tell why.
    let whole = columns.count == 1 ? columns[0] : count == 1 ? texts[0] : ""
    return error(
      .ragged(
        expected: columns.count, found: count, otherDelimiter: CSVError.delimiter(in: whole)))
  }
}
