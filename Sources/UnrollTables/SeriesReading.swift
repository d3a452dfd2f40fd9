import UnrollSeries

/// How rows become series.
public struct SeriesReading: Sendable, Equatable {
  public enum Order: String, Sendable, Equatable, Codable {
    /// The rows of a series are in the order of time; what is not is an error.
    case asWritten
    /// They are sorted by time.
    case sorted
  }

  /// What becomes of points of time between two rows of a series that have no row.
  public enum Gaps: String, Sendable, Equatable, Codable {
    /// They are an error.
    case refuse
    /// They get a row each, whose numbers are missing and whose categories are those before.
    case fillMissing
    /// The series is split there, see ``TimeSeries/part``.
    case split
  }

  public var order: Order
  /// How far it is from one row to the next; `nil` for what most rows have, and of what as many have, the
  /// shortest.
  public var step: TimeStep?
  public var gaps: Gaps

  public init(order: Order = .asWritten, step: TimeStep? = nil, gaps: Gaps = .refuse) {
    (self.order, self.step, self.gaps) = (order, step, gaps)
  }
}

extension SeriesTable {
  /// Reads series out of a table: rows of one key are one series, wherever they are in the file. The series
  /// are in the order in which their keys come first.
  ///
  /// With a column of times, every row of a series is later than the one before it, by a whole number of
  /// steps. Without one, the rows are taken as they come. Columns of texts and labels are passed over. All
  /// is read before anything is known of the series, so a table has to fit in the memory;
  /// ``TableWindows`` needs no more than a few rows of it.
  ///
  /// - Parameters:
  ///   - path: The file; `-` for standard input.
  ///   - description: How it is written, and what its columns are.
  ///   - reading: How rows become series.
  ///   - split: Of the table before it is interpolated the rows to learn from. Later numbers are carried forward
  ///     instead, so that no forecast knows what comes after it. It is asked for only where a column is to be
  ///     interpolated; by default all rows are to be learned from.
  /// - Throws: ``FileError``, or ``CSVError`` naming the line, also where the rows of a series do not follow
  ///   one another; ``SeriesError/noTimes`` for a split by time of rows that have none, and what `split`
  ///   throws.
  public init(
    reading path: String, _ description: TableDescription,
    _ reading: SeriesReading = SeriesReading(),
    split: (SeriesTable) throws -> SeriesSplit = { _ in .last(validation: 0, test: 0) }
  ) throws {
    let rows = try TableReader(path, description).rows()
    let timeColumn = description.columns.first { if case .time = $0.role { true } else { false } }
    var assembly = SeriesAssembly(
      path: path, timeColumn: timeColumn?.name, pattern: rows.timePattern, reading: reading)
    while try rows.next() {
      if assembly.isEmpty, let pattern = rows.timePattern {
        assembly.pattern = pattern.asWritten(in: rows.timeText)
      }
      try assembly.append(rows)
    }
    self.init(
      columns: rows.numberColumns, categoryColumns: rows.categoryColumns,
      series: try assembly.series(rows), timePattern: assembly.pattern)
    let interpolated = rows.policies.indices.filter { rows.policies[$0]?.missing == .interpolate }
    guard !interpolated.isEmpty else { return }
    let split = try split(self)
    for i in series.indices {
      let learned = try split.parts(of: series[i]).training.upperBound
      for column in interpolated { series[i].interpolate(column, learned: learned) }
    }
  }
}
