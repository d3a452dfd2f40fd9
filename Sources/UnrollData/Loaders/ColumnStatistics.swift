import UnrollCore

/// The mean and the deviation of every column of a series, to bring the columns to one scale and to
/// bring forecasts back.
///
///     normalised = (x - mean) / deviation        x = normalised * deviation + mean
///
/// Take them from the training part alone, and store them with the model, whose inputs and outputs
/// mean nothing without them: they are `Codable`. The deviation is that of the population. A column
/// that never changes has the deviation 1, so that it becomes 0 and not infinite. Numbers that are
/// not finite, such as NaN for a missing value, are left out.
public struct ColumnStatistics: Codable, Sendable, Equatable {
  public let means: [Double]
  /// Above 0.
  public let deviations: [Double]

  /// The statistics of a series `[N, F]`.
  ///
  /// - Throws: ``SequencesError/noNumbers(column:)`` for a column without a finite number.
  public init(of series: Tensor<Float>) throws {
    series.expectShape([nil, nil], axes: "NF", of: "ColumnStatistics series")
    let width = series.shape[1]
    var (means, deviations): ([Double], [Double]) = ([], [])
    for column in 0..<width {
      let values = series.withUnsafeBufferPointer { x in
        stride(from: column, to: x.count, by: width).map { Double(x[$0]) }.filter(\.isFinite)
      }
      guard !values.isEmpty else { throw SequencesError.noNumbers(column: column) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      means.append(mean)
      // What is left of a constant column is rounding, and not to be blown up.
      let deviation = variance.squareRoot()
      deviations.append(deviation > 1e-12 * abs(mean) ? deviation : 1)
    }
    self.means = means
    self.deviations = deviations
  }

  private enum CodingKeys: String, CodingKey {
    case means, deviations
  }

  /// - Throws: `DecodingError` where there is not a finite mean and a deviation above 0 for each
  ///   column.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    means = try container.decode([Double].self, forKey: .means)
    deviations = try container.decode([Double].self, forKey: .deviations)
    guard
      means.count == deviations.count, means.allSatisfy(\.isFinite),
      deviations.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "a finite mean and a deviation above 0 are needed for each column"))
    }
  }

  /// A tensor whose last axis has the columns, each less its mean and by its deviation.
  public func normalized(_ x: Tensor<Float>) -> Tensor<Float> {
    converted(x, columns: nil) { ($0 - $1) / $2 }
  }

  /// The way back, for outputs and targets too.
  ///
  /// - Parameters:
  ///   - x: A tensor whose last axis has the columns, once or for several rows ahead one after
  ///     another.
  ///   - columns: Which columns those are; `nil` for all.
  public func denormalized(_ x: Tensor<Float>, columns: [Int]? = nil) -> Tensor<Float> {
    converted(x, columns: columns) { $0 * $2 + $1 }
  }

  private func converted(
    _ x: Tensor<Float>, columns: [Int]?, _ convert: (Double, Double, Double) -> Double
  ) -> Tensor<Float> {
    let columns = columns ?? Array(means.indices)
    require(
      !columns.isEmpty && columns.allSatisfy(means.indices.contains)
        && x.rank > 0 && x.columns % columns.count == 0,
      "ColumnStatistics: columns \(columns) of \(means.count) for a tensor of shape \(x.shape)")
    var y = x
    y.withUnsafeMutableBufferPointer { y in
      // The last axis is a whole number of rounds through the columns.
      for i in y.indices {
        let column = columns[i % columns.count]
        y[i] = Float(convert(Double(y[i]), means[column], deviations[column]))
      }
    }
    return y
  }
}
