import UnrollCore
import UnrollLayers
import UnrollText

extension EncoderDecoder {
  /// The key of the metadata that holds the vocabularies.
  public static let vocabulariesKey = "unroll.encoder_decoder"

  private struct Vocabularies: Codable {
    var source: Vocabulary
    var target: Vocabulary
  }

  /// Writes the model as one `.safetensors` file, or nothing: a file that was there before is
  /// intact whatever fails.
  ///
  /// - Parameter metadata: what else to keep, text by key.
  /// - Throws: ``FileWriteError`` where the system refuses.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    var metadata = metadata
    metadata[Self.vocabulariesKey] = try ModelFile.text(
      of: Vocabularies(source: source, target: target))
    try ModelFile.write(network, metadata: metadata, to: path)
  }

  /// Reads a model that ``save(to:metadata:)`` wrote.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and what is wrong.
  public init(contentsOf path: String, registry: LayerRegistry<Float> = .standard) throws {
    try self.init(ModelFile(headerOf: path), registry: registry)
  }

  /// The model in a file that is open already.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and what is wrong.
  public init(_ file: ModelFile, registry: LayerRegistry<Float> = .standard) throws {
    let path = file.file.path
    guard let vocabularies = try file.value(Vocabularies.self, forKey: Self.vocabulariesKey) else {
      throw ModelFileError(path, "has no vocabularies of two sides; it is no encoder and decoder")
    }
    let network = try file.model(Network.self, registry: registry)
    do {
      try self.init(
        source: vocabularies.source, target: vocabularies.target, network: network)
    } catch let error as EncoderDecoderError {
      throw ModelFileError(path, "is no encoder and decoder: \(error)")
    }
  }
}
