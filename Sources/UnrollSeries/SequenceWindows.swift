import UnrollCore
import UnrollFiles

/// Windows of a series of numbers, in another order in every pass, to learn to predict it.
///
///     let series = try CSVTable("daily-min-temperatures.csv").series(["Temp"])
///     let parts = ChronologicalSplit(validation: 0.1, test: 0.1).split(series)
///     let scale = try ColumnStatistics(of: parts.training)
///     let window = ForecastWindow(length: 30)
///     let training = try SequenceWindows(
///       scale.normalized(parts.training), window: window, batchSize: 32)
///
/// Rows are taken as they stand, one even step of time after another: **nothing checks dates**. Where a
/// day is missing, a window goes across the break as if there were none, and a day that is there
/// twice is two steps. Sort the rows, leave out what is there twice, and put in a row of NaN for each
/// point of time that is missing; with ``Gaps/skip`` no window then goes across a break.
///
/// Every batch has `batchSize` streams. Where the windows are no multiple of it, one batch of a pass
/// is filled up with streams of length 0, which no loss counts: each window counts once in a pass.
///
/// # Shapes
/// Series `[N, F]`; inputs `[T, B, F]`. Of C columns that are predicted, H rows ahead, targets are
/// `[B, H * C]`, or `[T, B, H * C]` where every step has one: the first row's columns, then the
/// second row's.
public struct SequenceWindows: BatchSource {
  /// What becomes of windows with a number that is not finite, such as NaN for a missing value.
  public enum Gaps: Sendable, Equatable {
    /// They are an error.
    case error
    /// They are left out.
    case skip
  }

  public let window: ForecastWindow
  private let series: Tensor<Float>
  /// The columns that are predicted.
  private let columns: [Int]
  /// The first row of each window.
  private let starts: [Int]
  private var batches: ShuffledBatches

  /// - Parameters:
  ///   - series: The numbers, a row for each point of time, `[N, F]`.
  ///   - window: What is seen and what is predicted.
  ///   - stride: The rows from the beginning of one window to that of the next, at least 1.
  ///   - gaps: What becomes of windows with a number that is not finite.
  ///   - batchSize: Windows in a batch, B, at least 1.
  ///   - seed: What decides the orders; with `nil` windows come in the order of time.
  /// - Throws: ``SeriesError`` if the series is too short or has a number that is not finite.
  public init(
    _ series: Tensor<Float>, window: ForecastWindow, stride: Int = 1, gaps: Gaps = .error,
    batchSize: Int, seed: UInt64? = 1
  ) throws {
    series.expectShape([nil, nil], axes: "NF", of: "SequenceWindows series")
    let (rows, width) = (series.shape[0], series.shape[1])
    let columns = window.targetColumns ?? Array(0..<width)
    require(stride >= 1, "SequenceWindows: a stride of at least 1, not \(stride)")
    require(
      !columns.isEmpty && columns.allSatisfy { (0..<width).contains($0) },
      "SequenceWindows: columns \(columns) of a series with \(width)")
    guard rows >= window.rows else {
      throw SeriesError.tooShort(rows: rows, needed: window.rows)
    }
    self.series = series
    self.window = window
    self.columns = columns
    starts = try Self.starts(series, window, stride, gaps)
    var data = Fingerprint("SequenceWindows")
    data.combine(series)
    data.combine(columns.map { Int32(truncatingIfNeeded: $0) })
    data.combine(window.length)
    data.combine(window.horizon)
    data.combine(window.targets == .everyStep ? 1 : 0)
    data.combine(stride)
    batches = ShuffledBatches(
      examples: starts.count, batchSize: batchSize, seed: seed, data: data)
  }

  private static func starts(
    _ series: Tensor<Float>, _ window: ForecastWindow, _ stride: Int, _ gaps: Gaps
  ) throws -> [Int] {
    let (rows, width) = (series.shape[0], series.shape[1])
    // For each row how many rows up to it are whole without a break.
    var whole = 0
    var run: [Int] = []
    run.reserveCapacity(rows)
    try series.withUnsafeBufferPointer { x in
      for row in 0..<rows {
        let gap = (0..<width).first { !x[row * width + $0].isFinite }
        if let gap, gaps == .error {
          throw SeriesError.notFinite(row: row, column: gap)
        }
        whole = gap == nil ? whole + 1 : 0
        run.append(whole)
      }
    }
    let last = rows - window.rows
    let starts = Swift.stride(from: 0, through: last, by: stride)
      .filter { run[$0 + window.rows - 1] >= window.rows }
    guard !starts.isEmpty else { throw SeriesError.noWholeWindow }
    return starts
  }

  /// The windows of a pass.
  public var count: Int { starts.count }
  public var batchSize: Int { batches.batchSize }
  public var batchesPerEpoch: Int { batches.batchesPerEpoch }

  public var position: SourcePosition {
    get { batches.position }
    set { batches.position = newValue }
  }

  public func canResume(at position: SourcePosition) -> Bool { batches.canResume(at: position) }

  public mutating func next() -> Batch<Tensor<Float>, Tensor<Float>> {
    let firsts = batches.next().map { starts[$0] }
    let lengths = firsts.map { _ in window.length }
    let fill = batchSize - firsts.count
    return Batch(
      input: inputs(firsts), target: targets(firsts),
      lengths: fill > 0 ? lengths + Array(repeating: 0, count: fill) : nil)
  }

  /// The rows from these on, as `[T, B, F]`.
  private func inputs(_ firsts: [Int]) -> Tensor<Float> {
    let (batch, width) = (batchSize, series.shape[1])
    var inputs = Tensor<Float>(shape: [window.length, batch, width])
    inputs.withUnsafeMutableBufferPointer { y in
      series.withUnsafeBufferPointer { x in
        for t in 0..<window.length {
          for (b, first) in firsts.enumerated() {
            let (to, from) = ((t * batch + b) * width, (first + t) * width)
            _ = y[to..<(to + width)].update(fromContentsOf: x[from..<(from + width)])
          }
        }
      }
    }
    return inputs
  }

  /// The rows after each step that has a target.
  private func targets(_ firsts: [Int]) -> Tensor<Float> {
    let isLast = window.targets == .lastStep
    let (batch, width) = (batchSize, series.shape[1])
    let steps = isLast ? [window.length - 1] : Array(0..<window.length)
    let shape = (isLast ? [] : [steps.count]) + [batch, window.horizon * columns.count]
    var targets = Tensor<Float>(shape: shape)
    targets.withUnsafeMutableBufferPointer { y in
      series.withUnsafeBufferPointer { x in
        for (t, step) in steps.enumerated() {
          for (b, first) in firsts.enumerated() {
            var to = (t * batch + b) * window.horizon * columns.count
            for row in (first + step + 1)...(first + step + window.horizon) {
              for column in columns {
                y[to] = x[row * width + column]
                to += 1
              }
            }
          }
        }
      }
    }
    return targets
  }
}
