import Foundation
import UnrollCore
import UnrollLayers
import UnrollText

extension LanguageModel {
  /// The key of the metadata that holds the vocabulary.
  public static let vocabularyKey = "unroll.vocabulary"

  /// Writes the model as one `.safetensors` file, or nothing: a file that was there before is intact
  /// whatever fails.
  ///
  /// - Throws: ``FileWriteError`` where the system refuses.
  public func save(to path: String) throws {
    try ModelFile.write(
      network, metadata: [Self.vocabularyKey: try Self.text(of: vocabulary)], to: path)
  }

  /// A vocabulary as it is in the metadata of a file.
  public static func text(of vocabulary: Vocabulary) throws -> String {
    try ModelFile.text(of: vocabulary)
  }

  /// The vocabulary in a model file; `nil` where it has none.
  ///
  /// - Throws: ``ModelFileError`` for one that cannot be read.
  public static func vocabulary(of file: ModelFile) throws -> Vocabulary? {
    try file.value(Vocabulary.self, forKey: vocabularyKey)
  }

  /// Reads a model that ``save(to:)`` wrote.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and
  ///   what is wrong.
  public init(
    contentsOf path: String, registry: LayerRegistry<Float> = .standard
  ) throws {
    let file = try ModelFile(headerOf: path)
    do {
      try self.init(file, registry: registry)
    } catch let error as ModelFileError {
      // Of a file that was damaged, that is what is wrong with it.
      try file.file.verify()
      throw error
    }
  }

  /// The model in a file that is open already.
  ///
  /// - Parameter registry: the layers that the file may name; with your own added, theirs too.
  /// - Throws: ``TensorFileError`` and ``ModelFileError``, with the path and
  ///   what is wrong.
  public init(_ file: ModelFile, registry: LayerRegistry<Float> = .standard) throws {
    let path = file.file.path
    guard let vocabulary = try Self.vocabulary(of: file) else {
      throw ModelFileError(path, "has no vocabulary; it is no language model")
    }
    let network = try file.model(Network.self, registry: registry)
    let shape: [Int]
    do {
      shape = try network.outputShape(of: [1, 1])
    } catch {
      throw ModelFileError(path, "has layers that do not fit each other: \(error)")
    }
    guard shape == [1, 1, vocabulary.count] else {
      throw ModelFileError(
        path, "has \(shape.last ?? 0) outputs for a vocabulary of \(vocabulary.count)")
    }
    if let embedding = network.layers.first as? Embedding<Float>,
      embedding.weight.shape[0] != vocabulary.count
    {
      throw ModelFileError(
        path,
        "embeds \(embedding.weight.shape[0]) ids, with a vocabulary of \(vocabulary.count)")
    }
    guard network.isCausal else {
      throw ModelFileError(path, "has a network that is not causal; it sees what it predicts")
    }
    self.init(vocabulary: vocabulary, network: network)
  }
}
