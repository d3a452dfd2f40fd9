import Foundation
import UnrollCore
import UnrollModels
import UnrollSeries

/// A table of two series and forecasters of it that are made in a moment.
struct SmallForecasts {
  static let columns = ForecastColumns(
    targets: ["level", "flow"], past: ["wind"], future: ["open"], categories: ["site"],
    calendar: [.hourOfDay])

  /// Hours of two series; all numbers are above 0, and flows are a million times the levels.
  static func table(_ rows: Int = 90) -> SeriesTable {
    let series = ["north", "south"].enumerated().map { index, key in
      let random = RandomSource(seed: UInt64(index + 5))
      var values = Tensor<Double>(shape: [rows, 4])
      for row in 0..<rows {
        let wave = 3 + sin(Double(row) / 4 + Double(index)) + 0.3 * random.uniform(row)
        values[row, 0] = wave
        values[row, 1] = 1e6 * (wave + random.uniform(row + rows))
        values[row, 2] = 1 + random.uniform(row + 2 * rows)
        values[row, 3] = Double(row / 5 % 2)
      }
      return TimeSeries(
        key: key, times: TimeAxis(start: TimeStamp(0), step: .hour), values: values,
        categories: [[String](repeating: key, count: rows)])
    }
    return SeriesTable(
      columns: ["level", "flow", "wind", "open"], categoryColumns: ["site"], series: series)
  }

  /// The table whose last rows have nothing but what is known ahead.
  static func open(_ table: SeriesTable, rows: Int) -> SeriesTable {
    var open = table
    for i in open.series.indices {
      for row in (open.series[i].count - rows)..<open.series[i].count {
        for column in 0..<3 { open.series[i].values[row, column] = .nan }
      }
    }
    return open
  }

  static let configuration = Forecaster.Configuration(hidden: 6, dropout: 0.2)

  static func forecaster(
    _ table: SeriesTable = table(), training: Range<Int> = 0..<60,
    window: WindowShape = WindowShape(length: 12, horizon: 5, scale: .last),
    columns: ForecastColumns = columns, isLogarithmic: Bool = false, difference: Int? = nil,
    seed: UInt64 = 3
  ) throws -> Forecaster {
    try Forecaster(
      preparation: SeriesPreparation(
        table, ranges: table.series.map { _ in training }, columns: columns, window: window,
        isLogarithmic: isLogarithmic, difference: difference),
      configuration: configuration, seed: seed)
  }

  /// One series of these numbers, a forecaster of which has them as they are and says 0 of all that follow.
  static func numbers(
    _ values: [Double], window: WindowShape, difference: Int? = nil
  ) throws -> (table: SeriesTable, forecaster: Forecaster) {
    let table = SeriesTable(
      columns: ["x"],
      series: [TimeSeries(values: Tensor(shape: [values.count, 1], scalars: values))])
    let preparation = try SeriesPreparation(
      table, ranges: [0..<values.count], columns: ForecastColumns(targets: ["x"]), window: window,
      kind: .none, difference: difference)
    var forecaster = try Forecaster(preparation: preparation, configuration: configuration)
    forecaster.network.visitParameters { $1.value = Tensor(shape: $1.value.shape) }
    return (table, forecaster)
  }
}
