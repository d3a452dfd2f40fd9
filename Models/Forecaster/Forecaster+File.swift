import UnrollCore
import UnrollLayers
import UnrollSeries

extension Forecaster {
  /// The key of the metadata that holds the preparation.
  public static let preparationKey = "unroll.forecaster"
  private struct Description: Codable {
    var preparation: SeriesPreparation
    var levels: [Double]?
    var learnedUntil: TimeStamp?
  }

  private static let errorsName = ModelFile.extraPrefix + "forecast_errors"

  /// Writes the forecaster as one `.safetensors` file, or nothing: a file that was there before is intact
  /// whatever fails.
  ///
  /// - Parameter metadata: what else to keep, text by key.
  /// - Throws: ``FileWriteError`` where the system refuses.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    var metadata = metadata
    metadata[Self.preparationKey] = try ModelFile.text(
      of: Description(
        preparation: preparation, levels: levels.isEmpty ? nil : levels, learnedUntil: learnedUntil)
    )
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
    guard let description = try file.value(Description.self, forKey: Self.preparationKey)
    else {
      throw ModelFileError(path, "has no columns and scales; it is no forecaster")
    }
    let network = try file.model(Network.self, registry: registry)
    do {
      let errors = try file.file.entry(Self.errorsName).map { _ in
        try ErrorQuantiles(
          quantiles: file.file.tensor(Self.errorsName),
          probabilities: description.levels ?? ErrorQuantiles.standardProbabilities,
          areOfPoints: description.levels == nil)
      }
      try self.init(
        preparation: description.preparation, levels: description.levels ?? [], network: network,
        errors: errors,
        learnedUntil: description.learnedUntil)
    } catch let error as ForecasterError {
      throw ModelFileError(path, "is no forecaster: \(error)")
    }
  }
}
