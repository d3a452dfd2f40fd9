import UnrollCore
import UnrollFiles
import UnrollSeries

/// The errors that a forecaster made lately, by what was known at the time: what makes intervals follow a series that
/// becomes calmer or wilder (split-conformal prediction over a window that moves; Gibbs and Candès 2021 say why).
///
/// For a forecast after a row, those forecasts count of which all rows had come by then, none of which was learned from,
/// made from at most ``rows(horizon:)`` rows before. Where they are fewer than ``least``, the errors of the calibration
/// are taken.
struct RecentErrors {
  /// The fewest forecasts that say how wide an interval is.
  static let least = 100

  /// How far back errors count.
  static func rows(horizon: Int) -> Int { max(8 * horizon, 300) }

  /// The errors of one target of one series, by the row after which the forecast was made.
  private struct Track {
    var rows: [Int] = []
    /// H to a forecast.
    var errors: [Float] = []
  }

  private var tracks: [Int: Track] = [:]
  private let horizon: Int
  private let spacing: Int

  /// - Parameters:
  ///   - learnedUntil: the last row that was learned from.
  ///   - errors: those of the forecasts after some rows.
  init(
    _ prepared: [PreparedSeries], _ places: [ForecastWindows.Place],
    window: WindowShape, learnedUntil: TimeStamp,
    errors: (ArraySlice<ForecastWindows.Place>) -> [[Float]]
  ) {
    (horizon, spacing) = (window.horizon, window.spacing)
    let reach = Self.rows(horizon: horizon) * spacing
    var wanted: [ForecastWindows.Place] = []
    for (index, own) in Dictionary(grouping: places, by: \.series).sorted(by: { $0.key < $1.key }) {
      let one = prepared[index]
      guard let times = one.times, let last = own.map(\.last).max(),
        let first = own.map(\.last).min()
      else { continue }
      let begin = (0..<one.rows).first { times.time(ofRow: $0) > learnedUntil } ?? one.rows
      let from = max(begin - 1, first - horizon * spacing - reach, 0)
      let to = last - horizon * spacing
      guard from <= to else { continue }
      let range = (from + 1)..<(to + horizon * spacing + 1)
      let stride = max(1, reach / 256)
      guard
        let windows = try? ForecastWindows(
          [one.window], in: [range], shape: window, batchSize: 1, seed: nil)
      else { continue }
      // Counted from the first row, so that they are the same ones whatever is asked for together.
      wanted += windows.places.filter { $0.last % stride == 0 }.map {
        ForecastWindows.Place(series: index, last: $0.last)
      }
    }
    for start in Swift.stride(from: 0, to: wanted.count, by: 256) {
      let places = wanted[start..<min(start + 256, wanted.count)]
      for (place, errors) in zip(places, errors(places)) {
        tracks[place.series, default: Track()].rows.append(place.last)
        tracks[place.series, default: Track()].errors += errors
      }
    }
  }

  /// The quantiles of the errors of each step, `[probability][step]`, for a forecast; `nil` where too few are known.
  func quantiles(_ probabilities: [Double], for place: ForecastWindows.Place) -> [[Float]]? {
    guard let track = tracks[place.series] else { return nil }
    let newest = place.last - horizon * spacing
    let oldest = newest - Self.rows(horizon: horizon) * spacing
    let chosen = track.rows.indices.filter {
      track.rows[$0] <= newest && track.rows[$0] > oldest
    }
    guard chosen.count >= Self.least else { return nil }
    var quantiles = probabilities.map { _ in [Float](repeating: 0, count: horizon) }
    for h in 0..<horizon {
      let sorted = chosen.map { track.errors[$0 * horizon + h] }.sorted()
      for (i, p) in probabilities.enumerated() {
        quantiles[i][h] = sorted[ErrorQuantiles.rank(p, of: sorted.count)]
      }
    }
    return quantiles
  }
}
