import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// How well forecasts are, beside those that need no model.
struct ForecastReport: Encodable {
  /// The figures of one way of predicting; `nil` for what cannot be said of it.
  struct Row: Encodable {
    var rmse, mae, mape, smape, mase, wql, crps, coverage, width, scaled_mse,
      scaled_mae: JSONNumber?
    var intervals: [Interval]?
  }

  /// A central interval: the share of what came that was within it, and how wide it is on average.
  struct Interval: Encodable {
    var level: Double
    var coverage, width: JSONNumber
  }

  var model: Row
  var naive: Row
  var seasonalNaive: Row
  var drift: Row
  /// The forecasts of one target of one series from one row.
  var n: Int

  private enum CodingKeys: String, CodingKey {
    case naive = "naive"
    case seasonalNaive = "seasonal_naive"
    case drift = "drift"
    case n = "n"
  }

  func encode(to encoder: any Encoder) throws {
    // The model's own figures are on top.
    try model.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(naive, forKey: .naive)
    try container.encode(seasonalNaive, forKey: .seasonalNaive)
    try container.encode(drift, forKey: .drift)
    try container.encode(n, forKey: .n)
  }

  func printTable() {
    func line(_ cells: [String]) {
      print(
        cells.enumerated().map {
          $0 == 0 ? $1.padding(toLength: 18, withPad: " ", startingAt: 0) : $1.leftPadded(to: 12)
        }.joined())
    }
    line([n == 1 ? "1 forecast" : "\(n) forecasts", "model", "naive", "seasonal", "drift"])
    let rows: [(String, (Row) -> JSONNumber?)] = [
      ("RMSE", \.rmse), ("MAE", \.mae), ("MAPE, %", \.mape), ("sMAPE, %", \.smape),
      ("MASE", \.mase), ("WQL", \.wql), ("CRPS", \.crps), ("scaled MSE", \.scaled_mse),
      ("scaled MAE", \.scaled_mae),
    ]
    for (name, figure) in rows {
      let figures = [model, naive, seasonalNaive, drift].map { figure($0)?.text ?? "" }
      if figures.contains(where: { !$0.isEmpty }) { line([name] + figures) }
    }
    for interval in model.intervals ?? [] {
      let percent = "\(Float(interval.level * 100))".replacing(/\.0$/, with: "")
      line(["\(percent)% covers", interval.coverage.text])
      line(["\(percent)% width", interval.width.text])
    }
  }
}

extension ForecastReport {
  /// Forecasts of all rows in ranges, from every row before that.
  init(
    _ forecaster: any ForecastModel, _ description: ForecastDescription, _ table: SeriesTable,
    ranges: [Range<Int>], stride: Int = 1, intervals: [Double] = IntervalOptions.standard,
    threads: Int = Threads.default
  ) throws {
    let prepared = try forecaster.preparation.prepare(table)
    let windows = try forecaster.preparation.windows(
      of: prepared, in: ranges, batchSize: 1, stride: stride, seed: nil)
    // Where a range begins is where the history of a MASE ends.
    try self.init(
      forecaster, description, table, prepared, windows.places,
      historyEnds: ranges.map(\.lowerBound), intervals: intervals, threads: threads)
  }

  /// Forecasts after some rows, in the order of the series.
  ///
  /// - Parameter historyEnds: for each series the rows that errors are compared with, from the first one.
  init(
    _ forecaster: any ForecastModel, _ description: ForecastDescription, _ table: SeriesTable,
    _ prepared: [PreparedSeries], _ places: [ForecastWindows.Place], historyEnds: [Int],
    intervals: [Double] = IntervalOptions.standard, threads: Int = Threads.default
  ) throws {
    var scoring = try ForecastScoring(
      forecaster, description, table, historyEnds: historyEnds, intervals: intervals)
    let numbers = forecaster.preparation.window.horizon * (scoring.levels.count + 1)
    for part in Self.parts(of: places, atMost: max(256, 16_000_000 / numbers)) {
      let forecasts = try forecaster.forecasts(
        of: prepared, after: Array(part), quantiles: scoring.levels, threads: threads)
      for forecast in forecasts { scoring.add(forecast, levels: scoring.levels) }
    }
    self = scoring.report
  }

  /// Places to predict from together, so many that their forecasts do not fill the memory. A series is in one part
  /// where it can be: what is common to its forecasts, such as its recent errors, is found out once for a part.
  private static func parts(
    of places: [ForecastWindows.Place], atMost limit: Int
  ) -> [ArraySlice<ForecastWindows.Place>] {
    var parts: [ArraySlice<ForecastWindows.Place>] = []
    var start = 0
    while start < places.count {
      var end = min(start + limit, places.count)
      if end < places.count,
        let seam = (start + 1...end).last(where: { places[$0].series != places[$0 - 1].series })
      {
        end = seam
      }
      parts.append(places[start..<end])
      start = end
    }
    return parts
  }
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
