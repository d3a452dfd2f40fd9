import UnrollCore
import UnrollFiles

/// The scales of all columns of a series, to bring them to what a model sees and to bring forecasts back.
///
///     let scales = try [ColumnScale](of: parts.training)
///     let training = try SequenceWindows(
///       scales.seen(parts.training), shape: WindowShape(length: 30, horizon: 7), batchSize: 32)
///
/// Take them from the rows to learn from alone, and store them with the model, whose inputs and outputs mean
/// nothing without them: they are `Codable`.
extension [ColumnScale] {
  /// The scale of each column of a series `[N, F]`, numbers that are not finite left out.
  ///
  /// - Throws: ``SeriesError`` where a column has no number, or one of which there is no logarithm. Columns are
  ///   named by their place, from 0.
  public init(
    of series: Tensor<Float>, kind: ColumnScale.Kind = .standard, isLogarithmic: Bool = false
  ) throws {
    series.expectShape([nil, nil], axes: "NF", of: "[ColumnScale] series")
    self = try (0..<series.shape[1]).map { column in
      try ColumnScale(
        of: (0..<series.shape[0]).lazy.map { Double(series[$0, column]) }, kind: kind,
        isLogarithmic: isLogarithmic, column: "\(column)")
    }
  }

  /// What a model sees of numbers.
  ///
  /// - Parameter x: A tensor whose last axis has all columns.
  public func seen(_ x: Tensor<Float>) -> Tensor<Float> {
    require(
      x.rank > 0 && x.columns == count,
      "[ColumnScale].seen(_:): expected a last axis of \(count), got the shape \(x.shape)")
    return converted(x, Array<Int>(indices), "seen(_:)") { $0.seen($1) }
  }

  /// The numbers that a model sees so: its outputs, and the targets that it learned.
  ///
  /// - Parameters:
  ///   - x: A tensor whose last axis has a number for each of the columns, of one row or of several rows ahead
  ///     one after another.
  ///   - columns: Which columns those are.
  public func original(_ x: Tensor<Float>, columns: [Int]) -> Tensor<Float> {
    converted(x, columns, "original(_:columns:)") { $0.original($1) }
  }

  private func converted(
    _ x: Tensor<Float>, _ columns: [Int], _ function: String,
    _ convert: (ColumnScale, Double) -> Double
  ) -> Tensor<Float> {
    require(
      !columns.isEmpty && columns.allSatisfy(indices.contains),
      "[ColumnScale].\(function): columns \(columns) of \(count), which count from 0")
    require(
      x.rank > 0 && x.columns > 0 && x.columns % columns.count == 0,
      "[ColumnScale].\(function): expected a last axis with the columns \(columns), once for each row, "
        + "got the shape \(x.shape)")
    var y = x
    y.withUnsafeMutableBufferPointer { y in
      for i in y.indices {
        y[i] = Float(convert(self[columns[i % columns.count]], Double(y[i])))
      }
    }
    return y
  }
}
