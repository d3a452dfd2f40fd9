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
  var missing: MissingNumbers
  var gaps: SeriesReading.Gaps
  var isSorted: Bool

  /// Reads a table.
  ///
  /// - Parameter ahead: whether rows may lack the targets, as those do of which the rest is known ahead.
  func read(_ path: String, _ columns: ForecastColumns, ahead: Bool = false) throws -> SeriesTable {
    try SeriesTable(
      reading: path, description(of: path, columns, ahead: ahead),
      SeriesReading(order: isSorted ? .sorted : .asWritten, step: step, gaps: gaps))
  }

  /// The rows of a table, one after the other.
  func rows(_ path: String, _ columns: ForecastColumns) throws -> TableRows {
    try TableReader(path, description(of: path, columns, ahead: true)).rows()
  }

  private func description(
    of path: String, _ columns: ForecastColumns, ahead: Bool
  ) throws -> TableDescription {
    var description = TableDescription(
      time: time, try timeFormat ?? guessedFormat(path), keys: keys, numbers: [],
      categories: columns.categories)
    description.missing = ["", "NA", "NaN", "nan", "null"]
    description.decimalSign = decimalSign
    description = description.forPath(path)
    if let delimiter = delimiter?.unicodeScalars.first { description.delimiter = delimiter }
    description.columns += columns.numbers.map { name in
      let isOpen = ahead && !columns.future.contains(name)
      return TableColumn(name, .number, missing: isOpen && missing == .error ? .keep : missing)
    }
    return description
  }

  /// Plain numbers where the first time is one that is no year and no date, else ISO 8601.
  private func guessedFormat(_ path: String) throws -> TimePattern {
    guard let time, path != "-" else { return .iso8601 }
    var description = TableDescription(columns: [TableColumn(time, .text)]).forPath(path)
    if let delimiter = delimiter?.unicodeScalars.first { description.delimiter = delimiter }
    let rows = try TableReader(path, description).rows()
    guard try rows.next(), case let first = rows.text(0) else { return .iso8601 }
    return Int(first) != nil && first.count != 4 && first.count != 8 ? .number : .iso8601
  }
}
