import Foundation

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

  /// Reads a file.
  ///
  /// - Throws: ``TensorFileError`` where it cannot be read, is malformed, or was changed since it
  ///   was written.
  public init(contentsOf path: String) throws {
    file = try TensorFile(contentsOf: path)
  }

  /// Writes a model, or nothing: a file that was there before is intact whatever fails.
  ///
  /// - Parameters:
  ///   - metadata: what else to keep, text by key.
  ///   - extra: tensors that are not the model's; their names begin with ``extraPrefix``.
  /// - Throws: ``UnvisitedParameter`` for a model that would lose weights, ``FileWriteError``
  ///   where the system refuses.
  public static func write<Model: Layer>(
    _ model: Model, metadata: [String: String] = [:],
    extra: [(name: String, value: Tensor<Model.Element>)] = [], to path: String
  ) throws {
    require(
      extra.allSatisfy { $0.name.hasPrefix(extraPrefix) },
      "ModelFile: the names of extra tensors begin with '\(extraPrefix)'")
    try model.audit()
    var metadata = metadata
    metadata[architectureKey] = try architecture(of: model)
    var writer = TensorFileWriter(metadata: metadata)
    for tensor in model.parameters + extra {
      writer.add(tensor.name, shape: tensor.value.shape, values: tensor.value.scalars)
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

  /// The model, with its weights.
  ///
  /// ```
  /// let model = try ModelFile(contentsOf: path)
  ///   .model(Sequential<Tokens, Tensor<Float>, Float>.self, registry: .standard)
  /// ```
  ///
  /// - Throws: ``ModelFileError`` where the file has no architecture or one of layers that the
  ///   registry does not know or that do not fit each other, or where the tensors are not those of
  ///   the architecture.
  public func model<Model: Layer>(
    _ type: Model.Type, registry: LayerRegistry<Model.Element>
  ) throws -> Model {
    var model = try decode(type, registry)
    try load(&model)
    return model
  }

  /// The architecture, or what of it a type takes.
  func decode<Value: Decodable, Element>(
    _ type: Value.Type, _ registry: LayerRegistry<Element>
  ) throws -> Value {
    guard let json = file.metadata[Self.architectureKey] else {
      throw ModelFileError(file.path, "has no architecture; it was not written by Unroll")
    }
    do {
      try StrictJSON.validate(json.utf8)
      let decoder = JSONDecoder()
      decoder.userInfo[.parameterLedger] = ParameterLedger(
        budget: file.entries.reduce(0) { $0 + $1.count })
      decoder.userInfo[.layerRegistry] = registry
      return try decoder.decode(type, from: Data(json.utf8))
    } catch let error as DecodingError {
      throw ModelFileError(file.path, "has an architecture that cannot be read: \(error.oneLine)")
    } catch let error as StrictJSONError {
      throw ModelFileError(file.path, "has an architecture that is no strict JSON: \(error)")
    }
  }

  private func load<Model: Layer>(_ model: inout Model) throws {
    var unused = Set(file.entries.map(\.name).filter { !$0.hasPrefix(Self.extraPrefix) })
    try model.visitParameters { name, parameter in
      guard let entry = file.entry(name) else {
        throw ModelFileError(file.path, "has no tensor '\(name)', which its architecture needs")
      }
      guard entry.shape == parameter.shape else {
        throw ModelFileError(
          file.path,
          "has a tensor '\(name)' of shape \(entry.shape), and its architecture needs "
            + "\(parameter.shape)")
      }
      parameter.value = try Tensor(uninitialized: entry.shape) { try file.copy(name, into: $0) }
      unused.remove(name)
    }
    if let name = unused.min() {
      throw ModelFileError(file.path, "has a tensor '\(name)' that its architecture does not use")
    }
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

  public var description: String { "\(path): \(reason)" }
}

extension DecodingError {
  /// What is wrong and where, in one line.
  var oneLine: String {
    func at(_ context: Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
      return path.isEmpty ? "" : " at \(path.joined())"
    }
    switch self {
    case .typeMismatch(_, let context), .dataCorrupted(let context):
      return "\(context.debugDescription)\(at(context))"
    case .valueNotFound(_, let context):
      return "a value is missing\(at(context))"
    case .keyNotFound(let key, let context):
      return "'\(key.stringValue)' is missing\(at(context))"
    @unknown default:
      return "it cannot be read"
    }
  }
}
