import UnrollFiles
import UnrollText

/// The rows of a table, one after the other, as ``CSVReader`` describes them.
///
/// A class, because it owns an open file and a place in it.
final class CSVRows {
  private struct Record {
    var fields: [String]
    var line: Int
    var isBlankLine = false
  }

  /// The names of the columns.
  private(set) var columns: [String] = []

  private let file: InputFile
  private let parser: CSVParser
  private var block: [UInt8] = []
  private var position = 0
  /// The physical line that is read next, from 1: lines end with LF, CRLF or CR.
  private var line = 1
  /// Whether the block before this one ends with a CR, whose LF may come first in this one.
  private var isAfterCarriageReturn = false
  private var isFinished = false
  /// Rows that were read to know the columns, last one first.
  private var pending: [Record] = []

  /// Opens the file and reads the columns' names.
  ///
  /// - Throws: `FileError`, or `CSVError` if there is no row or if it is malformed.
  init(_ reader: CSVReader) throws {
    file = try InputFile(reader.path, .any)
    parser = CSVParser(reader.dialect, fieldLimit: reader.fieldLimit)
    try readFirstBlock()
    var blankLines: [Record] = []
    var first = try nextRecord()
    while let record = first, record.isBlankLine {
      blankLines.append(record)
      first = try nextRecord()
    }
    switch reader.header {
    case .firstRow:
      guard let first else { throw CSVError(path: file.path, problem: .empty) }
      columns = first.fields
    case .none:
      // Of nothing but blank lines each is a row, of one column.
      let rows = blankLines + (first.map { [$0] } ?? [])
      guard let last = rows.last else { throw CSVError(path: file.path, problem: .empty) }
      columns = last.fields.indices.map { String($0 + 1) }
      pending = rows.reversed()
    }
  }

  /// The next row, with as many fields as there are columns; `nil` after the last one.
  ///
  /// - Throws: `FileError` or `CSVError`; there are no rows after an error.
  func next() throws -> CSVRow? {
    while let record = try pending.popLast() ?? nextRecord() {
      if record.isBlankLine, columns.count > 1 { continue }
      guard record.fields.count == columns.count else {
        isFinished = true
        throw CSVError(
          path: file.path, line: record.line,
          problem: .ragged(expected: columns.count, found: record.fields.count))
      }
      return CSVRow(fields: record.fields, line: record.line)
    }
    return nil
  }

  private func nextRecord() throws -> Record? {
    guard !isFinished else { return nil }
    do {
      return try readRecord()
    } catch {
      isFinished = true
      guard let failure = error as? CSVParser.Failure else { throw error }
      let column =
        columns.indices.contains(failure.field)
        ? columns[failure.field] : String(failure.field + 1)
      throw CSVError(
        path: file.path, line: failure.line, column: column, problem: failure.problem)
    }
  }

  private func readRecord() throws -> Record? {
    while true {
      if position == block.count {
        isAfterCarriageReturn = block.last == UInt8(ascii: "\r")
        block = try file.nextBlock()
        position = 0
        guard !block.isEmpty else {
          isFinished = true
          return try parser.finish() ? takeRecord() : nil
        }
        if isAfterCarriageReturn, block[0] == UInt8(ascii: "\n") {
          position = 1
          _ = try parser.parse(block, 0..<1, line: line - 1)
          continue
        }
      }
      let start = position
      let lineEnd = endOfLine(from: start)
      position = lineEnd ?? block.count
      let isBlankLine = parser.isBetweenRows && isLineEnd(block[start])
      let isRow = try parser.parse(block, start..<position, line: line)
      if lineEnd != nil { line += 1 }
      if isBlankLine { return Record(fields: [""], line: line - 1, isBlankLine: true) }
      if isRow { return takeRecord() }
    }
  }

  private func takeRecord() -> Record {
    Record(fields: parser.takeRow(), line: parser.rowLine)
  }

  /// Reads the first block, without a byte-order mark.
  private func readFirstBlock() throws {
    let mark = UTF8Text.byteOrderMark
    while block.count < mark.count, case let more = try file.nextBlock(), !more.isEmpty {
      block += more
    }
    if block.starts(with: mark) { position = mark.count }
    guard position < block.count else { throw FileError(path: file.path, problem: .empty) }
  }

  /// The index after the end of the line, if the line ends in this block.
  private func endOfLine(from start: Int) -> Int? {
    guard let index = block[start...].firstIndex(where: isLineEnd) else { return nil }
    let isPair =
      block[index] == UInt8(ascii: "\r") && index + 1 < block.count
      && block[index + 1] == UInt8(ascii: "\n")
    return index + (isPair ? 2 : 1)
  }

  private func isLineEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }
}
