import UnrollCore
import UnrollLayers

extension SequenceTagger {
  /// The key of the metadata that holds the vocabulary.
  public static let vocabularyKey = "unroll.tagger"

  /// Writes the tagger as one `.safetensors` file, or nothing: a file that was there before is intact
  /// whatever fails.
  ///
  /// - Parameter metadata: what else to keep, text by key.
  /// - Throws: ``FileWriteError`` where the system refuses.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    var metadata = metadata
    metadata[Self.vocabularyKey] = try ModelFile.text(of: vocabulary)
    try ModelFile.write(network, metadata: metadata, to: path)
  }

  /// Reads a tagger that ``save(to:metadata:)`` wrote.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and what is wrong.
  public init(contentsOf path: String, registry: LayerRegistry<Float> = .standard) throws {
    try self.init(ModelFile(headerOf: path), registry: registry)
  }

  /// The tagger in a file that is open already.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and what is wrong.
  public init(_ file: ModelFile, registry: LayerRegistry<Float> = .standard) throws {
    let path = file.file.path
    guard let vocabulary = try file.value(TaggerVocabulary.self, forKey: Self.vocabularyKey) else {
      throw ModelFileError(path, "has no words and tags; it is no tagger")
    }
    let network = try file.model(Network.self, registry: registry)
    do {
      try self.init(vocabulary: vocabulary, network: network)
    } catch let error as TaggerError {
      throw ModelFileError(path, "is no tagger: \(error)")
    }
  }
}
