import UnrollCore
import UnrollLayers
import UnrollSeries

extension RecursiveForecaster {
  /// The key of the metadata that holds the preparation and the likelihood.
  public static let key = "unroll.recursive_forecaster"

  private static let errorsName = ModelFile.extraPrefix + "forecast_errors"

  private struct Description: Codable {
    var preparation: SeriesPreparation
    var likelihood: Likelihood
  }

  /// Writes the forecaster as one `.safetensors` file, or nothing: a file that was there before is intact
  /// whatever fails.
  ///
  /// - Parameter metadata: what else to keep, text by key.
  /// - Throws: ``FileWriteError`` where the system refuses.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    var metadata = metadata
    metadata[Self.key] = try ModelFile.text(
      of: Description(preparation: preparation, likelihood: likelihood))
    try ModelFile.write(
      network, metadata: metadata,
      extra: errors.map { [(Self.errorsName, $0.quantiles)] } ?? [], to: path)
  }

  /// Reads a forecaster that ``save(to:metadata:)`` wrote.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and what is wrong.
  public init(contentsOf path: String, registry: LayerRegistry<Float> = .standard) throws {
    try self.init(ModelFile(headerOf: path), registry: registry)
  }

  /// The forecaster in a file that is open already.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and what is wrong.
  public init(_ file: ModelFile, registry: LayerRegistry<Float> = .standard) throws {
    let path = file.file.path
    guard let description = try file.value(Description.self, forKey: Self.key) else {
      throw ModelFileError(path, "has no columns and likelihood; it is no recursive forecaster")
    }
    let network = try file.model(Network.self, registry: registry)
    do {
      let errors = try file.file.entry(Self.errorsName).map { _ in
        try ErrorQuantiles(quantiles: file.file.tensor(Self.errorsName), areOfPoints: false)
      }
      try self.init(
        preparation: description.preparation, likelihood: description.likelihood, network: network,
        errors: errors)
    } catch let error as ForecasterError {
      throw ModelFileError(path, "is no recursive forecaster: \(error)")
    }
  }
}
