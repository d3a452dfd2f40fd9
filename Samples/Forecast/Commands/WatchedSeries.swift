import ProgramSupport
import Unroll
import UnrollModels

/// A series whose rows come one by one.
struct WatchedSeries {
  /// The most rows that are taken for missing between two that come.
  private static let longestGap = 100_000

  let key: String
  private let forecaster: any ForecastModel
  private let step: TimeStep?
  private let layout: TableLayout
  private let timePattern: TimePattern
  private var live: [LiveForecast] = []
  /// The last rows, and when each was.
  private var rows: [[Double]] = []
  private var times: [TimeStamp] = []

  init(
    _ forecaster: any ForecastModel, key: String, _ description: ForecastDescription
  ) throws {
    (self.forecaster, self.key) = (forecaster, key)
    (step, layout) = (description.step, description.layout)
    timePattern = description.timePattern ?? .iso8601
  }

  /// The forecasts once a row has come, by the column; none where too few rows are known.
  ///
  /// - Throws: where the row does not follow the one before, and the layout does not say what becomes of that.
  mutating func forecasts(
    after row: [Double], at time: TimeStamp?
  ) throws -> [(column: String, values: [Double])] {
    if let last = times.last, let time {
      switch try missing(after: last, before: time) {
      case 0: break
      case let count where layout.gaps == .fillMissing:
        let none = Array(repeating: Double.nan, count: row.count)
        for _ in 0..<count {
          // Rows that did not come are not answered.
          try read(none, at: times.last.flatMap { last in step.map { $0.adding(1, to: last) } })
        }
      default: (live, rows, times) = ([], [], [])
      }
    }
    try read(row, at: time)
    let targets = forecaster.preparation.columns.targets
    if let recursive = forecaster as? RecursiveForecaster {
      return try zip(targets, live).map {
        ($0, try $1.forecast(steps: recursive.preparation.window.horizon))
      }
    }
    return try windowed(targets)
  }

  /// The rows that are missing between two.
  private func missing(after last: TimeStamp, before time: TimeStamp) throws -> Int {
    var (next, count) = (last, 0)
    let most = layout.gaps == .refuse ? 0 : Self.longestGap
    while let step, next < time, count <= most {
      next = step.adding(1, to: next)
      if next == time { return count }
      count += 1
    }
    let name = key.isEmpty ? "" : " of the series '\(key)'"
    throw ProgramError(
      description:
        "standard input: the row of \(text(of: time))\(name) does not follow that of "
        + "\(text(of: last))\(step.map { " by a step of \($0)" } ?? ""); give the rows in order, "
        + "with none left out (forecast train --gaps)")
  }

  /// A time as the table that was learned from has them, or exactly where it has none such.
  func text(of time: TimeStamp) -> String {
    let text = timePattern.format(time)
    return timePattern.time(text) == time ? text : TimePattern.iso8601.format(time)
  }

  /// Takes a row.
  private mutating func read(_ row: [Double], at time: TimeStamp?) throws {
    var row = row
    if layout.missing == .carryForward, let last = rows.last {
      row = zip(row, last).map { $0.isFinite ? $0 : $1 }
    }
    if let time { times.append(time) }
    rows.append(row)
    let preparation = forecaster.preparation
    var needed = 1
    if let recursive = forecaster as? RecursiveForecaster {
      let targets = preparation.columns.targets.indices
      if live.isEmpty {
        live = try targets.map { try LiveForecast(recursive, target: $0, step: step) }
      }
      for target in targets { try live[target].update(with: row[target], at: time) }
    } else {
      needed =
        preparation.window.length * preparation.window.spacing + (preparation.difference ?? 0)
    }
    rows.removeFirst(max(0, rows.count - needed))
    times.removeFirst(max(0, times.count - needed))
  }

  private func windowed(_ targets: [String]) throws -> [(column: String, values: [Double])] {
    let preparation = forecaster.preparation
    let window = preparation.window
    let least = (window.leastRows - 1) * window.spacing + 1 + (preparation.difference ?? 0)
    guard rows.count >= least, rows.count > 1, rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      return []
    }
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
