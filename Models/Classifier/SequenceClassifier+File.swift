import UnrollCore
import UnrollLayers

extension SequenceClassifier {
  /// The key of the metadata that holds the preparation, the labels and the temperature.
  public static var key: String { ModelFile.classifierKey }

  private struct Description: Codable {
    var preparation: Preparation
    var labels: LabelTable
    var temperature: Double
  }

  /// Writes the classifier as one `.safetensors` file, or nothing: a file that was there before is intact
  /// whatever fails.
  ///
  /// - Parameter metadata: what else to keep, text by key.
  /// - Throws: ``FileWriteError`` where the system refuses.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    var metadata = metadata
    metadata[Self.key] = try ModelFile.text(
      of: Description(preparation: preparation, labels: labels, temperature: temperature))
    metadata[ModelFile.classifierKindKey] = Preparation.kind
    try ModelFile.write(Ensemble(members), metadata: metadata, to: path)
  }

  /// Reads a classifier that ``save(to:metadata:)`` wrote.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and what is wrong.
  public init(contentsOf path: String, registry: LayerRegistry<Float> = .standard) throws {
    try self.init(ModelFile(headerOf: path), registry: registry)
  }

  /// The classifier in a file that is open already.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and what is wrong.
  public init(_ file: ModelFile, registry: LayerRegistry<Float> = .standard) throws {
    let path = file.file.path
    guard let kind = file.classifierKind else {
      throw ModelFileError(path, "has no labels; it is no classifier")
    }
    guard kind == Preparation.kind else {
      throw ModelFileError(path, "is a classifier of \(kind), not of \(Preparation.kind)")
    }
    guard let description = try file.value(Description.self, forKey: Self.key) else {
      throw ModelFileError(path, "has no labels; it is no classifier")
    }
    let ensemble = try file.model(Ensemble<Preparation.Input>.self, registry: registry)
    do {
      try self.init(
        preparation: description.preparation, labels: description.labels,
        members: ensemble.members, temperature: description.temperature)
    } catch let error as ClassifierError {
      throw ModelFileError(path, "is no classifier: \(error)")
    }
  }
}

extension ModelFile {
  fileprivate static let classifierKey = "unroll.sequence_classifier"
  fileprivate static let classifierKindKey = "unroll.sequence_classifier.kind"

  /// What a classifier in the file is of: `numbers` or `texts`; `nil` where there is none.
  public var classifierKind: String? { metadata[Self.classifierKindKey] }
}
