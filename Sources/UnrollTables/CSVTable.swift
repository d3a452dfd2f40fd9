/// A table in memory: its columns by name.
///
///     let table = try CSVTable("airline-passengers.csv")
///     let passengers = try table.numbers("Passengers")
public struct CSVTable: Sendable {
  public let path: String
  /// The names of the columns.
  public let columns: [String]
  /// The physical line on which each row begins, from 1.
  public let lines: [Int]
  /// The cells, by column and row.
  private let cells: [[String]]

  /// The number of rows, without the header.
  public var count: Int { lines.count }

  /// Reads a table; the parameters are those of ``CSVReader``.
  ///
  /// - Throws: ``FileError`` or ``CSVError``.
  public init(
    _ path: String, dialect: CSVDialect? = nil, header: CSVHeader = .firstRow
  ) throws {
    try self.init(CSVReader(path, dialect: dialect, header: header))
  }

  /// Reads all that a reader reads.
  ///
  /// - Throws: ``FileError`` or ``CSVError``.
  public init(_ reader: CSVReader) throws {
    let rows = try CSVRows(reader)
    var cells = [[String]](repeating: [], count: rows.columns.count)
    var lines: [Int] = []
    while let row = try rows.next() {
      for column in cells.indices { cells[column].append(row.fields[column]) }
      lines.append(row.line)
    }
    self.path = reader.path
    self.columns = rows.columns
    self.lines = lines
    self.cells = cells
  }

  /// The cells of a column, as they are in the file.
  ///
  /// - Throws: ``CSVError`` if no column, or more than one, has that name.
  public func strings(_ column: String) throws -> [String] {
    cells[try CSVColumns(path: path, names: columns).index(of: column)]
  }
}

/// The names of a table's columns, for finding one.
struct CSVColumns {
  let path: String
  let names: [String]

  /// - Throws: `CSVError` if no column, or more than one, has that name.
  func index(of name: String) throws -> Int {
    guard let index = names.firstIndex(of: name) else {
      throw CSVError(path: path, column: name, problem: .noSuchColumn(available: names))
    }
    guard names.lastIndex(of: name) == index else {
      throw CSVError(path: path, column: name, problem: .ambiguousColumn)
    }
    return index
  }
}
