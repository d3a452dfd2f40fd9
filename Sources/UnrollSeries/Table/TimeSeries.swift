import UnrollCore
import UnrollFiles

/// Numbers, a row for each point of time, and what tells the series from others.
///
/// # Shapes
/// N rows, F columns of numbers, C columns of categories.
public struct TimeSeries: Sendable {
  /// What tells it from others; empty where there is one series.
  public let key: String
  /// Which part of the series of its key it is, from 0, where that was split at its gaps.
  public let part: Int
  /// When its rows are; `nil` where they are only counted.
  public let times: TimeAxis?
  /// `[N, F]`; NaN for a number that is missing.
  public var values: Tensor<Double>
  /// For each column of categories the text of each row.
  public var categories: [[String]]

  /// - Precondition: the columns of categories have N rows.
  public init(
    key: String = "", part: Int = 0, times: TimeAxis? = nil, values: Tensor<Double>,
    categories: [[String]] = []
  ) {
    values.expectShape([nil, nil], axes: "NF", of: "TimeSeries values")
    require(
      categories.allSatisfy { $0.count == values.shape[0] },
      "TimeSeries: every column of categories needs a text for each of \(values.shape[0]) rows")
    self.key = key
    self.part = part
    self.times = times
    self.values = values
    self.categories = categories
  }

  /// N.
  public var count: Int { values.shape[0] }

  /// Some rows of it.
  public func rows(_ range: Range<Int>) -> TimeSeries {
    TimeSeries(
      key: key, part: part, times: times?.advanced(by: range.lowerBound),
      values: values.steps(range),
      categories: categories.map { Array($0[range]) })
  }
}

/// Series that have the same columns.
public struct SeriesTable: Sendable {
  /// The names of the columns of numbers, F.
  public let columns: [String]
  /// The names of the columns of categories, C.
  public let categoryColumns: [String]
  public var series: [TimeSeries]
  /// How the points of time were written that it was read from; `nil` where they are only counted.
  public let timePattern: TimePattern?

  /// - Precondition: every series has these columns, and no two are one part of one key.
  public init(
    columns: [String], categoryColumns: [String] = [], series: [TimeSeries],
    timePattern: TimePattern? = nil
  ) {
    for one in series {
      require(
        one.values.shape[1] == columns.count && one.categories.count == categoryColumns.count,
        "SeriesTable: the series \"\(one.key)\" has \(one.values.shape[1]) columns of numbers and "
          + "\(one.categories.count) of categories where \(columns.count) and "
          + "\(categoryColumns.count) are named")
    }
    require(
      Set(series.map { [$0.key, "\($0.part)"] }).count == series.count,
      "SeriesTable: two series have the same key")
    self.columns = columns
    self.categoryColumns = categoryColumns
    self.series = series
    self.timePattern = timePattern
  }
}
