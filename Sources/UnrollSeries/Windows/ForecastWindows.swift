import UnrollCore
import UnrollFiles

/// Windows of many series, in another order in every pass, to learn to predict what follows them.
///
/// A window belongs to the rows that it predicts: all of them are in the series' range. What it sees may be
/// earlier, so that a range may be as short as one target. A window never reaches into another series. One that
/// has a number that is missing, among those that it sees or predicts, is left out.
///
/// # Shapes
/// Inputs ``WindowInput`` of B windows; targets `[B, H]`, relative as the inputs' column 0. A window that sees fewer
/// rows than T has zeros before them. Where series have weights, a window's is that of its series in the unit of the
/// target.
public struct ForecastWindows: BatchSource {
  public typealias Input = WindowInput<Float>
  public typealias Target = Tensor<Float>

  /// One window.
  public struct Place: Sendable, Equatable {
    /// The index of its series.
    public let series: Int
    /// The last row that is seen.
    public let last: Int

    public init(series: Int, last: Int) {
      self.series = series
      self.last = last
    }
  }

  /// From which end of a range windows are counted, where they are more than a row apart.
  public enum Alignment: Sendable {
    /// The last window predicts the last row.
    case end
    /// The first window predicts the first row.
    case start
  }

  public let shape: WindowShape
  public let series: [WindowSeries]
  /// All windows, in the order of the series and of time.
  public let places: [Place]
  /// For each series what one unit of it weighs in the loss; empty where all windows weigh the same.
  public let weights: [Double]
  private var batches: ShuffledBatches

  /// - Parameters:
  ///   - ranges: for each series the rows that may be predicted.
  ///   - stride: the rows from one window to the next.
  ///   - alignment: from which end of a range windows are counted.
  ///   - weights: for each series what one unit of it weighs in the loss, at least 0; none for all windows the same.
  ///   - batchSize: windows in a batch, B, at least 1.
  ///   - seed: what decides the orders; with `nil` windows come in order.
  /// - Throws: ``SeriesError/tooShort(rows:needed:)`` and ``SeriesError/noWholeWindow`` where no series has a
  ///   whole window in its range.
  public init(
    _ series: [WindowSeries], in ranges: [Range<Int>], shape: WindowShape, stride: Int = 1,
    alignment: Alignment = .end, weights: [Double] = [], batchSize: Int, seed: UInt64? = 1
  ) throws {
    require(
      ranges.count == series.count && stride >= 1 && batchSize >= 1,
      "ForecastWindows: \(ranges.count) ranges of \(series.count) series, a stride of \(stride), "
        + "batches of \(batchSize)")
    require(
      weights.isEmpty
        || weights.count == series.count && weights.allSatisfy { $0 >= 0 && $0.isFinite },
      "ForecastWindows: weights \(weights.prefix(9)) for \(series.count) series")
    self.weights = weights
    self.shape = shape
    self.series = series
    places = series.indices.flatMap { i in
      Self.lastRows(of: series[i], in: ranges[i], shape, stride, alignment).map {
        Place(series: i, last: $0)
      }
    }
    guard !places.isEmpty else {
      throw Self.problem(of: series, in: ranges, shape)
    }
    var data = Fingerprint("ForecastWindows")
    for one in series {
      data.combine(one.past)
      data.combine(one.known)
      data.combine(one.categories)
      data.combine(one.start)
    }
    for range in ranges {
      data.combine(range.lowerBound)
      data.combine(range.upperBound)
    }
    for size in [shape.length, shape.horizon, shape.spacing, shape.leastRows, stride] {
      data.combine(size)
    }
    data.combine(WindowScale.allCases.firstIndex(of: shape.scale) ?? 0)
    if alignment == .start { data.combine(1) }
    for weight in weights { data.combine(Int(weight.bitPattern >> 1)) }
    batches = ShuffledBatches(examples: places.count, batchSize: batchSize, seed: seed, data: data)
  }

  /// The last rows that windows see which are whole, by time.
  private static func lastRows(
    of series: WindowSeries, in range: Range<Int>, _ shape: WindowShape, _ stride: Int,
    _ alignment: Alignment
  ) -> [Int] {
    let (space, rows) = (shape.spacing, series.count)
    let range = range.clamped(to: 0..<rows)
    // The first target of the first window, and of the last one.
    let first = max(range.lowerBound, series.start + shape.leastRows * space)
    let last = range.upperBound - 1 - (shape.horizon - 1) * space
    guard first <= last else { return [] }
    let isWhole = series.isWhole
    // For each row how many rows before it that are `space` apart are whole without a break, itself included.
    var run = [Int](repeating: 0, count: rows)
    for row in 0..<rows where isWhole[row] { run[row] = 1 + (row >= space ? run[row - space] : 0) }
    let start = alignment == .start ? first : first + (last - first) % stride
    return Swift.stride(from: start, through: last, by: stride).compactMap { target in
      let end = target + (shape.horizon - 1) * space
      let needed = shape.rowsSeen(upTo: target - space, from: series.start) + shape.horizon
      // Targets are spaced from the last row that is seen.
      return run[end] >= needed ? target - space : nil
    }
  }

  /// Why there is no window: too few rows to predict, too few before them, or one missing in all.
  private static func problem(
    of series: [WindowSeries], in ranges: [Range<Int>], _ shape: WindowShape
  ) -> SeriesError {
    let ahead = (shape.horizon - 1) * shape.spacing + 1
    let most = ranges.map(\.count).max() ?? 0
    guard most >= ahead else { return .tooShort(rows: most, needed: ahead) }
    let needed = shape.leastRows * shape.spacing + ahead
    let rows = zip(series, ranges).map { min($1.upperBound, $0.count) - $0.start }.max() ?? 0
    return rows < needed ? .tooShort(rows: rows, needed: needed) : .noWholeWindow
  }

  public var batchSize: Int { batches.batchSize }
  public var batchesPerEpoch: Int { batches.batchesPerEpoch }

  public var position: SourcePosition {
    get { batches.position }
    set { batches.position = newValue }
  }

  public func canResume(at position: SourcePosition) -> Bool { batches.canResume(at: position) }

  public mutating func next() -> Batch<WindowInput<Float>, Tensor<Float>> {
    let chosen = batches.next().map { places[$0] }
    let (input, scales) = input(of: chosen, filledTo: batchSize)
    let lengths =
      chosen.count == batchSize
      ? nil : (0..<batchSize).map { $0 < chosen.count ? shape.length : 0 }
    let own =
      weights.isEmpty ? nil : zip(chosen, scales).map { weights[$0.series] * Double($1.width) }
    return Batch(
      input: input, target: targets(of: chosen), lengths: lengths,
      weights: own.map { $0 + Array(repeating: 0, count: batchSize - chosen.count) })
  }

  /// What some windows see, and to what each is relative.
  ///
  /// - Parameter count: the windows in the input; those beyond the given ones are zero.
  public func input(
    of places: [Place], filledTo count: Int? = nil
  ) -> (input: WindowInput<Float>, scales: [(level: Float, width: Float)]) {
    WindowInput.make(
      places.map { (series[$0.series], $0.last) }, shape: shape, filledTo: count)
  }

  private func targets(of places: [Place]) -> Tensor<Float> {
    let horizon = shape.horizon
    var targets = Tensor<Float>(shape: [batchSize, horizon])
    targets.withUnsafeMutableBufferPointer { y in
      for (b, place) in places.enumerated() {
        let one = series[place.series]
        let width = one.past.shape[1]
        one.past.withUnsafeBufferPointer { x in
          let scale = shape.scale(x, width: width, from: one.start, upTo: place.last)
          for h in 0..<horizon {
            let value = x[(place.last + (h + 1) * shape.spacing) * width]
            y[b * horizon + h] = (value - scale.level) / scale.width
          }
        }
      }
    }
    return targets
  }
}

extension WindowShape {
  /// To what the window of a series is relative whose last row to be seen is this.
  func scale(
    _ past: UnsafeBufferPointer<Float>, width: Int, from start: Int, upTo last: Int
  ) -> (level: Float, width: Float) {
    let rows = rowsSeen(upTo: last, from: start)
    return scale.scale(of: (0..<rows).lazy.map { past[(last - (rows - 1 - $0) * spacing) * width] })
  }
}

extension WindowInput where Element == Float {
  /// What windows of some series see, each up to a row, and to what each is relative.
  ///
  /// - Parameter size: the windows of the input; those beyond the given ones are zero.
  public static func make(
    _ windows: [(series: WindowSeries, last: Int)], shape: WindowShape, filledTo size: Int? = nil
  ) -> (input: WindowInput, scales: [(level: Float, width: Float)]) {
    let (time, space, horizon) = (shape.length, shape.spacing, shape.horizon)
    let count = size ?? windows.count
    let width = windows.first?.series.past.shape[1] ?? 1
    let ahead = windows.first?.series.known.shape[1] ?? 0
    let kinds = windows.first?.series.categories.count ?? 0
    var past = Tensor<Float>(shape: [time, count, width + ahead])
    var future = Tensor<Float>(shape: [horizon, count, ahead])
    var ids = [Int32](repeating: 0, count: kinds * count)
    var scales: [(level: Float, width: Float)] = []
    past.withUnsafeMutableBufferPointer { y in
      future.withUnsafeMutableBufferPointer { z in
        for (b, (series, last)) in windows.enumerated() {
          for s in 0..<kinds { ids[s * count + b] = series.categories[s] }
          series.past.withUnsafeBufferPointer { x in
            series.known.withUnsafeBufferPointer { k in
              let scale = shape.scale(x, width: width, from: series.start, upTo: last)
              scales.append(scale)
              let rows = shape.rowsSeen(upTo: last, from: series.start)
              for t in (time - rows)..<time {
                let row = last - (time - 1 - t) * space
                let to = (t * count + b) * (width + ahead)
                for f in 0..<width { y[to + f] = x[row * width + f] }
                y[to] = (y[to] - scale.level) / scale.width
                for f in 0..<ahead { y[to + width + f] = k[row * ahead + f] }
              }
              for h in 0..<horizon {
                let row = last + (h + 1) * space
                for f in 0..<ahead { z[(h * count + b) * ahead + f] = k[row * ahead + f] }
              }
            }
          }
        }
      }
    }
    return (
      WindowInput(
        past: past, future: future, categories: Tokens(time: kinds, batch: count, ids: ids)),
      scales
    )
  }
}

extension SeriesPreparation {
  /// Windows of series that were prepared: those whose rows ahead are in the ranges.
  ///
  /// - Parameters:
  ///   - ranges: for each series of the table the rows that may be predicted.
  ///   - stride: the rows from one window to the next.
  ///   - alignment: from which end of a range windows are counted.
  ///   - weights: for each prepared series what one unit of it weighs in the loss; none for all windows the same.
  ///   - seed: what decides the orders; with `nil` they come in order of series and time.
  /// - Throws: ``SeriesError`` where there is no window.
  public func windows(
    of prepared: [PreparedSeries], in ranges: [Range<Int>], batchSize: Int, stride: Int = 1,
    alignment: ForecastWindows.Alignment = .end, weights: [Double] = [], seed: UInt64? = 1
  ) throws -> ForecastWindows {
    try ForecastWindows(
      prepared.map(\.window), in: prepared.map { ranges[$0.series] }, shape: window,
      stride: stride, alignment: alignment, weights: weights, batchSize: batchSize, seed: seed)
  }

  /// What `MeanAbsoluteScaledError` takes: for each prepared series 1 over how far, in rows to learn from, its numbers
  /// are on average from those a season before; 0 for one that a naive forecast knows.
  ///
  /// - Parameters:
  ///   - ranges: for each series of the table the rows to learn from.
  ///   - season: the rows to a season, at least 1.
  public func seasonalWeights(
    of prepared: [PreparedSeries], in ranges: [Range<Int>], season: Int
  ) -> [Double] {
    prepared.map { one in
      let rows = ranges[one.series].clamped(to: 0..<one.window.count)
      let seen = rows.map { Double(one.window.past[$0, 0]) }
      return ForecastMetrics.seasonalScale(of: seen, season: season).map { 1 / $0 } ?? 0
    }
  }
}
