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
    /// H Q to a forecast.
    var errors: [Float] = []
  }

  private var tracks: [Int: Track] = [:]
  private let horizon: Int
  private let outputs: Int
  private let spacing: Int
  private var window = SortedErrors()

  /// - Parameters:
  ///   - outputs: the outputs of a row ahead, Q.
  ///   - learnedUntil: the last row that was learned from.
  ///   - errors: those of the forecasts after some rows, H Q each.
  init(
    _ prepared: [PreparedSeries], _ places: [ForecastWindows.Place],
    window: WindowShape, outputs: Int, learnedUntil: TimeStamp,
    errors: (ArraySlice<ForecastWindows.Place>) -> [[Float]]
  ) {
    (horizon, spacing, self.outputs) = (window.horizon, window.spacing, outputs)
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

  /// The quantiles of the errors of each step for a forecast; `nil` where too few are known. Forecasts of one series
  /// that are asked for in the order of time cost the least.
  ///
  /// - Parameter wanted: probabilities, and of which output each is.
  /// - Returns: `[wanted][H]`.
  mutating func quantiles(
    _ wanted: [(probability: Double, output: Int)], for place: ForecastWindows.Place
  ) -> [[Float]]? {
    guard let track = tracks[place.series] else { return nil }
    let newest = place.last - horizon * spacing
    let oldest = newest - Self.rows(horizon: horizon) * spacing
    let first = track.rows.firstIndex { $0 > oldest } ?? track.rows.count
    let end = track.rows.lastIndex { $0 <= newest }.map { $0 + 1 } ?? 0
    guard end - first >= Self.least else { return nil }
    window.move(to: first..<end, of: place.series, track.errors, width: horizon * outputs)
    return wanted.map { wanted in
      (0..<horizon).map { h in
        let sorted = window.columns[h * outputs + wanted.output]
        return sorted[ErrorQuantiles.rank(wanted.probability, of: sorted.count)]
      }
    }
  }
}

/// The errors of some forecasts that follow one another, sorted by column, while the window moves over them.
private struct SortedErrors {
  private(set) var columns: [[Float]] = []
  private var series = -1
  private var range = 0..<0

  /// - Parameter errors: of all forecasts of the series, `width` each.
  mutating func move(to new: Range<Int>, of series: Int, _ errors: [Float], width: Int) {
    if self.series != series || new.lowerBound < range.lowerBound
      || new.upperBound < range.upperBound || new.lowerBound >= range.upperBound
    {
      columns = (0..<width).map { column in new.map { errors[$0 * width + column] }.sorted() }
    } else {
      for column in 0..<width {
        for old in range.lowerBound..<new.lowerBound {
          let error = errors[old * width + column]
          let place = columns[column].lowerBound(of: error)
          columns[column].remove(at: min(place, columns[column].count - 1))
        }
        for late in range.upperBound..<new.upperBound {
          let error = errors[late * width + column]
          columns[column].insert(error, at: columns[column].lowerBound(of: error))
        }
      }
    }
    (self.series, range) = (series, new)
  }
}

extension [Float] {
  /// The first place of sorted numbers that is not below one.
  fileprivate func lowerBound(of x: Float) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < x { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
