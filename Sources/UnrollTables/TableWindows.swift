import UnrollFiles
import UnrollSeries

/// Windows of the series in a table that may be larger than the memory, in one pass over its rows.
///
///     let windows = TableWindows("load.csv", table, rows: 168 + 24)
///     try windows.forEachWindow { window in
///       learn(window.key, window.number(row: 0, column: 0))
///     }
///
/// Rows of one key are one series, wherever they are in the file: for each key no more than a few windows'
/// rows are kept. No window goes across keys, nor across a gap. Windows come when their last row does.
public struct TableWindows: Sendable {
  /// What becomes of points of time between two rows of a series that have no row.
  public enum Gaps: String, Sendable, Equatable, Codable {
    /// They are an error.
    case refuse
    /// No window goes across them.
    case split
  }

  public let reader: TableReader
  /// The rows of a window: those that are seen and those that are predicted.
  public let rows: Int
  /// The rows from the beginning of one window of a series to that of the next.
  public let stride: Int
  /// How far it is from one row to the next; `nil` for how far it is in the first two rows of the table that
  /// are of one series, since no later ones are known in time.
  public let step: TimeStep?
  public let gaps: Gaps

  /// - Parameters:
  ///   - path: The file; `-` for standard input.
  ///   - description: How it is written, and what its columns are. Missing numbers cannot be interpolated.
  ///   - rows: The rows of a window, at least 1.
  ///   - stride: The rows from the beginning of one window of a series to that of the next, at least 1.
  ///   - step: How far it is from one row to the next; by default as the first rows have it.
  ///   - gaps: What becomes of gaps.
  public init(
    _ path: String, _ description: TableDescription, rows: Int, stride: Int = 1,
    step: TimeStep? = nil, gaps: Gaps = .refuse
  ) {
    require(
      rows >= 1 && stride >= 1,
      "TableWindows: at least one row in a window and from one to the next, not \(rows) and \(stride)"
    )
    require(
      description.columns.allSatisfy { $0.missing != .interpolate },
      "TableWindows: numbers cannot be interpolated in one pass; have them carried forward, or read a "
        + "SeriesTable")
    reader = TableReader(path, description)
    (self.rows, self.stride, self.step, self.gaps) = (rows, stride, step, gaps)
  }

  /// Calls `body` with every window, which is there until `body` returns.
  ///
  /// - Throws: ``FileError``, ``CSVError``, or what `body` throws, which ends the reading.
  public func forEachWindow(_ body: (TableWindow) throws -> Void) throws {
    let windows = try WindowReader(self)
    while let window = try windows.next() { try body(window) }
  }
}

/// Rows of a series that follow one another, oldest first. It is there until the next one.
public struct TableWindow {
  let ring: WindowRing
  let table: TableRows

  /// The key of the series.
  public var key: String { table.keys[table.key] }
  /// The key, as its place among those that have come so far.
  public var keyIndex: Int { table.key }
  /// The physical line on which the last row begins.
  public var lastLine: Int { table.line }
  /// When the last row is; `nil` where there is no column of times.
  public var lastTime: TimeStamp? { table.time }
  /// The rows.
  public var rows: Int { ring.rows }
  /// The numbers of a row, F.
  public var columns: Int { ring.width }
  /// Whether there was a window of the series before it, and no gap since then.
  var followsAnother: Bool { ring.rowsSinceOrigin > ring.rows }

  /// A number, by its row, oldest first, and the place of its column in ``TableRows/numberColumns``.
  public func number(row: Int, column: Int) -> Double {
    withNumbers { $0[row * ring.width + column] }
  }

  /// A category, by its row, oldest first, and the place of its column in ``TableRows/categoryColumns``.
  public func category(row: Int, column: Int) -> String {
    table.categories(of: column)[Int(ring.category(row, column))]
  }

  /// Calls `body` with the numbers, F for each row.
  public func withNumbers<Result>(
    _ body: (UnsafeBufferPointer<Double>) throws -> Result
  ) rethrows -> Result {
    try body(ring.window)
  }
}
