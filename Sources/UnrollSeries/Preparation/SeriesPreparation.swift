import UnrollCore
import UnrollFiles

/// What makes a table's numbers those that a model sees, and its outputs forecasts again: columns, scales,
/// categories and the window, all of what is learned from data taken from the rows to learn from alone.
///
/// It belongs to the model, with which it is saved: a prediction needs the model and a table.
public struct SeriesPreparation: Codable, Sendable, Equatable {
  public let columns: ForecastColumns
  public let window: WindowShape
  /// The scale of each column of ``ForecastColumns/numbers``.
  public let scales: [ColumnScale]
  /// Those of each series for itself, in the order of their keys; empty where a column has one for all.
  public let seriesScales: [SeriesScales]
  /// For each column of categories what was seen; an id counts from 1, 0 is for what was not.
  public let categories: [[String]]
  /// How many rows before each number another is taken from it; `nil` for none.
  public let difference: Int?

  /// Learns scales and categories.
  ///
  /// - Parameters:
  ///   - ranges: for each series the rows to learn from.
  ///   - kind: how columns are scaled.
  ///   - perSeries: whether each series has scales of its own. One that is not there to learn from has those
  ///     of all.
  ///   - isLogarithmic: whether the logarithm of the targets is taken.
  ///   - difference: how many rows before each target another is taken from it, such as a season; `nil` for
  ///     none.
  /// - Throws: ``SeriesError`` where a column is not there, or has no number that can be scaled.
  public init(
    _ table: SeriesTable, ranges: [Range<Int>], columns: ForecastColumns, window: WindowShape,
    kind: ColumnScale.Kind = .standard, perSeries: Bool = false, isLogarithmic: Bool = false,
    difference: Int? = nil
  ) throws {
    require(
      ranges.count == table.series.count && difference ?? 1 >= 1,
      "SeriesPreparation: \(ranges.count) ranges of \(table.series.count) series, a difference of "
        + "\(difference ?? 0) rows")
    require(
      (difference ?? 0) % window.spacing == 0,
      "SeriesPreparation: a difference of \(difference ?? 0) rows of a window with a spacing of "
        + "\(window.spacing)")
    self.columns = columns
    self.window = window
    self.difference = difference
    let numbers = try columns.numbers.map { try table.column($0) }
    func scale(_ index: Int, of parts: [(TimeSeries, Range<Int>)]) throws -> ColumnScale {
      let values = parts.lazy.map { series, range in
        range.lazy.map { series.values[$0, numbers[index]] }
      }.joined()
      return try ColumnScale(
        of: values, kind: kind, isLogarithmic: isLogarithmic && index < columns.targets.count,
        column: columns.numbers[index])
    }
    let parts = Array(zip(table.series, ranges))
    let scales = try numbers.indices.map { try scale($0, of: parts) }
    self.scales = scales
    let byKey = perSeries ? Dictionary(grouping: parts) { $0.0.key } : [:]
    seriesScales = try byKey.sorted { $0.key < $1.key }.map { key, parts in
      SeriesScales(
        key: key,
        scales: try numbers.indices.map { index in
          let isKnown = parts.contains { series, range in
            range.contains { series.values[$0, numbers[index]].isFinite }
          }
          return isKnown ? try scale(index, of: parts) : scales[index]
        })
    }
    categories = try columns.categories.map { name in
      let column = try table.categoryColumn(name)
      var seen: [String] = []
      var known: Set<String> = []
      for (series, range) in zip(table.series, ranges) where !range.isEmpty {
        let text = series.categories[column][0]
        if known.insert(text).inserted { seen.append(text) }
      }
      return seen
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    columns = try container.decode(ForecastColumns.self, forKey: .columns)
    window = try container.decode(WindowShape.self, forKey: .window)
    scales = try container.decode([ColumnScale].self, forKey: .scales)
    seriesScales =
      try container.decodeIfPresent([SeriesScales].self, forKey: .seriesScales) ?? []
    categories = try container.decode([[String]].self, forKey: .categories)
    difference = try container.decodeIfPresent(Int.self, forKey: .difference)
    guard scales.count == columns.numbers.count, categories.count == columns.categories.count,
      categories.allSatisfy({ Set($0).count == $0.count }),
      seriesScales.allSatisfy({ $0.scales.count == scales.count }),
      zip(seriesScales, seriesScales.dropFirst()).allSatisfy({ $0.key < $1.key }),
      difference.map({ (1..<(1 << 24)).contains($0) && $0 % window.spacing == 0 }) ?? true
    else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription:
            "\(scales.count) scales, \(seriesScales.count) lists of as many, of series in order, and "
            + "\(categories.count) lists of different categories for "
            + "\(columns.numbers.count) columns of numbers and \(columns.categories.count) of "
            + "categories, a difference of \(difference ?? 0) rows"))
    }
  }

  /// The scales of a series, by its key: its own, or those of all.
  public func scales(of key: String) -> [ColumnScale] {
    var (low, high) = (0, seriesScales.count)
    while low < high {
      let middle = (low + high) / 2
      if seriesScales[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low < seriesScales.count && seriesScales[low].key == key
      ? seriesScales[low].scales : scales
  }

  /// F, the columns of a window's past: the target, other numbers, and what is known ahead.
  public var pastColumns: Int { 1 + columns.past.count + futureColumns }
  /// K, the columns that are known ahead.
  public var futureColumns: Int { columns.future.count + 2 * columns.calendar.count }
  /// How many there are of each category: of the targets, where there are several, and of each column.
  public var categorySizes: [Int] {
    (columns.targets.count > 1 ? [columns.targets.count] : []) + categories.map { $0.count + 1 }
  }
}

extension SeriesTable {
  /// The index of a column of numbers.
  ///
  /// - Throws: ``SeriesError/noColumn(_:available:)``.
  public func column(_ name: String) throws -> Int {
    guard let index = columns.firstIndex(of: name) else {
      throw SeriesError.noColumn(name, available: columns)
    }
    return index
  }

  /// The index of a column of categories.
  ///
  /// - Throws: ``SeriesError/noColumn(_:available:)``.
  public func categoryColumn(_ name: String) throws -> Int {
    guard let index = categoryColumns.firstIndex(of: name) else {
      throw SeriesError.noColumn(name, available: categoryColumns)
    }
    return index
  }
}
