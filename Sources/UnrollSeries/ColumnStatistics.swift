import UnrollCore
import UnrollFiles

/// The mean and the standard deviation of every column of a series, to bring the columns to one scale and to
/// bring forecasts back.
///
///     normalized = (x - mean) / deviation        x = normalized * deviation + mean
///
/// Take them from the training part alone, and store them with the model, whose inputs and outputs
/// mean nothing without them: they are `Codable`. The deviation is that of the population. A column
/// that never changes has the deviation 1, so that it becomes 0 and not infinite. Numbers that are
/// not finite, such as NaN for a missing value, are left out.
public struct ColumnStatistics: Codable, Sendable, Equatable {
  public let means: [Double]
  /// Above 0.
  public let standardDeviations: [Double]

  /// The statistics of a series `[N, F]`.
  ///
  /// - Throws: ``SeriesError/noNumbers(column:)`` for a column without a finite number.
  public init(of series: Tensor<Float>) throws {
    series.expectShape([nil, nil], axes: "NF", of: "ColumnStatistics series")
    let width = series.shape[1]
    var (means, standardDeviations): ([Double], [Double]) = ([], [])
    for column in 0..<width {
      let values = series.withUnsafeBufferPointer { x in
        stride(from: column, to: x.count, by: width).map { Double(x[$0]) }.filter(\.isFinite)
      }
      guard !values.isEmpty else { throw SeriesError.noNumbers(column: column) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      means.append(mean)
      // What is left of a constant column is rounding, and not to be blown up.
      let deviation = variance.squareRoot()
      standardDeviations.append(deviation > 1e-12 * abs(mean) ? deviation : 1)
    }
    self.means = means
    self.standardDeviations = standardDeviations
  }

  // In files: they stay whatever the names become.
  private enum CodingKeys: String, CodingKey {
    case means = "means"
    case standardDeviations = "deviations"
  }

  /// - Throws: `DecodingError` where there is not a finite mean and a deviation above 0 for each
  ///   column.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    means = try container.decode([Double].self, forKey: .means)
    standardDeviations = try container.decode([Double].self, forKey: .standardDeviations)
    guard
      means.count == standardDeviations.count, means.allSatisfy(\.isFinite),
      standardDeviations.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "a finite mean and a deviation above 0 are needed for each column"))
    }
  }

  /// A tensor whose last axis has all columns, each less its mean and by its deviation: a series, or
  /// what is seen of one.
  public func normalized(_ x: Tensor<Float>) -> Tensor<Float> {
    converted(x, all, "normalized(_:)") { ($0 - $1) / $2 }
  }

  /// The way back for forecasts: the outputs of a model that learned windows, and their targets.
  ///
  ///     let forecast = scale.denormalized(model(seen), of: window)
  ///
  /// - Parameters:
  ///   - x: A tensor whose last axis has the H * C numbers that a window predicts: its columns of
  ///     the first row ahead, then those of the second.
  ///   - window: What was predicted.
  public func denormalized(_ x: Tensor<Float>, of window: ForecastWindow) -> Tensor<Float> {
    let columns = window.targetColumns ?? all
    let ahead = Array(repeating: columns, count: window.horizon).flatMap(\.self)
    return converted(x, ahead, "denormalized(_:of:) of \(window.horizon) rows ahead") {
      $0 * $2 + $1
    }
  }

  /// The way back for some columns.
  ///
  /// - Parameters:
  ///   - x: A tensor whose last axis has a number for each of the columns, once or for several rows
  ///     ahead one after another.
  ///   - columns: Which columns those are.
  public func denormalized(_ x: Tensor<Float>, columns: [Int]) -> Tensor<Float> {
    let rounds = columns.isEmpty || x.rank == 0 ? 1 : max(1, x.columns / columns.count)
    let all = Array(repeating: columns, count: rounds).flatMap(\.self)
    return converted(x, all, "denormalized(_:columns:)") { $0 * $2 + $1 }
  }

  /// The way back for a tensor whose last axis has all columns, as ``normalized(_:)`` gives it.
  public func denormalized(series x: Tensor<Float>) -> Tensor<Float> {
    converted(x, all, "denormalized(series:)") { $0 * $2 + $1 }
  }

  // As many rows ahead as there are columns look like one row of all columns.
  @available(
    *, unavailable,
    message: "say what it is: denormalized(_:of:) a window, denormalized(series:), or which columns"
  )
  public func denormalized(_ x: Tensor<Float>) -> Tensor<Float> { x }

  private var all: [Int] { Array(means.indices) }

  private func converted(
    _ x: Tensor<Float>, _ columns: [Int], _ function: String,
    _ convert: (Double, Double, Double) -> Double
  ) -> Tensor<Float> {
    require(
      !columns.isEmpty && columns.allSatisfy(means.indices.contains),
      "ColumnStatistics.\(function): columns \(columns) of \(means.count), which count from 0")
    require(
      x.rank > 0 && x.columns == columns.count,
      "ColumnStatistics.\(function): expected a last axis of \(columns.count), the columns "
        + "\(columns), got the shape \(x.shape); pass the outputs of a model to "
        + "denormalized(_:of:) with their window, rows of all columns to denormalized(series:), "
        + "others to denormalized(_:columns:)")
    var y = x
    y.withUnsafeMutableBufferPointer { y in
      for i in y.indices {
        let column = columns[i % columns.count]
        y[i] = Float(convert(Double(y[i]), means[column], standardDeviations[column]))
      }
    }
    return y
  }
}
