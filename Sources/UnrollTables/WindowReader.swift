import UnrollSeries

/// The windows of a table, one after the other.
///
/// A class, because it owns the memory that windows are in, and a place in a file.
final class WindowReader {
  let table: TableRows
  private let windows: TableWindows
  private var clock: RowClock
  /// The columns whose missing numbers are filled in.
  private let fillers: [(column: Int, policy: (missing: MissingNumbers, column: String))]
  /// By key.
  private var rings: [WindowRing] = []

  /// Opens the file.
  ///
  /// - Throws: ``FileError`` or ``CSVError``.
  init(_ windows: TableWindows) throws {
    self.windows = windows
    table = try windows.reader.rows()
    let time = windows.reader.description.columns.first {
      if case .time = $0.role { true } else { false }
    }
    clock = RowClock(
      path: windows.reader.path, column: time?.name, step: windows.step, gaps: windows.gaps)
    fillers = table.policies.enumerated().compactMap { column, policy in
      policy.flatMap { $0.missing == .carryForward || $0.missing == .indicate ? (column, $0) : nil }
    }
  }

  /// The most rows of a series since its last gap.
  var longest: Int { rings.reduce(0) { max($0, $1.rowsSinceOrigin) } }

  deinit { for ring in rings { ring.deallocate() } }

  /// The next window, which is there until the one after it is asked for; `nil` after the last one.
  ///
  /// - Throws: ``FileError`` or ``CSVError``; there are no windows after an error.
  func next() throws -> TableWindow? {
    while try table.next() {
      let key = table.key
      while rings.count <= key {
        rings.append(
          WindowRing(
            rows: windows.rows, stride: windows.stride, numbers: table.numberColumns.count,
            categories: table.categoryColumns.count))
      }
      if try clock.isBeginning(table, after: rings[key]) { rings[key].removeAll() }
      for (column, policy) in fillers where table.numbers[column].isNaN {
        guard let filled = rings[key].last(column) ?? (policy.missing == .indicate ? 0 : nil) else {
          throw clock.error(
            table.line, column: policy.column, .nothingToCarry(series: table.keys[key]))
        }
        table.numbers[column] = filled
      }
      if rings[key].append(table) { return TableWindow(ring: rings[key], table: table) }
    }
    return nil
  }
}
