import UnrollCore
import UnrollFiles
import UnrollSeries

/// What a forecaster says of the rows after one, for one target of one series.
public struct Forecast: Sendable, Equatable {
  /// The index of the series in its table.
  public let series: Int
  /// The index of the column among the targets.
  public let target: Int
  /// The last row that was seen.
  public let last: Int
  /// The forecast of each row ahead, H.
  public let values: [Double]
  /// For each probability that was asked for, the quantile of each row ahead.
  public let quantiles: [[Double]]
}

extension Forecaster {
  /// The probabilities of which quantiles can be asked for: with quantiles of its own those between the first and the
  /// last of them; of points ``ErrorQuantiles/standardProbabilities`` and between, once it is calibrated.
  public var quantileRange: ClosedRange<Double>? {
    let known = levels.isEmpty ? errors?.probabilities ?? [] : levels
    guard let first = known.first, let last = known.last else { return nil }
    return first...last
  }

  /// Forecasts after some rows of series that were prepared.
  ///
  /// - Parameters:
  ///   - places: series by their place among the prepared ones, and for each the last row to be seen.
  ///   - quantiles: the probabilities of which quantiles are given, within ``quantileRange``.
  ///   - threads: how many threads may work.
  /// - Throws: ``ForecasterError`` where quantiles are asked for beyond those that there are.
  public func forecasts(
    of prepared: [PreparedSeries], after places: [ForecastWindows.Place], quantiles: [Double] = [],
    threads: Int = Threads.default
  ) throws -> [Forecast] {
    try checkQuantiles(quantiles)
    var forecasts: [Forecast] = []
    forecasts.reserveCapacity(places.count)
    var recent = quantiles.isEmpty ? nil : recentErrors(prepared, places, threads)
    for start in stride(from: 0, to: places.count, by: Self.batch) {
      let places = places[start..<min(start + Self.batch, places.count)]
      let (output, scales) = outputs(prepared, places, threads)
      for (b, place) in places.enumerated() {
        let one = prepared[place.series]
        /// An output of each row ahead with errors added, in the unit of the series.
        func restored(_ i: Int, adding errors: [Float] = []) -> [Double] {
          preparation.restored(
            (0..<preparation.window.horizon).map { output[b, $0 * outputs + i] }, plus: errors,
            scale: scales[b], of: one, after: place.last)
        }
        forecasts.append(
          Forecast(
            series: one.series, target: one.target, last: place.last,
            values: levels.isEmpty
              ? restored(0) : Self.quantile(0.5, of: levels.indices.map { restored($0) }, levels),
            quantiles: levels.isEmpty
              ? spread(quantiles, one.target, place, &recent).map { restored(0, adding: $0) }
              : corrected(quantiles, one.target, place, &recent, restored)))
      }
    }
    return forecasts
  }

  /// What to add to a point for each quantile, `[quantile][H]`.
  private func spread(
    _ quantiles: [Double], _ target: Int, _ place: ForecastWindows.Place,
    _ recent: inout RecentErrors?
  ) -> [[Float]] {
    recent?.quantiles(quantiles.map { ($0, 0) }, for: place)
      ?? quantiles.map { p in
        (0..<preparation.window.horizon).map {
          errors?.quantile(p, target: target, step: $0) ?? 0
        }
      }
  }

  /// The network's quantiles, each with what it has been wrong by, in order (Chernozhukov et al. 2010), and those that
  /// are between by proportion.
  private func corrected(
    _ quantiles: [Double], _ target: Int, _ place: ForecastWindows.Place,
    _ recent: inout RecentErrors?, _ restored: (Int, [Float]) -> [Double]
  ) -> [[Double]] {
    guard !quantiles.isEmpty else { return [] }
    let own = levels.enumerated().map { ($1, $0) }
    let corrections =
      recent?.quantiles(own, for: place)
      ?? levels.indices.map { i in
        errors.map { errors in
          (0..<preparation.window.horizon).map { errors.quantiles[target, $0, i] }
        } ?? []
      }
    let rows = levels.indices.map { restored($0, corrections[$0]) }.sortedByColumn
    return quantiles.map { Self.quantile($0, of: rows, levels) }
  }

  private static func quantile(
    _ p: Double, of rows: [[Double]], _ levels: [Double]
  ) -> [Double] {
    let place = QuantilePlace(p, in: levels)
    return zip(rows[place.below], rows[place.above]).map { $0 + place.part * ($1 - $0) }
  }

  /// The forecast from the last row of each series, for each target.
  ///
  /// - Throws: ``ForecasterError`` and ``SeriesError`` where a series does not have what the model sees.
  public func forecasts(
    of table: SeriesTable, quantiles: [Double] = [], threads: Int = Threads.default
  ) throws -> [Forecast] {
    let window = preparation.window
    let prepared = try preparation.prepare(table, ahead: window.horizon * window.spacing)
    let places = try prepared.enumerated().map { index, one in
      let place = ForecastWindows.Place(series: index, last: one.rows - 1)
      if let problem = problem(of: one, upTo: place.last) {
        let series = table.series[one.series]
        let name = series.key.isEmpty ? "the series" : "the series '\(oneLine(series.key))'"
        throw ForecasterError("\(name) cannot be predicted: \(problem)")
      }
      return place
    }
    return try forecasts(of: prepared, after: places, quantiles: quantiles, threads: threads)
  }

  /// Why there is no forecast after a row.
  private func problem(of series: PreparedSeries, upTo last: Int) -> String? {
    let window = preparation.window
    let column = preparation.columns.targets[series.target]
    let needed = (window.leastRows - 1) * window.spacing + 1 + (preparation.difference ?? 0)
    guard last + 1 >= needed else {
      return "it has \(last + 1) rows with '\(oneLine(column))', and \(needed) are needed"
    }
    func count(_ rows: Int) -> String { rows == 1 ? "1 row" : "\(rows) rows" }
    let rows = window.rowsSeen(upTo: last, from: series.window.start)
    for step in (1 - rows)...window.horizon {
      let row = last + step * window.spacing
      if !series.window.isWhole(row, ahead: step > 0) {
        return step > 0
          ? "what is to be known ahead is not, \(count(row - last)) after its last"
          : "a number is missing \(count(last - row)) before its last, among the \(rows) that are seen"
      }
    }
    if let difference = preparation.difference {
      for row in stride(from: last + window.spacing - difference, through: last, by: window.spacing)
        .prefix(window.horizon) where !series.scaled[row].isFinite
      {
        return "a number is missing \(count(last - row)) before its last, which is to be added"
      }
    }
    return nil
  }
}

extension ForecastModel {
  /// - Throws: ``ForecasterError`` where quantiles are asked for beyond those that there are.
  func checkQuantiles(_ quantiles: [Double]) throws {
    guard !quantiles.isEmpty else { return }
    guard let range = quantileRange else {
      throw ForecasterError("the forecaster is not calibrated, so it gives no quantiles")
    }
    if let p = quantiles.first(where: { !range.contains($0) }) {
      throw ForecasterError(
        "quantiles are those from \(range.lowerBound) to \(range.upperBound), not \(p)")
    }
  }
}

extension [[Double]] {
  /// Each column in rising order.
  var sortedByColumn: [[Double]] {
    var rows = self
    for column in (first ?? []).indices {
      for (i, value) in map({ $0[column] }).sorted().enumerated() { rows[i][column] = value }
    }
    return rows
  }
}
