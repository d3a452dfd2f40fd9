import UnrollCore
import UnrollLayers
import UnrollSeries

extension Forecaster {
  /// What is predicted at once.
  static let batch = 256

  /// The outputs of a row ahead, Q.
  var outputs: Int { max(1, levels.count) }

  /// What the network says after some rows, `[B, H Q]`, and to what each window was relative.
  func outputs(
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

  /// The errors of a forecast of which all rows have come, in the unit of the outputs, H Q.
  func errors(
    of output: Tensor<Float>, _ b: Int, scale: (level: Float, width: Float),
    in series: PreparedSeries, after last: Int
  ) -> [Float] {
    let season = preparation.difference.map { $0 / preparation.window.spacing }
    var errors: [Float] = []
    for h in 0..<preparation.window.horizon {
      let row = last + (h + 1) * preparation.window.spacing
      let came = (series.window.past[row, 0] - scale.level) / scale.width
      for i in 0..<outputs {
        // A difference from a row that is ahead itself has the error of that one too.
        let before = season.flatMap { h >= $0 ? errors[(h - $0) * outputs + i] : nil } ?? 0
        errors.append(came - output[b, h * outputs + i] + before)
      }
    }
    return errors
  }

  /// Takes note of the errors of forecasts of rows that were not learned from, so that there are intervals that keep
  /// their word. Quantiles of its own are left as they are by fewer than ``ErrorQuantiles/least`` of them.
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
    var all = [[[[Float]]]](
      repeating: Array(repeating: Array(repeating: [], count: outputs), count: horizon),
      count: preparation.columns.targets.count)
    for start in Swift.stride(from: 0, to: windows.places.count, by: Self.batch) {
      let places = windows.places[start..<min(start + Self.batch, windows.places.count)]
      let (output, scales) = outputs(prepared, places, threads)
      for (b, place) in places.enumerated() {
        let one = prepared[place.series]
        let errors = errors(of: output, b, scale: scales[b], in: one, after: place.last)
        for (k, error) in errors.enumerated() {
          all[one.target][k / outputs][k % outputs].append(error)
        }
      }
    }
    guard all.allSatisfy({ $0.allSatisfy { $0.allSatisfy { !$0.isEmpty } } }) else {
      throw ForecasterError("a target has no whole window to calibrate on")
    }
    if levels.isEmpty {
      errors = ErrorQuantiles(all)
    } else {
      let isEnough = all.allSatisfy { $0[0][0].count >= ErrorQuantiles.least }
      errors = isEnough ? ErrorQuantiles(all, probabilities: levels) : nil
    }
  }

  /// The errors that were made lately of series that have times.
  func recentErrors(
    _ prepared: [PreparedSeries], _ places: [ForecastWindows.Place], _ threads: Int
  ) -> RecentErrors? {
    learnedUntil.map {
      RecentErrors(
        prepared, places, window: preparation.window, outputs: outputs, learnedUntil: $0,
        errors: { places in
          let (output, scales) = outputs(prepared, places, threads)
          return places.enumerated().map { b, place in
            errors(of: output, b, scale: scales[b], in: prepared[place.series], after: place.last)
          }
        })
    }
  }
}
