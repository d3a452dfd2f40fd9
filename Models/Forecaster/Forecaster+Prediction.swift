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
  /// What is predicted at once.
  private static let batch = 256

  /// Forecasts after some rows of series that were prepared.
  ///
  /// - Parameters:
  ///   - places: series by their place among the prepared ones, and for each the last row to be seen.
  ///   - quantiles: the probabilities of which quantiles are given; they need ``errors``.
  ///   - threads: how many threads may work.
  /// - Throws: ``ForecasterError`` where quantiles are asked for and there are no errors, or of a probability
  ///   beyond those of ``ErrorQuantiles/probabilities``.
  public func forecasts(
    of prepared: [PreparedSeries], after places: [ForecastWindows.Place], quantiles: [Double] = [],
    threads: Int = Threads.default
  ) throws -> [Forecast] {
    guard quantiles.isEmpty || errors != nil else {
      throw ForecasterError("the forecaster is not calibrated, so it gives no quantiles")
    }
    let (least, most) = (
      ErrorQuantiles.probabilities.first ?? 0, ErrorQuantiles.probabilities.last ?? 1
    )
    if let p = quantiles.first(where: { !($0 >= least && $0 <= most) }) {
      throw ForecasterError("quantiles are those from \(least) to \(most), not \(p)")
    }
    var forecasts: [Forecast] = []
    forecasts.reserveCapacity(places.count)
    let recent = quantiles.isEmpty ? nil : recentErrors(prepared, places, threads)
    for start in stride(from: 0, to: places.count, by: Self.batch) {
      let places = places[start..<min(start + Self.batch, places.count)]
      let (outputs, scales) = outputs(prepared, places, threads)
      for (b, place) in places.enumerated() {
        let one = prepared[place.series]
        let row = (0..<preparation.window.horizon).map { outputs[b, $0] }
        func restored(adding errors: [Float] = []) -> [Double] {
          preparation.restored(
            row, plus: errors, scale: scales[b], of: one, after: place.last)
        }
        let spread =
          recent?.quantiles(quantiles, for: place)
          ?? quantiles.map { p in
            row.indices.map { errors?.quantile(p, target: one.target, step: $0) ?? 0 }
          }
        forecasts.append(
          Forecast(
            series: one.series, target: one.target, last: place.last, values: restored(),
            quantiles: spread.map { restored(adding: $0) }))
      }
    }
    return forecasts
  }

  /// The errors that were made lately of series that have times.
  private func recentErrors(
    _ prepared: [PreparedSeries], _ places: [ForecastWindows.Place], _ threads: Int
  ) -> RecentErrors? {
    learnedUntil.map {
      RecentErrors(
        prepared, places, window: preparation.window, learnedUntil: $0,
        errors: { places in
          let (outputs, scales) = outputs(prepared, places, threads)
          return places.enumerated().map { b, place in
            errors(
              of: outputs, b, scale: scales[b], in: prepared[place.series], after: place.last)
          }
        })
    }
  }

  private func outputs(
    _ prepared: [PreparedSeries], _ places: ArraySlice<ForecastWindows.Place>, _ threads: Int
  ) -> (Tensor<Float>, [(level: Float, width: Float)]) {
    let (input, scales) = WindowInput.make(
      places.map { (prepared[$0.series].window, $0.last) }, shape: preparation.window)
    var state = network.makeState(batch: places.count)
    var cache = network.makeCache()
    let outputs = network.forward(
      input, state: &state, cache: &cache, in: Context(.inference, threads: threads))
    return (outputs, scales)
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

  /// The errors of a forecast of which all rows have come, in the unit of the outputs.
  private func errors(
    of outputs: Tensor<Float>, _ b: Int, scale: (level: Float, width: Float),
    in series: PreparedSeries, after last: Int
  ) -> [Float] {
    let season = preparation.difference.map { $0 / preparation.window.spacing }
    var errors: [Float] = []
    for h in 0..<preparation.window.horizon {
      let row = last + (h + 1) * preparation.window.spacing
      let came = (series.window.past[row, 0] - scale.level) / scale.width
      // A difference from a row that is ahead itself has the error of that one too.
      let before = season.flatMap { h >= $0 ? errors[h - $0] : nil } ?? 0
      errors.append(came - outputs[b, h] + before)
    }
    return errors
  }

  /// Takes note of the errors of forecasts of rows that were not learned from, so that there are intervals.
  ///
  /// - Parameters:
  ///   - ranges: for each series the rows.
  ///   - stride: the rows from one forecast to the next.
  /// - Throws: ``SeriesError`` where a column is not there, or there is no window.
  public mutating func calibrate(
    on table: SeriesTable, in ranges: [Range<Int>], stride: Int = 1, threads: Int = Threads.default
  ) throws {
    let prepared = try preparation.prepare(table)
    let windows = try windows(of: table, in: ranges, batchSize: 1, stride: stride, seed: nil)
    let horizon = preparation.window.horizon
    let targets = preparation.columns.targets.count
    var all = [[[Float]]](
      repeating: Array(repeating: [], count: horizon), count: targets)
    for start in Swift.stride(from: 0, to: windows.places.count, by: Self.batch) {
      let places = windows.places[start..<min(start + Self.batch, windows.places.count)]
      let (outputs, scales) = outputs(prepared, places, threads)
      for (b, place) in places.enumerated() {
        let one = prepared[place.series]
        let errors = errors(of: outputs, b, scale: scales[b], in: one, after: place.last)
        for h in 0..<horizon { all[one.target][h].append(errors[h]) }
      }
    }
    guard all.allSatisfy({ $0.allSatisfy { !$0.isEmpty } }) else {
      throw ForecasterError("a target has no whole window to calibrate on")
    }
    errors = ErrorQuantiles(all)
  }
}
