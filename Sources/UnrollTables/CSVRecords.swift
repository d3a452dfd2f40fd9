/// How a file is cut into rows, beside what separates fields.
struct CSVLayout {
  var delimiter: Unicode.Scalar
  var quote: Unicode.Scalar?
  /// The physical lines at the beginning that are no part of the table.
  var skippedLines = 0
  /// The physical lines at the end that are no part of the table, blank ones not counted.
  var footerLines = 0
  /// What a line begins with that is no part of the table.
  var comment: UInt8?
  var fieldLimit: Int
}

/// The rows of a file as bytes, one after the other.
final class CSVRecords {
  /// The names of the columns, for errors.
  var columns: [String] = []
  /// The physical line on which the row begins.
  private(set) var line = 0
  /// Whether the row is a line without anything on it, which then is one empty field.
  private(set) var isBlankLine = false

  let path: String
  private let lines: CSVLines
  /// Lines that are held back, since they may be those at the end; `nil` where none is to be.
  private let footer: HeldLines?
  private let parser: CSVParser
  private let skippedLines: Int
  private let comment: UInt8?
  private var isInComment = false
  private var isFinished = false

  /// - Throws: `FileError`, or `CSVError` where the file is UTF-16.
  init(_ path: String, _ layout: CSVLayout) throws {
    self.path = path
    lines = try CSVLines(path, delimiter: layout.delimiter)
    footer = layout.footerLines > 0 ? HeldLines(layout.footerLines, layout.fieldLimit) : nil
    parser = CSVParser(
      delimiter: layout.delimiter, quote: layout.quote, fieldLimit: layout.fieldLimit)
    skippedLines = layout.skippedLines
    comment = layout.comment
  }

  /// The fields of the row, until the next one is read. A blank line has none.
  @inline(__always)
  var row: RowBytes { parser.row }

  /// The number of fields.
  @inline(__always)
  var count: Int { isBlankLine ? 1 : parser.row.count }

  /// The fields as texts.
  var texts: [String] { isBlankLine ? [""] : row.texts }

  /// Reads the next row.
  ///
  /// - Returns: Whether there is one.
  /// - Throws: `FileError` or `CSVError`; there are no rows after an error.
  func next() throws -> Bool {
    guard !isFinished else { return false }
    do {
      return try readRecord()
    } catch {
      isFinished = true
      guard let failure = error as? CSVParser.Failure else { throw error }
      let column =
        columns.indices.contains(failure.field)
        ? columns[failure.field] : String(failure.field + 1)
      throw CSVError(path: path, line: failure.line, column: column, problem: failure.problem)
    }
  }

  /// Ends the reading with an error about the row, or about that of another line.
  func error(
    line: Int? = nil, column: String? = nil, _ problem: CSVError.Problem
  ) -> CSVError {
    isFinished = true
    return CSVError(path: path, line: line ?? self.line, column: column, problem: problem)
  }

  @inline(__always)
  private func nextPiece() throws -> CSVLines.Piece? {
    if let footer { return try footer.next(lines) }
    return try lines.next()
  }

  private func readRecord() throws -> Bool {
    while let piece = try nextPiece() {
      if piece.line <= skippedLines { continue }
      if comment != nil, isComment(piece) { continue }
      if parser.isBetweenRows, piece.isLineEnd {
        // What the rest of a line end ends has been taken.
        if piece.isRestOfLineEnd { continue }
        (line, isBlankLine) = (piece.line, true)
        return true
      }
      if try parser.parse(piece) {
        (line, isBlankLine) = (parser.rowLine, false)
        return true
      }
    }
    isFinished = true
    guard try parser.finish() else { return false }
    (line, isBlankLine) = (parser.rowLine, false)
    return true
  }

  private func isComment(_ piece: CSVLines.Piece) -> Bool {
    if !isInComment, parser.isBetweenRows, piece.bytes[0] == comment { isInComment = true }
    defer { if piece.endsLine { isInComment = false } }
    return isInComment
  }
}

extension RowBytes {
  /// The fields as texts.
  var texts: [String] { (0..<count).map(text) }
}
