import Foundation
import UnrollFiles

extension ModelFile {
  /// The model, with its weights, which are read straight into its memory.
  ///
  /// ```
  /// let model = try ModelFile(contentsOf: path)
  ///   .model(Sequential<Tokens, Tensor<Float>, Float>.self, registry: .standard)
  /// ```
  ///
  /// - Throws: ``ModelFileError`` where the file has no architecture or one of layers that the
  ///   registry does not know, that do not know all that is said of them, or that do not fit each
  ///   other, and where the tensors are not those of the architecture. ``TensorFileError`` where
  ///   there is no memory for the tensors, or the file was changed.
  public func model<Model: Layer>(
    _ type: Model.Type, registry: LayerRegistry<Model.Element>
  ) throws -> Model {
    var model = try architecture(type, registry, isWhole: true)
    let isUsed = try check(&model)
    let tensors = try file.tensors(where: isUsed, as: Model.Element.self)
    try model.visitParameters { name, parameter in
      guard let value = file.entries.index(of: name).flatMap({ tensors[$0] }) else {
        throw ModelFileError(file.path, "has no tensor '\(name.cut)', which its architecture needs")
      }
      parameter.value = value
    }
    return model
  }

  /// What the file's metadata says as JSON, such as a vocabulary; nothing where it has no such key.
  ///
  /// - Throws: ``ModelFileError`` where the text is no strict JSON, not that of such a value, or has
  ///   more in it than the value asks for.
  public func value<Value: Decodable>(
    _ type: Value.Type, forKey key: String
  ) throws -> Value? {
    try decode(type, key, of: "a text '\(key)'", userInfo: [:], isWhole: true)
  }

  /// The architecture, or what of it a type takes.
  ///
  /// - Parameter isWhole: whether it must take all.
  package func architecture<Value: Decodable, Element>(
    _ type: Value.Type, _ registry: LayerRegistry<Element>, isWhole: Bool
  ) throws -> Value {
    let budget = file.entries.reduce(0) { $0 + $1.count }
    let userInfo: [CodingUserInfoKey: Any] = [
      .parameterLedger: ParameterLedger(budget: budget), .layerRegistry: registry,
    ]
    guard
      let value = try decode(
        type, Self.architectureKey, of: "an architecture", userInfo: userInfo, isWhole: isWhole)
    else {
      throw ModelFileError(file.path, "has no architecture; it was not written by Unroll")
    }
    return value
  }

  /// A text of the metadata as a value; nothing where there is no such text.
  private func decode<Value: Decodable>(
    _ type: Value.Type, _ key: String, of what: String, userInfo: [CodingUserInfoKey: Any],
    isWhole: Bool
  ) throws -> Value? {
    guard let byteCount = file.texts.byteCount(of: key) else { return nil }
    // A value takes more memory than its text: beyond what any file may have, the file's own size
    // decides, as long as it may be more than holes.
    var limits = StrictJSON.Limits()
    limits.values = max(limits.values, min(file.byteCount / 128, 1 << 21))
    limits.bytes = max(limits.bytes, min(file.byteCount / 8, 1 << 26))
    do {
      guard byteCount <= limits.bytes, let json = file.texts[key] else {
        throw StrictJSONError(.tooLarge(limit: limits.bytes), at: .byte(limits.bytes))
      }
      return try StrictJSON.decode(
        type, from: Array(json.utf8), limits: limits, userInfo: userInfo, isWhole: isWhole)
    } catch let error as StrictJSONError {
      throw ModelFileError(file.path, "has \(what) that is no strict JSON: \(error)")
    } catch let error as DecodingError {
      throw ModelFileError(file.path, "has \(what) that cannot be read: \(error.oneLine)")
    } catch {
      throw ModelFileError(file.path, "has \(what) that cannot be read: \(error)")
    }
  }

  /// Checks that the tensors are those of the model, before memory is spent on any of them.
  ///
  /// - Returns: which of the file's tensors they are.
  private func check<Model: Layer>(_ model: inout Model) throws -> [Bool] {
    var isUsed = [Bool](repeating: false, count: file.entries.count)
    try model.visitParameters { name, parameter in
      guard let index = file.entries.index(of: name) else {
        throw ModelFileError(file.path, "has no tensor '\(name.cut)', which its architecture needs")
      }
      let shape = try file.entry(name, of: Model.Element.self).shape
      guard shape == parameter.shape else {
        throw ModelFileError(
          file.path,
          "has a tensor '\(name.cut)' of shape \(shape), and its architecture needs "
            + "\(parameter.shape)")
      }
      isUsed[index] = true
    }
    let unused = file.entries.indices.first {
      !isUsed[$0] && !file.entries[$0].name.hasPrefix(Self.extraPrefix)
    }
    if let index = unused {
      throw ModelFileError(
        file.path,
        "has a tensor '\(file.entries[index].name.cut)' that its architecture does not use")
    }
    return isUsed
  }
}
