/// A table in a text file, read row by row as a ``TableDescription`` says, so that it may be larger than
/// the memory.
///
///     let reader = TableReader("load.csv", TableDescription(time: "date", numbers: ["load"]))
///     try reader.forEachRow { rows in print(rows.line, rows.number(0)) }
///
/// libcsv parses it, strictly: nothing is repaired and nothing is dropped that was not asked for.
///
/// - Every row has as many fields as the first one. What is not so is an error that names the line.
/// - Blanks around a number, a time or a missing value do not matter; they are part of anything else.
/// - A blank line is passed over. In a table of one column it is a missing value, but for those before the
///   first row and after the last.
/// - Where every row ends with a delimiter, so that there is one more column, which has no name, that is
///   left out. A cell in it that is not empty is an error.
/// - A number is in decimal notation, such as `-12`, `+3.5` or `1e-3`, in quotes or not, and finite: words
///   such as `nan` and `inf` and hexadecimal numbers are not numbers, unless they are declared to mean a
///   missing value. It is the double nearest to what is written.
public struct TableReader: Sendable {
  /// The file; `-` for standard input.
  public let path: String
  public let description: TableDescription

  /// A reader; the file is not opened yet.
  ///
  /// - Parameters:
  ///   - path: The file, in UTF-8; `-` for standard input, which can be read once.
  ///   - description: How it is written, and what its columns are.
  public init(_ path: String, _ description: TableDescription) {
    description.check()
    (self.path, self.description) = (path, description)
  }

  /// Opens the file and reads the names of the columns.
  ///
  /// - Throws: ``FileError`` or ``CSVError``.
  public func rows() throws -> TableRows { try TableRows(path, description) }

  /// Calls `body` with every row, in the order of the file.
  ///
  /// - Throws: ``FileError``, ``CSVError``, or what `body` throws, which ends the reading. The rows
  ///   before a malformed one have been given to `body` by then.
  public func forEachRow(_ body: (TableRows) throws -> Void) throws {
    let rows = try rows()
    while try rows.next() { try body(rows) }
  }
}
