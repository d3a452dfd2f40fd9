/// Text from files: plain text, or one column of a table.
public enum TextFile {
  /// Reads a text.
  ///
  /// The file must be UTF-8; a leading byte-order mark is dropped, and nothing else is changed. Of
  /// a file whose name ends in `.csv` or `.tsv` the text is that of one column: its cells, joined
  /// by newlines, without the header.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - column: The column that holds the text, for `.csv` and `.tsv` only.
  ///   - header: Whether the first row of a table names the columns; where it does not, they are
  ///     called "1", "2" and so on.
  ///   - limit: The longest text to accept, in bytes.
  /// - Throws: ``FileError`` for a file that is missing, a directory, unreadable, empty, too large
  ///   or not UTF-8; ``CSVError`` for a table that is malformed, has no such column or no rows.
  public static func read(
    _ path: String, column: String? = nil, header: CSVHeader = .firstRow, limit: Int = 1 << 30
  ) throws -> String {
    guard try isTable(path, column: column) else {
      return String(decoding: try plainBytes(path, .utf8, limit: limit), as: UTF8.self)
    }
    return try cells(of: CSVReader(path, header: header), column: column, limit: limit)
  }

  /// What the bytes of a file have to be.
  public enum Encoding: Sendable {
    case utf8
    /// Anything; for a vocabulary of bytes.
    case any
  }

  /// Reads a text as its bytes: a long text takes half of the memory that ``read(_:column:header:limit:)``
  /// needs while it reads.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - encoding: What the bytes have to be. A table is UTF-8 always.
  ///   - column: The column that holds the text, for `.csv` and `.tsv` only.
  ///   - header: Whether the first row of a table names the columns.
  ///   - limit: The longest text to accept, in bytes.
  /// - Throws: as ``read(_:column:header:limit:)``.
  public static func bytes(
    _ path: String, _ encoding: Encoding = .utf8, column: String? = nil,
    header: CSVHeader = .firstRow, limit: Int = 1 << 30
  ) throws -> [UInt8] {
    guard try isTable(path, column: column) else {
      return try plainBytes(path, encoding, limit: limit)
    }
    return Array(
      try cells(of: CSVReader(path, header: header), column: column, limit: limit).utf8)
  }

  private static func isTable(_ path: String, column: String?) throws -> Bool {
    if CSVDialect(forPath: path) != nil { return true }
    if let column { throw FileError(path: path, problem: .hasNoColumns(asked: column)) }
    return false
  }

  /// The bytes of a file, without a byte-order mark.
  private static func plainBytes(
    _ path: String, _ encoding: Encoding, limit: Int
  ) throws -> [UInt8] {
    let file = try FileBytes(path)
    let tooLarge = FileError(path: path, problem: .tooLarge(limit: limit))
    let mark = FileBytes.byteOrderMark
    guard (file.size ?? 0) - mark.count <= limit else { throw tooLarge }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(file.size ?? 0)
    var (isAtStart, markCount) = (true, 0)
    while case let block = try file.nextBlock(), !block.isEmpty {
      bytes += block
      // A pipe may give less than the mark at first.
      if isAtStart, bytes.count >= mark.count {
        isAtStart = false
        if bytes.starts(with: mark) {
          bytes.removeFirst(mark.count)
          markCount = mark.count
        }
      }
      guard bytes.count <= limit else { throw tooLarge }
    }
    guard !bytes.isEmpty else { throw FileError(path: path, problem: .empty) }
    if encoding == .utf8 {
      let problem = bytes.withUnsafeBufferPointer { bytes in
        UTF8Text.firstInvalid(in: bytes).map { offset in
          FileError.Problem.notUTF8(
            offset: offset + markCount, line: UTF8Text.line(of: offset, in: bytes).number)
        }
      }
      if let problem { throw FileError(path: path, problem: problem) }
    }
    return bytes
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
