import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// Scores of forecasts, which are taken one after another, beside those of forecasts that need no model.
struct ForecastScoring {
  /// The probabilities of the weighted quantile loss.
  private static let lossLevels = (1...9).map { Double($0) / 10 }
  /// Those of the CRPS: the middles of ten equal parts, of which twice the mean pinball loss is the CRPS of the
  /// ten quantiles as samples of equal weight.
  private static let middleLevels = (0..<10).map { (Double($0) + 0.5) / 10 }

  /// The probabilities of all quantiles that a forecast needs, rising; none of a model without quantiles.
  let levels: [Double]

  private let description: ForecastDescription
  private let table: SeriesTable
  private let window: WindowShape
  /// For each target its column in the table.
  private let columns: [Int]
  private let historyEnds: [Int]
  private let intervals: [Double]
  private let baselines: [BaselineForecast]
  private var model: Tally
  private var others: [Tally]
  private var known: [Key: Known] = [:]
  private var count = 0

  private struct Key: Hashable {
    var series: Int
    var target: Int
  }

  /// A target of a series, read once: a history is a part of it.
  private struct Known {
    var values: [Double]
    var scale: Double?
  }

  /// - Parameters:
  ///   - historyEnds: for each series the rows that errors are compared with, from the first one.
  ///   - intervals: the probabilities of central intervals to look at, each above 0 and below 1.
  init(
    _ forecaster: any ForecastModel, _ description: ForecastDescription, _ table: SeriesTable,
    historyEnds: [Int], intervals: [Double] = IntervalOptions.standard
  ) throws {
    // Of a model that was trained for some quantiles none is known beyond them.
    func known(_ levels: [Double]) -> [Double] {
      forecaster.quantileRange.map { range in levels.allSatisfy(range.contains) ? levels : [] }
        ?? []
    }
    let intervals = intervals.filter { interval in
      let ends = IntervalOptions.ends(of: interval)
      return !known([ends.lower, ends.upper]).isEmpty
    }
    let ends = intervals.map(IntervalOptions.ends)
    let lossLevels = known(Self.lossLevels)
    let scored = (ends.flatMap { [$0.lower, $0.upper] } + known(Self.middleLevels)).rising
    (self.description, self.table, self.historyEnds) = (description, table, historyEnds)
    self.intervals = intervals
    window = forecaster.preparation.window
    columns = try forecaster.preparation.columns.targets.map { try table.column($0) }
    baselines = [.naive, .seasonalNaive(season: description.season), .drift]
    levels = (lossLevels + scored).rising
    model = Tally(lossLevels: lossLevels, scored: scored)
    others = baselines.map { _ in Tally() }
  }

  /// Counts a forecast.
  ///
  /// - Parameter levels: the probabilities of its quantiles, all of ``levels`` among them.
  mutating func add(_ forecast: UnrollModels.Forecast, levels: [Double]) {
    let (horizon, space) = (window.horizon, window.spacing)
    let key = Key(series: forecast.series, target: forecast.target)
    let known = known[key] ?? read(key)
    self.known[key] = known
    let truth = (1...horizon).map { known.values[forecast.last + $0 * space] }
    let name = "\(key.series) \(key.target)"
    let deviation = description.deviations[key.target]
    let quantiles = Dictionary(zip(levels, forecast.quantiles)) { first, _ in first }
    model.add(truth, forecast.values, quantiles, name, known.scale, deviation)
    let history =
      space == 1
      ? Array(known.values[...forecast.last])
      : stride(from: forecast.last % space, through: forecast.last, by: space).map {
        known.values[$0]
      }
    for (i, baseline) in baselines.enumerated() {
      others[i].add(
        truth, baseline.forecast(horizon, after: history), [:], name, known.scale, deviation)
    }
    count += 1
  }

  private func read(_ key: Key) -> Known {
    let series = table.series[key.series]
    let values = (0..<series.count).map { series.values[$0, columns[key.target]] }
    return Known(
      values: values,
      scale: ForecastMetrics.seasonalScale(
        of: Array(values[..<historyEnds[key.series]]), season: description.season))
  }

  var report: ForecastReport {
    ForecastReport(
      model: model.row(intervals), naive: others[0].row([]), seasonalNaive: others[1].row([]),
      drift: others[2].row([]), n: count)
  }

  /// One way of predicting.
  private struct Tally {
    var loss: ForecastMetrics
    /// Of the levels of intervals and of the CRPS.
    var scored: ForecastMetrics
    var (squares, errors, count) = (0.0, 0.0, 0)

    init(lossLevels: [Double] = [], scored: [Double] = []) {
      loss = ForecastMetrics(levels: lossLevels)
      self.scored = ForecastMetrics(levels: scored)
    }

    mutating func add(
      _ truth: [Double], _ forecast: [Double], _ quantiles: [Double: [Double]], _ series: String,
      _ scale: Double?, _ deviation: Double
    ) {
      func chosen(_ levels: [Double]) -> [[Double]] { levels.compactMap { quantiles[$0] } }
      loss.add(
        truth: truth, forecast: forecast, quantiles: chosen(loss.levels), series: series,
        scale: scale)
      if !scored.levels.isEmpty {
        scored.add(truth: truth, forecast: forecast, quantiles: chosen(scored.levels))
      }
      for (y, f) in zip(truth, forecast) where y.isFinite && f.isFinite {
        squares += (y - f) * (y - f) / (deviation * deviation)
        errors += abs(y - f) / deviation
        count += 1
      }
    }

    func row(_ intervals: [Double]) -> ForecastReport.Row {
      let (scores, spread) = (loss.scores, scored.scores)
      let (all, found) = (scores.overall, spread.overall.intervals)
      let middles = zip(spread.levels, spread.overall.pinball)
        .filter { ForecastScoring.middleLevels.contains($0.0) }.map { 2 * $0.1 }
      let central = intervals.compactMap { level in
        let ends = IntervalOptions.ends(of: level)
        return found.first { $0.lowerLevel == ends.lower && $0.upperLevel == ends.upper }.map {
          ForecastReport.Interval(
            level: level, coverage: JSONNumber($0.coverage), width: JSONNumber($0.meanWidth))
        }
      }
      let usual = all.intervals.first { $0.lowerLevel == 0.1 && $0.upperLevel == 0.9 }
      return ForecastReport.Row(
        rmse: all.rmse.map(JSONNumber.init), mae: all.mae.map(JSONNumber.init),
        mape: all.mape.map(JSONNumber.init), smape: all.smape.map(JSONNumber.init),
        mase: scores.mase.map(JSONNumber.init), wql: all.wql.map(JSONNumber.init),
        crps: middles.count < ForecastScoring.middleLevels.count
          ? nil : JSONNumber(middles.reduce(0, +) / Double(middles.count)),
        coverage: usual.map { JSONNumber($0.coverage) },
        width: usual.map { JSONNumber($0.meanWidth) },
        scaled_mse: count > 0 ? JSONNumber(squares / Double(count)) : nil,
        scaled_mae: count > 0 ? JSONNumber(errors / Double(count)) : nil,
        intervals: central.isEmpty ? nil : central)
    }
  }
}

extension [Double] {
  /// Each once, in rising order.
  var rising: [Double] { Set(self).sorted() }
}
