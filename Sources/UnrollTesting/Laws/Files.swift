import Foundation
import UnrollCore

// What a layer says of itself: the laws of visits, shapes and coding.
extension Subject {
  /// Every parameter is visited.
  func visits() -> [String] {
    do {
      try layer.audit()
      return []
    } catch {
      return ["\(error)"]
    }
  }

  /// The shape that the layer says, of the output for the whole input.
  func shapes() -> [String] { shapeFindings(input) + featureFindings(input) }

  /// The number of features that the layer says, if it takes one only.
  private func featureFindings(_ input: L.Input) -> [String] {
    guard L.Input.self != Tokens.self, let features = input.inputShape.last else { return [] }
    if let said = layer.inputFeatures {
      return said == features
        ? [] : ["forward takes \(features) features, and inputFeatures says \(said)"]
    }
    let other = Array(input.inputShape.dropLast()) + [2 * features]
    guard (try? layer.outputShape(of: other)) == nil else { return [] }
    return [
      "outputShape refuses \(other), and inputFeatures does not say that it takes \(features)"
    ]
  }

  func shapeFindings(_ input: L.Input) -> [String] {
    var (state, cache) = (layer.makeState(batch: batch), layer.makeCache())
    let made = layer.forward(
      input, state: &state, cache: &cache, in: Context(.inference, threads: 1)
    ).shape
    do {
      let said = try layer.outputShape(of: input.inputShape)
      if said == made { return [] }
      return ["of \(input.inputShape) forward makes \(made), and outputShape says \(said)"]
    } catch {
      return ["of \(input.inputShape) forward makes \(made), and outputShape throws: \(error)"]
    }
  }

  /// A stack of the layer written, loaded through the registry and written again.
  func coding() -> [String] {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var registry = registry
    if !registry.layerKinds.contains(L.kind) { registry.register(L.self) }
    let model = Sequential<L.Input, Tensor<Double>, Double>(seed: 1) { layer }
    do {
      try ModelFile.write(model, to: path)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let loaded = try ModelFile(contentsOf: path).model(type(of: model), registry: registry)
      try ModelFile.write(loaded, to: path)
      let again = try Data(contentsOf: URL(fileURLWithPath: path))
      var findings = differences(
        [("output of the loaded model", loaded(input, batch: batch))],
        from: [("output of the loaded model", model(input, batch: batch))], .exact)
      if again != bytes {
        let place = zip(bytes, again).prefix { $0 == $1 }.count
        findings.append(
          "files of \(bytes.count) and, saved again, \(again.count) bytes differ at byte \(place)")
      }
      return findings
    } catch {
      return ["\(error)"]
    }
  }
}
