import UnrollCore
import UnrollFiles

/// Stretches of many series, at every step of which the next number is predicted, in another order in every pass.
///
/// A stretch belongs to the rows that it predicts: all of them are in the series' range; the first number that it
/// sees may be one row earlier. None reaches into another series. One with a number that is missing is left out. The
/// last stretch of a range may be shorter than the others.
///
/// # Shapes
/// Inputs `[T, B, F]`, see ``SeriesPreparation/stepInput(of:row:value:into:)``; targets `[T, B, 1]`, or for a
/// likelihood of counts `[T, B, 2]`, the number and how many counts one of its units is.
public struct StepWindows: BatchSource {
  public typealias Input = Tensor<Float>
  public typealias Target = Tensor<Float>

  /// One stretch.
  struct Place {
    let series: Int
    /// The first row that is predicted.
    let first: Int
    let count: Int
  }

  private let preparation: SeriesPreparation
  private let targetColumns: Int
  private let series: [PreparedSeries]
  private let places: [Place]
  private var batches: ShuffledBatches

  /// - Parameters:
  ///   - ranges: for each series the rows that may be predicted.
  ///   - likelihood: what the targets are for.
  ///   - stride: the rows from one stretch to the next.
  ///   - seed: what decides the orders; with `nil` stretches come in order.
  /// - Throws: ``SeriesError/tooShort(rows:needed:)`` where there is none.
  public init(
    _ series: [PreparedSeries], in ranges: [Range<Int>], preparation: SeriesPreparation,
    likelihood: Likelihood = .gaussian, stride: Int, batchSize: Int, seed: UInt64? = 1
  ) throws {
    require(
      ranges.count == series.count && stride >= 1 && batchSize >= 1,
      "StepWindows: \(ranges.count) ranges of \(series.count) series, a stride of \(stride), batches "
        + "of \(batchSize)")
    self.preparation = preparation
    targetColumns = likelihood.targetColumns
    self.series = series
    let length = preparation.window.length
    places = series.indices.flatMap { i -> [Place] in
      let range = ranges[i].clamped(to: 1..<max(1, series[i].rows))
      let whole = (0..<series[i].window.count).map { series[i].window.isWhole($0) }
      return Swift.stride(from: range.lowerBound, to: range.upperBound, by: stride).compactMap {
        let count = min(length, range.upperBound - $0)
        return whole[($0 - 1)..<($0 + count)].allSatisfy(\.self)
          ? Place(series: i, first: $0, count: count) : nil
      }
    }
    guard !places.isEmpty else {
      throw SeriesError.tooShort(rows: ranges.map(\.count).max() ?? 0, needed: 1)
    }
    var data = Fingerprint("StepWindows")
    for (one, range) in zip(series, ranges) {
      data.combine(one.window.past)
      data.combine(one.window.known)
      data.combine(one.window.categories)
      data.combine(range.lowerBound)
      data.combine(range.upperBound)
    }
    data.combine(length)
    data.combine(stride)
    if likelihood.isOfCounts {
      series.forEach { data.combine(Int($0.scale.width.bitPattern >> 1)) }
    }
    batches = ShuffledBatches(
      examples: places.count, batchSize: batchSize, seed: seed,
      lengths: places.map(\.count), pool: 64, data: data)
  }

  /// The stretches of a pass.
  public var count: Int { places.count }
  public var batchSize: Int { batches.batchSize }
  public var batchesPerEpoch: Int { batches.batchesPerEpoch }

  public var position: SourcePosition {
    get { batches.position }
    set { batches.position = newValue }
  }

  public func canResume(at position: SourcePosition) -> Bool { batches.canResume(at: position) }

  public mutating func next() -> Batch<Tensor<Float>, Tensor<Float>> {
    let chosen = batches.next().map { places[$0] }
    let time = chosen.map(\.count).max() ?? 1
    let width = preparation.stepColumns
    var input = Tensor<Float>(shape: [time, batchSize, width])
    var target = Tensor<Float>(shape: [time, batchSize, targetColumns])
    input.withUnsafeMutableBufferPointer { x in
      target.withUnsafeMutableBufferPointer { y in
        for (b, place) in chosen.enumerated() {
          let one = series[place.series]
          for t in 0..<place.count {
            let row = place.first + t
            let at = t * batchSize + b
            preparation.stepInput(
              of: one, row: row - 1, value: one.window.past[row - 1, 0],
              into: UnsafeMutableBufferPointer(rebasing: x[(at * width)..<((at + 1) * width)]))
            y[at * targetColumns] = one.window.past[row, 0]
            if targetColumns > 1 { y[at * targetColumns + 1] = Float(one.scale.width) }
          }
        }
      }
    }
    let isWhole = chosen.count == batchSize && chosen.allSatisfy { $0.count == time }
    return Batch(
      input: input, target: target,
      lengths: isWhole
        ? nil : (0..<batchSize).map { $0 < chosen.count ? chosen[$0].count : 0 })
  }
}

extension SeriesPreparation {
  /// What a model sees at a step: the number, what is known of the next row, and what the series is, one 1 among
  /// zeros for each category.
  public var stepColumns: Int { 1 + futureColumns + categorySizes.reduce(0, +) }

  /// Writes what a model sees at a row that has this value.
  public func stepInput(
    of series: PreparedSeries, row: Int, value: Float,
    into input: UnsafeMutableBufferPointer<Float>
  ) {
    stepInput(
      value: value, categories: series.window.categories, into: input,
      known: { series.window.known[row + 1, $0] })
  }

  /// Writes what a model sees at a step.
  ///
  /// - Parameter known: the columns that are known of the next row, from 0.
  public func stepInput(
    value: Float, categories: [Int32], into input: UnsafeMutableBufferPointer<Float>,
    known: (Int) -> Float
  ) {
    input[0] = value
    for k in 0..<futureColumns { input[1 + k] = known(k) }
    var at = 1 + futureColumns
    for (size, id) in zip(categorySizes, categories) {
      for i in 0..<size { input[at + i] = i == Int(id) ? 1 : 0 }
      at += size
    }
  }
}
