import UnrollCore
import UnrollFiles
import UnrollSeries

extension RecursiveForecaster {
  /// The probabilities of which quantiles can be asked for.
  public var quantileRange: ClosedRange<Double>? { 0.005...0.995 }

  /// Forecasts after some rows of series that were prepared: the mean, and quantiles of sampled paths, with what these
  /// have been wrong by where it is calibrated.
  ///
  /// Each series is read once, from its first row to the last one of the places; forecasts on the way have the
  /// numbers, to the last bit, that they have of a series that ends there.
  ///
  /// - Parameters:
  ///   - places: series by their place among the prepared ones, and for each the last row to be seen.
  ///   - quantiles: the probabilities of which quantiles are given, within ``quantileRange``.
  ///   - paths: how many paths are sampled for them.
  ///   - seed: what they are drawn by.
  /// - Throws: ``ForecasterError`` where what is to be known ahead is not, or quantiles are asked for beyond those
  ///   that there are.
  public func forecasts(
    of prepared: [PreparedSeries], after places: [ForecastWindows.Place], quantiles: [Double] = [],
    paths: Int = 200, seed: UInt64 = 1
  ) throws -> [Forecast] {
    try checkQuantiles(quantiles)
    let horizon = preparation.window.horizon
    var forecasts = [Forecast?](repeating: nil, count: places.count)
    let order = places.indices.sorted {
      (places[$0].series, places[$0].last) < (places[$1].series, places[$1].last)
    }
    let start = makeStream()
    var (stream, current) = (start, -1)
    for index in order {
      let place = places[index]
      let one = prepared[place.series]
      if place.series != current { (stream, current) = (start, place.series) }
      if let missing = (1...horizon).first(where: {
        !one.window.isWhole(place.last + $0, ahead: true)
      }) {
        throw ForecasterError(
          "what is to be known ahead is not, \(missing) rows after row \(place.last)")
      }
      read(one, upTo: place.last, into: &stream)
      let means = means(horizon, after: stream, of: one)
      var rows: [[Double]] = []
      if !quantiles.isEmpty {
        let random = RandomSource(seed: seed).child(place.series).child(place.last)
        let paths = self.paths(horizon, count: paths, after: stream, of: one, random).map {
          preparation.restored($0, scale: (0, 1), of: one, after: place.last)
        }
        rows = corrected(
          ForecastMetrics.quantiles(ofPaths: paths, at: quantiles), quantiles, of: one)
      }
      forecasts[index] = Forecast(
        series: one.series, target: one.target, last: place.last,
        values: preparation.restored(means, scale: (0, 1), of: one, after: place.last),
        quantiles: rows)
    }
    return forecasts.compactMap(\.self)
  }

  /// Quantiles of sampled paths, each with what it has been wrong by, in order.
  private func corrected(
    _ rows: [[Double]], _ quantiles: [Double], of series: PreparedSeries
  ) -> [[Double]] {
    guard let errors else { return rows }
    let order = quantiles.indices.sorted { quantiles[$0] < quantiles[$1] }
    let sorted = order.map { index in
      rows[index].enumerated().map { step, value in
        let error = errors.quantile(quantiles[index], target: series.target, step: step)
        let corrected = series.scale.original(series.scale.seen(value) + Double(error))
        return likelihood.isOfCounts ? max(0, corrected) : corrected
      }
    }.sortedByColumn
    var corrected = rows
    for (place, index) in order.enumerated() { corrected[index] = sorted[place] }
    return corrected
  }

  /// Takes note of the errors of the quantiles of sampled paths, on rows that were not learned from, so that intervals
  /// keep their word (split-conformal, each step of the horizon for itself). Of fewer than
  /// ``ErrorQuantiles/least`` forecasts of a target the quantiles are left as they are.
  ///
  /// - Parameters:
  ///   - ranges: for each series the rows.
  ///   - stride: the rows from one forecast to the next.
  ///   - paths: how many paths are sampled for each.
  ///   - seed: what they are drawn by.
  /// - Throws: ``SeriesError`` where a column is not there, or there is no window.
  public mutating func calibrate(
    on table: SeriesTable, in ranges: [Range<Int>], stride: Int = 1, paths: Int = 200,
    seed: UInt64 = 1
  ) throws {
    let probabilities = ErrorQuantiles.standardProbabilities
    let prepared = try preparation.prepare(table)
    let columns = try preparation.columns.targets.map { try table.column($0) }
    let windows = try preparation.windows(
      of: prepared, in: ranges, batchSize: 1, stride: stride, seed: nil)
    errors = nil
    var all = [[[[Float]]]](
      repeating: Array(
        repeating: Array(repeating: [], count: probabilities.count),
        count: preparation.window.horizon),
      count: columns.count)
    let forecasts = try forecasts(
      of: prepared, after: windows.places, quantiles: probabilities, paths: paths, seed: seed)
    for (place, forecast) in zip(windows.places, forecasts) {
      let scale = prepared[place.series].scale
      for h in 0..<preparation.window.horizon {
        let came = table.series[forecast.series].values[
          place.last + h + 1, columns[forecast.target]]
        for (i, quantiles) in forecast.quantiles.enumerated() {
          all[forecast.target][h][i].append(Float(scale.seen(came) - scale.seen(quantiles[h])))
        }
      }
    }
    if all.allSatisfy({ $0[0][0].count >= ErrorQuantiles.least }) {
      errors = ErrorQuantiles(all, probabilities: probabilities)
    }
  }

  /// The forecast from the last row of each series, for each target.
  ///
  /// - Throws: ``ForecasterError`` and ``SeriesError`` where a series does not have what the model sees.
  public func forecasts(
    of table: SeriesTable, quantiles: [Double] = [], paths: Int = 200, seed: UInt64 = 1
  ) throws -> [Forecast] {
    let prepared = try preparation.prepare(table, ahead: preparation.window.horizon)
    if let empty = prepared.first(where: { $0.rows == 0 }) {
      throw ForecasterError(
        "the series '\(oneLine(table.series[empty.series].key))' has no row with '"
          + "\(oneLine(preparation.columns.targets[empty.target]))'")
    }
    let places = prepared.indices.map {
      ForecastWindows.Place(series: $0, last: prepared[$0].rows - 1)
    }
    return try forecasts(
      of: prepared, after: places, quantiles: quantiles, paths: paths, seed: seed)
  }
}
