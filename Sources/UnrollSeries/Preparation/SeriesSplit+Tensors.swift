import UnrollCore
import UnrollFiles

extension SeriesSplit {
  /// The last rows to test on and those before them to choose by, as fractions of so many rows, rounded.
  ///
  /// - Precondition: fractions of at least 0 that are together below 1.
  public static func fractions(
    validation: Double, test: Double = 0, of rows: Int
  ) -> SeriesSplit {
    require(
      validation >= 0 && test >= 0 && validation + test < 1,
      "SeriesSplit: fractions of at least 0 that are together below 1, not \(validation) and \(test)"
    )
    return .last(
      validation: Int((Double(rows) * validation).rounded()),
      test: Int((Double(rows) * test).rounded()))
  }

  /// The parts of a series `[N, F]` whose rows are only counted. No window of one has a row of another.
  ///
  /// - Throws: ``SeriesError/noTimes`` for a split by time.
  public func split(
    _ series: Tensor<Float>
  ) throws -> (training: Tensor<Float>, validation: Tensor<Float>, test: Tensor<Float>) {
    series.expectShape([nil, nil], axes: "NF", of: "SeriesSplit series")
    let parts = try parts(of: TimeSeries(values: Tensor(shape: [series.shape[0], 0])))
    return (series.steps(parts.training), series.steps(parts.validation), series.steps(parts.test))
  }
}
