import Foundation
import UnrollFiles

/// A model in a `.safetensors` file: its weights by the names that it visits, and in the metadata its
/// architecture as JSON. What else belongs to it, such as a vocabulary, is metadata too.
public struct ModelFile: Sendable {
  /// The key of the metadata that holds the architecture.
  public static let architectureKey = "unroll.architecture"

  /// How the names of tensors begin that are in a file and not of its model, such as an optimizer's
  /// moments.
  public static let extraPrefix = "unroll."

  /// The tensors and the metadata.
  public let file: TensorFile

  /// The texts that were written with the model, by key, the architecture among them. What was written as
  /// JSON, ``value(_:forKey:)`` reads.
  public var metadata: [String: String] { file.metadata }

  /// A value as text for the metadata, which ``value(_:forKey:)`` reads again: JSON, its keys sorted.
  public static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Reads a file's header, and goes over the whole file where it has a digest.
  ///
  /// - Throws: ``TensorFileError`` where it cannot be read, is malformed, or was changed since it
  ///   was written.
  public init(contentsOf path: String) throws {
    file = try TensorFile(contentsOf: path)
  }

  /// Reads a file's header alone: architecture and metadata, which may be damaged. The digest is
  /// verified before a model or a tensor is given out.
  ///
  /// - Throws: ``TensorFileError`` where it cannot be read or the header is malformed.
  public init(headerOf path: String) throws {
    file = try TensorFile(headerOf: path)
  }

  /// Reads a file that is in memory already.
  ///
  /// - Parameters:
  ///   - data: The whole file. It is shared, not copied.
  ///   - path: What to call it in errors.
  /// - Throws: ``TensorFileError`` where it is malformed, or was changed since it was written.
  public init(data: Data, path: String = "model file in memory") throws {
    file = try TensorFile(data: data, path: path)
  }

  /// Writes a model, or nothing: a file that was there before is intact whatever fails.
  ///
  /// - Parameters:
  ///   - metadata: what else to keep, text by key.
  ///   - extra: tensors that are not the model's; their names begin with ``extraPrefix``.
  /// - Throws: ``UnvisitedParameter`` for a model that would lose weights, ``ModelFileError`` for
  ///   one whose architecture is larger than a file may hold, ``FileWriteError`` where the system
  ///   refuses.
  public static func write<Model: Layer>(
    _ model: Model, metadata: [String: String] = [:],
    extra: [(name: String, value: Tensor<Model.Element>)] = [], to path: String
  ) throws {
    require(
      extra.allSatisfy { $0.name.hasPrefix(extraPrefix) },
      "ModelFile: the names of extra tensors begin with '\(extraPrefix)'")
    try model.audit()
    var metadata = metadata
    let architecture = try architecture(of: model)
    do {
      try StrictJSON.validate(architecture.utf8)
    } catch {
      throw ModelFileError(path, "cannot hold the model's architecture: \(error)")
    }
    metadata[architectureKey] = architecture
    var writer = TensorFileWriter(metadata: metadata)
    for tensor in model.parameters + extra {
      writer.add(tensor.name, tensor.value)
    }
    try writer.write(to: path)
  }

  /// The architecture of a model as JSON: kinds and configurations, without weights.
  public static func architecture(of model: some Layer) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.userInfo[.parameterLedger] = ParameterLedger()
    return String(decoding: try encoder.encode(model), as: UTF8.self)
  }
}

/// A tensor file that is no model, or not the one that its architecture describes.
public struct ModelFileError: Error, CustomStringConvertible, Equatable {
  public let path: String
  /// What is wrong, in one line.
  public let reason: String

  public init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = oneLine(reason)
  }

  public var description: String { "\(oneLine(path)): \(reason)" }
}
