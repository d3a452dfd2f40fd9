import UnrollCore
import UnrollFiles

/// Windows of a series of numbers whose rows are only counted, in another order in every pass, to learn to
/// predict it: ``ForecastWindows`` of one series, for models that take a plain tensor, with several columns to
/// predict at once, or a target at every step.
///
///     let series = try CSVTable("daily-min-temperatures.csv").series(["Temp"])
///     let parts = try SeriesSplit.last(validation: 365, test: 365).split(series)
///     let scales = try [ColumnScale](of: parts.training)
///     let training = try SequenceWindows(
///       scales.seen(parts.training), shape: WindowShape(length: 30, horizon: 7), batchSize: 32)
///
/// Rows are taken as they stand, one even step of time after another: **nothing checks dates**. Where a
/// day is missing, a window goes across the break as if there were none, and a day that is there
/// twice is two steps. ``SeriesTable`` checks them. In a series with a row of NaN for each point of time that is
/// missing, no window goes across a break with ``Gaps/skip``.
///
/// Every batch has `batchSize` streams. Where the windows are no multiple of it, one batch of a pass
/// is filled up with streams of length 0, which no loss counts: each window counts once in a pass.
///
/// # Shapes
/// Series `[N, F]`; inputs `[T, B, F]`. Of C columns that are predicted, H rows ahead, targets are
/// `[B, H * C]`, or `[T, B, H * C]` where every step has one: the first row's columns, then the
/// second row's.
public struct SequenceWindows: BatchSource {
  /// The steps that have a target.
  public enum Targets: Sendable, Equatable {
    /// The last one: a forecast from all that was seen, for a model whose steps are pooled.
    case lastStep
    /// Every one, from what was seen until then: for a causal model, which learns more from a
    /// window so.
    case everyStep
  }

  /// What becomes of windows with a number that is not finite, such as NaN for a missing value.
  public enum Gaps: Sendable, Equatable {
    /// They are an error.
    case error
    /// They are left out.
    case skip
  }

  private let windows: ForecastWindows
  private let targets: Targets
  /// The columns that are predicted.
  private let columns: [Int]
  private var batches: ShuffledBatches

  /// - Parameters:
  ///   - series: The numbers, a row for each point of time, `[N, F]`.
  ///   - shape: What is seen and what is predicted, whole windows that are relative to nothing.
  ///   - targets: The steps that have a target.
  ///   - targetColumns: The columns that are predicted; `nil` for all.
  ///   - stride: The rows from one window to the next, counted from the end of the series, at least 1.
  ///   - gaps: What becomes of windows with a number that is not finite.
  ///   - batchSize: Windows in a batch, B, at least 1.
  ///   - seed: What decides the orders; with `nil` windows come in the order of time.
  /// - Throws: ``SeriesError`` if the series is too short or has a number that is not finite.
  public init(
    _ series: Tensor<Float>, shape: WindowShape, targets: Targets = .lastStep,
    targetColumns: [Int]? = nil, stride: Int = 1, gaps: Gaps = .error, batchSize: Int,
    seed: UInt64? = 1
  ) throws {
    series.expectShape([nil, nil], axes: "NF", of: "SequenceWindows series")
    let (rows, width) = (series.shape[0], series.shape[1])
    columns = targetColumns ?? Array(0..<width)
    require(
      !columns.isEmpty && columns.allSatisfy { (0..<width).contains($0) },
      "SequenceWindows: columns \(columns) of a series with \(width)")
    require(
      shape.scale == .none && shape.leastRows == shape.length,
      "SequenceWindows: windows of \(shape.length) rows of which \(shape.leastRows) are to be there, "
        + "relative to '\(shape.scale.rawValue)'")
    let needed = (shape.length + shape.horizon - 1) * shape.spacing + 1
    guard rows >= needed else { throw SeriesError.tooShort(rows: rows, needed: needed) }
    if gaps == .error,
      let place = series.withUnsafeBufferPointer({ $0.firstIndex { !$0.isFinite } })
    {
      throw SeriesError.notFinite(row: place / width, column: place % width)
    }
    windows = try ForecastWindows(
      [WindowSeries(past: series)], in: [0..<rows], shape: shape, stride: stride,
      batchSize: batchSize, seed: seed)
    self.targets = targets
    var data = Fingerprint("SequenceWindows")
    data.combine(series)
    data.combine(columns.map { Int32(truncatingIfNeeded: $0) })
    for size in [shape.length, shape.horizon, targets == .everyStep ? 1 : 0, stride] {
      data.combine(size)
    }
    // Checkpoints of version 0.1 have no spacing, and their strides begin at the first row.
    if shape.spacing > 1 || stride > 1 { data.combine(shape.spacing) }
    batches = ShuffledBatches(
      examples: windows.places.count, batchSize: batchSize, seed: seed, data: data)
  }

  /// The windows of a pass.
  public var count: Int { windows.places.count }
  public var batchSize: Int { batches.batchSize }
  public var batchesPerEpoch: Int { batches.batchesPerEpoch }

  public var position: SourcePosition {
    get { batches.position }
    set { batches.position = newValue }
  }

  public func canResume(at position: SourcePosition) -> Bool { batches.canResume(at: position) }

  public mutating func next() -> Batch<Tensor<Float>, Tensor<Float>> {
    let places = batches.next().map { windows.places[$0] }
    let lengths = (0..<batchSize).map { $0 < places.count ? windows.shape.length : 0 }
    return Batch(
      input: windows.input(of: places, filledTo: batchSize).input.past,
      target: targets(places.map(\.last)), lengths: places.count < batchSize ? lengths : nil)
  }

  /// The rows after each step that has a target.
  private func targets(_ lasts: [Int]) -> Tensor<Float> {
    let (shape, series) = (windows.shape, windows.series[0].past)
    let (width, ahead) = (series.shape[1], shape.horizon * columns.count)
    let steps = targets == .everyStep ? shape.length : 1
    var numbers = Tensor<Float>(
      shape: (targets == .everyStep ? [steps] : []) + [batchSize, ahead])
    numbers.withUnsafeMutableBufferPointer { y in
      series.withUnsafeBufferPointer { x in
        for t in 0..<steps {
          for (b, last) in lasts.enumerated() {
            let step = last - (steps - 1 - t) * shape.spacing
            var to = (t * batchSize + b) * ahead
            for h in 1...shape.horizon {
              for column in columns {
                y[to] = x[(step + h * shape.spacing) * width + column]
                to += 1
              }
            }
          }
        }
      }
    }
    return numbers
  }
}
