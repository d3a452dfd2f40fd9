import UnrollCore
import UnrollFiles
import UnrollSeries

extension RecursiveForecaster {
  /// Forecasts after some rows of series that were prepared: the mean, and quantiles of sampled paths.
  ///
  /// Each series is read once, from its first row to the last one of the places; forecasts on the way have the
  /// numbers, to the last bit, that they have of a series that ends there.
  ///
  /// - Parameters:
  ///   - places: series by their place among the prepared ones, and for each the last row to be seen.
  ///   - quantiles: the probabilities of which quantiles are given.
  ///   - paths: how many paths are sampled for them.
  ///   - seed: what they are drawn by.
  /// - Throws: ``ForecasterError`` where what is to be known ahead is not.
  public func forecasts(
    of prepared: [PreparedSeries], after places: [ForecastWindows.Place], quantiles: [Double] = [],
    paths: Int = 200, seed: UInt64 = 1
  ) throws -> [Forecast] {
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
        rows = ForecastMetrics.quantiles(ofPaths: paths, at: quantiles)
      }
      forecasts[index] = Forecast(
        series: one.series, target: one.target, last: place.last,
        values: preparation.restored(means, scale: (0, 1), of: one, after: place.last),
        quantiles: rows)
    }
    return forecasts.compactMap(\.self)
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
