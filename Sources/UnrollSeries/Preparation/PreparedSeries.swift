import UnrollCore
import UnrollFiles

/// One column of one series, as a model sees it.
public struct PreparedSeries: Sendable {
  /// The index of the series in its table.
  public let series: Int
  /// The index of the column among the targets.
  public let target: Int
  /// How its numbers became those that a model sees.
  public let scale: ColumnScale
  /// When its rows are.
  public let times: TimeAxis?
  /// What the model sees.
  public let window: WindowSeries
  /// The rows up to the last one that has a value.
  public let rows: Int
  /// Where differences are taken, the scaled values that they are of.
  package let scaled: [Double]
}

extension SeriesPreparation {
  /// Every target of every series, as a model sees it: the targets of the first series, then of the second.
  ///
  /// - Parameter ahead: the rows after a series' last whose calendar is known too.
  /// - Throws: ``SeriesError`` where a column is not there, or the rows have no time that is to be seen.
  public func prepare(_ table: SeriesTable, ahead: Int = 0) throws -> [PreparedSeries] {
    let numbers = try columns.numbers.map { try table.column($0) }
    let kinds = try columns.categories.map { try table.categoryColumn($0) }
    let ids = categories.map { texts in
      Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, Int32($0 + 1)) })
    }
    return try table.series.enumerated().flatMap { index, series in
      let scales = scales(of: series.key)
      let known = try known(of: series, numbers, scales, ahead)
      let own = zip(kinds, ids).map { kind, ids in
        series.categories[kind].first.flatMap { ids[$0] } ?? 0
      }
      return columns.targets.indices.map { target in
        let which = columns.targets.count > 1 ? [Int32(target)] : []
        return prepared(series, index, target, numbers, scales, known, which + own)
      }
    }
  }

  private func prepared(
    _ series: TimeSeries, _ index: Int, _ target: Int, _ numbers: [Int], _ scales: [ColumnScale],
    _ known: Tensor<Float>, _ categories: [Int32]
  ) -> PreparedSeries {
    let count = series.count
    var scaled = (0..<count).map { scales[target].seen(series.values[$0, numbers[target]]) }
    let rows = (scaled.lastIndex { $0.isFinite } ?? -1) + 1
    let values: [Double]
    if let difference {
      values = scaled.indices.map { $0 < difference ? .nan : scaled[$0] - scaled[$0 - difference] }
    } else {
      values = scaled
      scaled = []
    }
    let width = 1 + columns.past.count
    var past = Tensor<Float>(shape: [count, width])
    past.withUnsafeMutableBufferPointer { y in
      for row in 0..<count {
        y[row * width] = Float(values[row])
        for p in columns.past.indices {
          let column = columns.targets.count + p
          y[row * width + 1 + p] = Float(scales[column].seen(series.values[row, numbers[column]]))
        }
      }
    }
    return PreparedSeries(
      series: index, target: target, scale: scales[target], times: series.times,
      window: WindowSeries(
        past: past, known: known, categories: categories, start: min(difference ?? 0, count)),
      rows: rows,
      scaled: scaled)
  }

  /// What is known ahead, `[N + ahead, K]`; of columns of the table it is not known beyond its rows.
  private func known(
    of series: TimeSeries, _ numbers: [Int], _ scales: [ColumnScale], _ ahead: Int
  ) throws -> Tensor<Float> {
    let (count, width) = (series.count, futureColumns)
    if !columns.calendar.isEmpty, series.times == nil { throw SeriesError.noTimes }
    var known = Tensor<Float>(shape: [count + ahead, width], repeating: .nan)
    known.withUnsafeMutableBufferPointer { y in
      for row in 0..<(count + ahead) {
        for k in columns.future.indices where row < count {
          let column = columns.targets.count + columns.past.count + k
          y[row * width + k] = Float(scales[column].seen(series.values[row, numbers[column]]))
        }
        guard let time = series.times?.time(ofRow: row) else { continue }
        for (k, value) in calendar(at: time).enumerated() {
          y[row * width + columns.future.count + k] = value
        }
      }
    }
    return known
  }

  /// What the calendar tells of a point of time: a sine and a cosine of each feature.
  public func calendar(at time: TimeStamp) -> [Float] {
    columns.calendar.flatMap { [Float($0.sine(at: time)), Float($0.cosine(at: time))] }
  }

  /// The numbers that a model's outputs stand for: a forecast of H rows after a row.
  ///
  /// - Parameters:
  ///   - outputs: what the model gave for each row ahead.
  ///   - errors: what is added to each row ahead, in the unit of the outputs; none where it is empty.
  ///   - scale: to what the window was relative.
  public func restored(
    _ outputs: some Collection<Float>, plus errors: [Float] = [],
    scale: (level: Float, width: Float), of series: PreparedSeries, after last: Int
  ) -> [Double] {
    var ahead: [Double] = []
    for output in outputs {
      var value = Double(output) * Double(scale.width) + Double(scale.level)
      if let difference {
        // The row before, by as many steps as the difference has; it may be ahead itself.
        let row = last + (ahead.count + 1) * window.spacing - difference
        let step = row - last
        value += step <= 0 ? series.scaled[row] : ahead[step / window.spacing - 1]
      }
      ahead.append(value)
    }
    for (h, error) in errors.enumerated() { ahead[h] += Double(error) * Double(scale.width) }
    return ahead.map { series.scale.original($0) }
  }
}
