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
    guard CSVDialect(forPath: path) != nil else {
      if let column { throw FileError(path: path, problem: .hasNoColumns(asked: column)) }
      return try plainText(path, limit: limit)
    }
    return try cells(of: CSVReader(path, header: header), column: column, limit: limit)
  }

  private static func plainText(_ path: String, limit: Int) throws -> String {
    let file = try FileBytes(path)
    var bytes: [UInt8] = []
    while case let block = try file.nextBlock(), !block.isEmpty {
      guard bytes.count + block.count <= limit else {
        throw FileError(path: path, problem: .tooLarge(limit: limit))
      }
      bytes += block
    }
    let mark = FileBytes.byteOrderMark
    let content = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    guard !content.isEmpty else { throw FileError(path: path, problem: .empty) }
    guard let text = String(validating: content, as: UTF8.self) else {
      let offset = content.startIndex + firstInvalidByte(in: content)
      throw FileError(path: path, problem: .notUTF8(offset: offset))
    }
    return text
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

  /// The offset of the first byte that no UTF-8 text can have at its place; where a sequence is
  /// cut short, that of its first byte.
  private static func firstInvalidByte(in bytes: ArraySlice<UInt8>) -> Int {
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var offset = 0
    while case .valid(let scalar) = parser.parseScalar(from: &rest) { offset += scalar.count }
    return offset
  }
}
