import ProgramSupport
import Unroll
import UnrollModels

/// How tables are read that a model learned from, and that it predicts from: kept in its file.
struct TableLayout: Codable, Sendable, Equatable {
  static let key = "forecast.table"

  var time: String?
  var timeFormat: TimePattern?
  var step: TimeStep?
  var keys: [String]
  var delimiter: String?
  var decimalSign: TableDescription.DecimalSign
  /// What stands between groups of three digits.
  var digitGrouping: String?
  var missing: MissingNumbers
  var gaps: SeriesReading.Gaps
  var isSorted: Bool

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - ahead: whether rows may lack the targets, as those do of which the rest is known ahead.
  ///   - split: which rows are to be learned from: later numbers are not interpolated but carried forward.
  func read(
    _ path: String, _ columns: ForecastColumns, ahead: Bool = false,
    split: (SeriesTable) throws -> SeriesSplit = { _ in .last(validation: 0, test: 0) }
  ) throws -> SeriesTable {
    var table = try readingTable(path) {
      do {
        return try SeriesTable(
          reading: path, description(of: path, columns, ahead: ahead),
          SeriesReading(order: isSorted ? .sorted : .asWritten, step: step, gaps: gaps),
          split: split)
      } catch let error as CSVError where error.problem == .order(.noStep) {
        throw try path != "-" && firstTime(path) == nil ? Self.noRows(path) : error
      }
    }
    if table.series.isEmpty { throw Self.noRows(path) }
    if isOpen(columns, ahead), missing != .error {
      for i in table.series.indices { fill(&table.series[i], columns, table.columns) }
    }
    return table
  }

  /// Whether rows that are ahead may lack what is not known of them, which is not to be made up.
  private func isOpen(_ columns: ForecastColumns, _ ahead: Bool) -> Bool {
    ahead && (missing == .error || !columns.future.isEmpty)
  }

  /// Makes up what is missing up to the last row that has a target, as it was for the rows to learn from.
  private func fill(
    _ series: inout TimeSeries, _ columns: ForecastColumns, _ names: [String]
  ) {
    func places(_ wanted: [String]) -> [Int] { wanted.compactMap { names.firstIndex(of: $0) } }
    let rows =
      places(columns.targets)
      .compactMap { column in
        (0..<series.count).last { series.values[$0, column].isFinite }
      }
      .max().map { $0 + 1 } ?? 0
    for column in places(columns.targets + columns.past) {
      let known = (0..<rows).filter { series.values[$0, column].isFinite }
      for (from, to) in zip(known, known.dropFirst() + [rows]) {
        let (start, end) = (
          series.values[from, column], to < rows ? series.values[to, column] : .nan
        )
        for row in (from + 1)..<max(to, from + 1) {
          switch missing {
          case .carryForward: series.values[row, column] = start
          case .interpolate:
            series.values[row, column] =
              start + (end - start) * Double(row - from) / Double(to - from)
          default: break
          }
        }
      }
    }
  }

  /// The first time as it is written; `nil` where there are no rows, no times, or they can be read once only.
  private func firstTime(_ path: String) throws -> String? {
    guard let time, path != "-" else { return nil }
    var description = TableDescription(columns: [TableColumn(time, .text)]).forPath(path)
    if let delimiter = delimiter?.unicodeScalars.first { description.delimiter = delimiter }
    let rows = try TableReader(path, description).rows()
    return try rows.next() ? rows.text(0) : nil
  }

  private static func noRows(_ path: String) -> ProgramError {
    ProgramError(
      description: "\(path): the table has the names of its columns and no row; add rows to it")
  }

  /// The rows of a table, one after the other.
  func rows(_ path: String, _ columns: ForecastColumns) throws -> TableRows {
    try TableReader(path, description(of: path, columns, ahead: false)).rows()
  }

  private func description(
    of path: String, _ columns: ForecastColumns, ahead: Bool
  ) throws -> TableDescription {
    var description = TableDescription(
      time: time, try timeFormat ?? guessedFormat(path), keys: keys, numbers: [],
      categories: columns.categories)
    description.missing = ["", "NA", "NaN", "nan", "null"]
    description.decimalSign = decimalSign
    description.digitGrouping = digitGrouping?.unicodeScalars.first
    description = description.forPath(path)
    if let delimiter = delimiter?.unicodeScalars.first { description.delimiter = delimiter }
    description.columns += columns.numbers.map { name in
      let isOpen = isOpen(columns, ahead) && !columns.future.contains(name)
      return TableColumn(name, .number, missing: isOpen ? .keep : missing)
    }
    return description
  }

  /// Plain numbers where the first time is one that is no year and no date, else ISO 8601.
  private func guessedFormat(_ path: String) throws -> TimePattern {
    guard let first = try firstTime(path) else { return .iso8601 }
    return Int(first) != nil && first.count != 4 && first.count != 8 ? .number : .iso8601
  }
}
