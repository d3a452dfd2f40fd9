import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// How well forecasts are, beside those that need no model.
struct ForecastReport: Encodable {
  /// The probabilities of the quantiles that are looked at.
  static let levels = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

  struct Row: Encodable {
    var rmse, mae, mape, smape, mase, wql, coverage, width, scaled_mse, scaled_mae: JSONNumber?
  }

  var model: Row
  var naive: Row
  var seasonalNaive: Row
  var drift: Row
  /// The forecasts of one target of one series from one row.
  var n: Int

  /// Forecasts of all rows in ranges, from every row before that.
  init(
    _ forecaster: any ForecastModel, _ description: ForecastDescription, _ table: SeriesTable,
    ranges: [Range<Int>], stride: Int = 1, threads: Int = Threads.default
  ) throws {
    let prepared = try forecaster.preparation.prepare(table)
    let windows = try forecaster.preparation.windows(
      of: prepared, in: ranges, batchSize: 1, stride: stride, seed: nil)
    // The end of the range is where the history of a MASE ends.
    try self.init(
      forecaster, description, table, prepared, windows.places,
      historyEnds: ranges.map(\.lowerBound), threads: threads)
  }

  /// Forecasts after some rows.
  ///
  /// - Parameter historyEnds: for each series the rows that errors are compared with, from the first one.
  init(
    _ forecaster: any ForecastModel, _ description: ForecastDescription, _ table: SeriesTable,
    _ prepared: [PreparedSeries], _ places: [ForecastWindows.Place], historyEnds: [Int],
    threads: Int = Threads.default
  ) throws {
    let levels = !forecaster.givesQuantiles ? [] : Self.levels
    let columns = try forecaster.preparation.columns.targets.map { try table.column($0) }
    let (horizon, space) = (
      forecaster.preparation.window.horizon, forecaster.preparation.window.spacing
    )
    let season = description.season
    let baselines: [BaselineForecast] = [.naive, .seasonalNaive(season: season), .drift]
    var tallies = (0..<4).map { Tally(levels: $0 == 0 ? levels : []) }
    var scales: [Int: Double?] = [:]
    // Of each series, read once: a history is a part of them.
    var values: [Int: [Double]] = [:]
    for start in stride(from: 0, to: places.count, by: 2048) {
      let chosen = Array(places[start..<min(start + 2048, places.count)])
      let forecasts = try forecaster.forecasts(
        of: prepared, after: chosen, quantiles: levels, threads: threads)
      for (place, forecast) in zip(chosen, forecasts) {
        let series = table.series[forecast.series]
        let column = columns[forecast.target]
        let own =
          values[place.series] ?? (0..<series.count).map { series.values[$0, column] }
        values[place.series] = own
        let truth = (1...horizon).map { own[forecast.last + $0 * space] }
        let scale =
          scales[place.series]
          ?? ForecastMetrics.seasonalScale(
            of: Array(own[..<historyEnds[forecast.series]]), season: season
          )
        scales[place.series] = scale
        let key = "\(forecast.series) \(forecast.target)"
        let deviation = description.deviations[forecast.target]
        tallies[0].add(truth, forecast.values, forecast.quantiles, key, scale, deviation)
        let history =
          space == 1
          ? Array(own[...forecast.last])
          : Swift.stride(from: forecast.last % space, through: forecast.last, by: space).map {
            own[$0]
          }
        for (i, baseline) in baselines.enumerated() {
          tallies[i + 1].add(
            truth, baseline.forecast(horizon, after: history), [], key, scale, deviation)
        }
      }
    }
    n = places.count
    (model, naive) = (tallies[0].row, tallies[1].row)
    (seasonalNaive, drift) = (tallies[2].row, tallies[3].row)
  }

  /// One way of predicting.
  private struct Tally {
    var metrics: ForecastMetrics
    var (squares, errors, count) = (0.0, 0.0, 0)

    init(levels: [Double]) { metrics = ForecastMetrics(levels: levels) }

    mutating func add(
      _ truth: [Double], _ forecast: [Double], _ quantiles: [[Double]], _ series: String,
      _ scale: Double?, _ deviation: Double
    ) {
      metrics.add(
        truth: truth, forecast: forecast, quantiles: quantiles, series: series, scale: scale)
      for (y, f) in zip(truth, forecast) where y.isFinite && f.isFinite {
        squares += (y - f) * (y - f) / (deviation * deviation)
        errors += abs(y - f) / deviation
        count += 1
      }
    }

    var row: Row {
      let scores = metrics.scores
      let all = scores.overall
      let interval = all.intervals.first { $0.lowerLevel == 0.1 && $0.upperLevel == 0.9 }
      return Row(
        rmse: all.rmse.map(JSONNumber.init), mae: all.mae.map(JSONNumber.init),
        mape: all.mape.map(JSONNumber.init), smape: all.smape.map(JSONNumber.init),
        mase: scores.mase.map(JSONNumber.init), wql: all.wql.map(JSONNumber.init),
        coverage: interval.map { JSONNumber($0.coverage) },
        width: interval.map { JSONNumber($0.meanWidth) },
        scaled_mse: count > 0 ? JSONNumber(squares / Double(count)) : nil,
        scaled_mae: count > 0 ? JSONNumber(errors / Double(count)) : nil)
    }
  }

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
    line(["\(n) forecasts", "model", "naive", "seasonal", "drift"])
    let rows: [(String, (Row) -> JSONNumber?)] = [
      ("RMSE", \.rmse), ("MAE", \.mae), ("MAPE, %", \.mape), ("sMAPE, %", \.smape),
      ("MASE", \.mase),
      ("WQL", \.wql), ("scaled MSE", \.scaled_mse), ("scaled MAE", \.scaled_mae),
      ("80% covers", \.coverage), ("80% width", \.width),
    ]
    for (name, figure) in rows {
      let figures = [model, naive, seasonalNaive, drift].map { figure($0)?.text ?? "" }
      if figures.contains(where: { !$0.isEmpty }) { line([name] + figures) }
    }
  }
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
