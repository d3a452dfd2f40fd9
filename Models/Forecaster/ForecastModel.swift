import UnrollCore
import UnrollLayers
import UnrollSeries

/// What predicts series: a ``Forecaster`` or a ``RecursiveForecaster``.
public protocol ForecastModel: Sendable {
  /// The columns, scales, categories and the window.
  var preparation: SeriesPreparation { get }
  /// The probabilities of which quantiles can be asked for; `nil` where there are none.
  var quantileRange: ClosedRange<Double>? { get }
  /// What a person wants to know of the network.
  var summary: ModelSummary { get }

  /// Forecasts after some rows of series that were prepared.
  ///
  /// - Parameters:
  ///   - places: series by their place among the prepared ones, and for each the last row to be seen.
  ///   - quantiles: the probabilities of which quantiles are given.
  ///   - threads: how many threads may work; no number depends on it.
  /// - Throws: ``ForecasterError`` where there are no quantiles, or what is to be known is not.
  func forecasts(
    of prepared: [PreparedSeries], after places: [ForecastWindows.Place], quantiles: [Double],
    threads: Int
  ) throws -> [Forecast]

  /// The forecast from the last row of each series, for each target.
  ///
  /// - Throws: ``ForecasterError`` and ``SeriesError`` where a series does not have what the model sees.
  func forecasts(of table: SeriesTable, quantiles: [Double], threads: Int) throws -> [Forecast]

  /// Writes the model as one file, or nothing.
  ///
  /// - Parameter metadata: what else to keep, text by key.
  /// - Throws: ``FileWriteError`` where the system refuses.
  func save(to path: String, metadata: [String: String]) throws
}

extension Forecaster: ForecastModel {
  public var summary: ModelSummary { network.summary }
}

extension RecursiveForecaster: ForecastModel {
  public var summary: ModelSummary { network.summary }

  public func forecasts(
    of prepared: [PreparedSeries], after places: [ForecastWindows.Place], quantiles: [Double],
    threads: Int
  ) throws -> [Forecast] {
    try forecasts(of: prepared, after: places, quantiles: quantiles)
  }

  public func forecasts(
    of table: SeriesTable, quantiles: [Double], threads: Int
  ) throws -> [Forecast] {
    try forecasts(of: table, quantiles: quantiles)
  }
}

extension ModelFile {
  /// The forecaster in the file, of either kind.
  ///
  /// - Parameter registry: the layers that the file may name.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and what is wrong.
  public func forecastModel(
    registry: LayerRegistry<Float> = .standard
  ) throws -> any ForecastModel {
    metadata[RecursiveForecaster.key] == nil
      ? try Forecaster(self, registry: registry)
      : try RecursiveForecaster(self, registry: registry)
  }
}
