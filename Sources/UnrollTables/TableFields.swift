/// The rows of a table as bytes, each with as many fields as there are columns.
final class TableFields {
  /// The names of the columns, without one that is there because rows end with a delimiter.
  private(set) var columns: [String] = []
  /// The physical line on which the row begins.
  private(set) var line = 0
  let records: CSVRecords

  /// The fields of a row, with the one behind a last delimiter.
  private var fieldCount = 0
  /// Whether the records' row has been read and is the next one, or the next one after blank lines.
  private var isPending = false
  /// Whether the row is a blank line of a table with one column.
  private(set) var isBlank = false
  /// The blank lines before the records' row, last one first.
  private var blankLines: [Int] = []

  /// - Throws: `FileError`, or `CSVError` where there is no row, or the first one is malformed.
  init(_ path: String, _ description: TableDescription) throws {
    records = try CSVRecords(
      path,
      CSVLayout(
        delimiter: description.delimiter, quote: description.quote,
        skippedLines: description.skippedLines, footerLines: description.footerLines,
        comment: description.comment.map { UInt8(ascii: $0) }, fieldLimit: description.fieldLimit))
    repeat {
      guard try records.next() else { throw CSVError(path: path, problem: .empty) }
    } while records.isBlankLine
    fieldCount = records.count
    let isLastEmpty = fieldCount > 1 && records.row[fieldCount - 1].isEmpty
    switch description.header {
    case .firstRow:
      columns = records.texts
      if isLastEmpty { columns.removeLast() }
    case .none:
      columns = (1...fieldCount).map { String($0) }
      isPending = true
    case .names(let names):
      guard fieldCount == names.count || fieldCount == names.count + 1 && isLastEmpty else {
        throw records.error(.namesForOtherColumns(given: names.count, found: fieldCount))
      }
      columns = names
      isPending = true
    }
    records.columns = columns
  }

  /// The bytes of a field, until the next row is read.
  @inline(__always)
  subscript(index: Int) -> UnsafeRawBufferPointer {
    isBlank ? UnsafeRawBufferPointer(start: nil, count: 0) : records.row[index]
  }

  /// Reads the next row.
  ///
  /// - Returns: Whether there is one.
  /// - Throws: `FileError` or `CSVError`; there are no rows after an error.
  @inline(__always)
  func next() throws -> Bool {
    if fieldCount == 1, try nextIsBlank() { return true }
    repeat {
      if isPending { break }
      guard try records.next() else { return false }
    } while records.isBlankLine
    isPending = false
    line = records.line
    guard records.count == fieldCount else { throw records.ragged(columns) }
    if fieldCount > columns.count, !records.row[fieldCount - 1].isEmpty {
      throw records.error(.afterLastColumn(records.row.text(fieldCount - 1)))
    }
    return true
  }

  /// Of a table with one column, reads on to the next row, which is pending then.
  ///
  /// - Returns: Whether a blank line is to be the next one.
  private func nextIsBlank() throws -> Bool {
    if !isPending {
      while try records.next() {
        isPending = !records.isBlankLine
        if isPending { break }
        blankLines.append(records.line)
      }
      // There is no row behind those at the end.
      if !isPending { blankLines = [] } else { blankLines.reverse() }
    }
    isBlank = !blankLines.isEmpty
    if let blank = blankLines.popLast() { line = blank }
    return isBlank
  }

  /// Ends the reading with an error about a cell.
  func error(_ column: Int, _ problem: CSVError.Problem) -> CSVError {
    records.error(line: line, column: columns[column], problem)
  }
}
