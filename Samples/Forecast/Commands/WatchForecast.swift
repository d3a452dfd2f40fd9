import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct WatchForecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Print a forecast for each row as it comes.",
    discussion: """
      Rows come on standard input, the names of the columns first; each is answered at once by its key, \
      its time and the means of the rows ahead. A recursive model carries its state from row to row; \
      another one reads the last rows again, and is silent until it has enough of them.

      EXAMPLES:
        tail -n +1 -f temperatures.csv | forecast watch t.safetensors
      """)

  @Argument(help: "The model file.")
  var model: String

  func run() throws {
    let (forecaster, description) = try ForecastDescription.read(model)
    let columns = forecaster.preparation.columns
    guard columns.future.isEmpty, columns.categories.isEmpty else {
      throw ProgramError(
        description:
          "\(model): sees columns that are known ahead or categories, which rows that come do not have"
      )
    }
    let rows = try description.layout.rows("-", columns)
    try printLine(
      ["series", "time", "column"] + (1...forecaster.preparation.window.horizon).map { "\($0)" })
    var watched: [Int: WatchedSeries] = [:]
    while try rows.next() {
      var series =
        try watched[rows.key]
        ?? WatchedSeries(
          forecaster, key: rows.keys.joined(separator: " "), step: description.step)
      let time = rows.time
      for (column, values) in try series.forecasts(after: rows.row, at: time) {
        try printLine(
          [series.key, time.map { (rows.timePattern ?? .iso8601).format($0) } ?? "", column]
            + values.map { "\(Float($0))" })
      }
      watched[rows.key] = series
    }
    try finishOutput()
  }

  private func printLine(_ cells: [String]) throws {
    try writeOutput(Array((cells.joined(separator: ",") + "\n").utf8))
  }
}

/// A series whose rows come one by one.
struct WatchedSeries {
  let key: String
  private let forecaster: any ForecastModel
  private let step: TimeStep?
  private var live: [LiveForecast] = []
  /// The last rows, and when the first of them was.
  private var rows: [[Double]] = []
  private var times: [TimeStamp] = []

  init(_ forecaster: any ForecastModel, key: String, step: TimeStep?) throws {
    (self.forecaster, self.key, self.step) = (forecaster, key, step)
  }

  /// The forecasts once a row has come, by the column.
  mutating func forecasts(
    after row: [Double], at time: TimeStamp?
  ) throws -> [(column: String, values: [Double])] {
    if let last = times.last, let time {
      guard let step, step.adding(1, to: last) == time else {
        throw ProgramError(
          description:
            "the series '\(key)': a row is missing or out of order, for it is not one step from the one before"
        )
      }
    }
    rows.append(row)
    if let time { times.append(time) }
    let targets = forecaster.preparation.columns.targets
    if let recursive = forecaster as? RecursiveForecaster {
      if times.count > 1 { times.removeFirst() }
      rows.removeAll()
      if live.isEmpty {
        live = try targets.indices.map {
          try LiveForecast(recursive, target: $0, step: step)
        }
      }
      return try targets.indices.map {
        try live[$0].update(with: row[$0], at: time)
        return (targets[$0], try live[$0].forecast(steps: recursive.preparation.window.horizon))
      }
    }
    return try windowed(targets)
  }

  private mutating func windowed(_ targets: [String]) throws -> [(column: String, values: [Double])]
  {
    let preparation = forecaster.preparation
    let window = preparation.window
    let needed = window.length * window.spacing + (preparation.difference ?? 0)
    if rows.count > needed { rows.removeFirst() }
    if times.count > rows.count { times.removeFirst() }
    let least = (window.leastRows - 1) * window.spacing + 1 + (preparation.difference ?? 0)
    guard rows.count >= least, rows.count > 1 else { return [] }
    let axis = times.first.flatMap { start in step.map { TimeAxis(start: start, step: $0) } }
    let table = SeriesTable(
      columns: preparation.columns.numbers,
      series: [
        TimeSeries(
          times: axis,
          values: Tensor(
            shape: [rows.count, preparation.columns.numbers.count], scalars: rows.flatMap(\.self)))
      ])
    return try forecaster.forecasts(of: table, quantiles: [], threads: 1).map {
      (targets[$0.target], $0.values)
    }
  }
}
