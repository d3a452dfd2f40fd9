import TestSupport
import Testing
import UnrollCore
import UnrollFiles

private let embedding = #"{"kind":"Embedding","layer":{"table":{"shape":[7,4]}}}"#
private let dense = #"{"kind":"Dense","layer":{"weight":{"shape":[5,4]}}}"#
private let tensors = ["0.table": [7, 4], "1.weight": [5, 4]]

private var registry: LayerRegistry<Float> {
  var registry = LayerRegistry<Float>()
  registry.register(Embedding.self)
  registry.register(Dense.self)
  return registry
}

@Suite("A model file")
struct ModelFileTests {
  private func load<Model: Layer<Float>>(
    _ architecture: String?, _ tensors: [String: [Int]] = tensors, as type: Model.Type
  ) throws -> Model {
    let folder = try TemporaryFolder()
    let path = folder.file("model.safetensors")
    var writer = TensorFileWriter(metadata: [:])
    writer.metadata[ModelFile.architectureKey] = architecture
    for (name, shape) in tensors {
      writer.add(name, shape: shape, values: counting(shape, as: Float.self).scalars)
    }
    try writer.write(to: path)
    return try ModelFile(contentsOf: path).model(type, registry: registry)
  }

  /// Why a file is refused, checked to be one line that begins with its path.
  private func refusal<Model: Layer<Float>>(
    of architecture: String?, _ tensors: [String: [Int]] = tensors,
    as type: Model.Type = TokenStack.self, sourceLocation: SourceLocation = #_sourceLocation
  ) -> String {
    let error = #expect(throws: ModelFileError.self, sourceLocation: sourceLocation) {
      try load(architecture, tensors, as: type)
    }
    guard let error else { return "" }
    #expect(isOneLine(error.description), sourceLocation: sourceLocation)
    #expect(
      error.description == "\(error.path): \(error.reason)"
        && error.path.hasSuffix("model.safetensors"), sourceLocation: sourceLocation)
    return error.reason
  }

  @Test("gives the model that was written")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model.safetensors")
    let model = TokenStack(seed: 4) {
      Embedding(vocabularySize: 7, dimension: 4)
      Dense(inputSize: 4, outputSize: 5, hasBias: true)
      Dense(inputSize: 5, outputSize: 3)
    }
    try ModelFile.write(model, metadata: ["author": "me"], to: path)
    let file = try ModelFile(contentsOf: path)
    #expect(file.file.metadata["author"] == "me")
    let loaded = try file.model(TokenStack.self, registry: registry)
    #expect(loaded.parameters.map(\.name) == model.parameters.map(\.name))
    #expect(loaded.parameters.map(\.value) == model.parameters.map(\.value))
    let tokens = Tokens(time: 2, batch: 1, ids: [6, 2])
    #expect(loaded(tokens) == model(tokens))
  }

  @Test("may be written by hand")
  func byHand() throws {
    let model = try load("[\(embedding),\(dense)]", as: TokenStack.self)
    #expect(model.parameters.map(\.value) == [counting([7, 4]), counting([5, 4])])
    #expect(try ModelFile.architecture(of: model) == "[\(embedding),\(dense)]")
  }

  @Test("without an architecture is no model")
  func noArchitecture() {
    #expect(refusal(of: nil).hasPrefix("has no architecture"))
  }

  @Test("is refused where its layers do not fit each other")
  func wiring() {
    let backwards = "[\(dense),\(embedding)]"
    #expect(refusal(of: backwards).contains("'Dense' takes Tensor<Float>, and gets Tokens"))
    let later = refusal(of: backwards, as: NumberStack.self)
    #expect(later.contains("'Embedding' takes Tokens, and gets Tensor<Float>"))
    #expect(later.contains("[1].kind"))
    #expect(refusal(of: "[]").contains("the last layer gives Tokens, not Tensor<Float>"))
  }

  @Test("is refused where a kind is unknown, whatever its name")
  func unknownKind() {
    let other = dense.replacing("Dense", with: "Other")
    #expect(refusal(of: "[\(embedding),\(other)]").contains("no layer of kind 'Other'"))
    let lines = dense.replacing("Dense", with: #"Two\nlines"#)
    #expect(refusal(of: "[\(embedding),\(lines)]").contains("no layer of kind 'Two"))
  }

  @Test("is refused where the architecture is no list of layers")
  func malformed() {
    #expect(refusal(of: #"[{"kind":"Embedding"}]"#).contains("'layer' is missing at [0]"))
    #expect(refusal(of: #"[{"layer":{}}]"#).contains("'kind' is missing at [0]"))
    #expect(refusal(of: #"[{"kind":"Dense"#).contains("no strict JSON"))
    #expect(refusal(of: #"{"kind":"Dense"}"#).contains("cannot be read"))
    #expect(refusal(of: "").contains("no strict JSON"))
  }

  @Test("is refused where a tensor is of another shape, missing or too much")
  func tensorsOfAnother() {
    let model = "[\(embedding),\(dense)]"
    let turned = refusal(of: model, ["0.table": [7, 4], "1.weight": [4, 5]])
    #expect(turned.contains("'1.weight' of shape [4, 5]") && turned.contains("[5, 4]"))
    let missing = refusal(of: model, ["0.table": [7, 4], "2.weight": [5, 4]])
    #expect(missing.contains("no tensor '1.weight'"))
    let extra = tensors.merging(["1.bias": [5]]) { old, _ in old }
    #expect(refusal(of: model, extra).contains("'1.bias'"))
  }

  @Test("is refused where a tensor is of another type")
  func tensorType() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model.safetensors")
    var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: "[\(embedding)]"])
    writer.add("0.table", shape: [7, 4], values: counting([7, 4], as: Double.self).scalars)
    try writer.write(to: path)
    let error = #expect(throws: TensorFileError.self) {
      try ModelFile(contentsOf: path).model(TokenStack.self, registry: registry)
    }
    #expect(error?.problem == .wrongType(tensor: "0.table", expected: .float32, found: .float64))
  }

  @Test(
    "is refused where a shape is none",
    arguments: ["4000000000, 4000000000", "5, 0", "-5, -4", "9223372036854775807, 2"])
  func noShape(shape: String) {
    let hostile = dense.replacing("5,4", with: shape)
    #expect(refusal(of: "[\(embedding),\(hostile)]").contains("[\(shape)] is no shape"))
  }

  @Test("is refused where shapes ask for more than the file holds, also all together")
  func budget() {
    let huge = dense.replacing("5,4", with: "4000000000,2")
    let beyond = "is more than the file holds"
    #expect(refusal(of: "[\(embedding),\(huge)]").contains("[4000000000, 2] \(beyond)"))
    #expect(refusal(of: "[\(embedding),\(dense),\(dense)]").contains("[5, 4] \(beyond)"))
    #expect(refusal(of: "[\(embedding),\(dense),\(dense)]").contains("[2].layer.weight.shape"))
  }

  @Test("is refused where a key is there twice or values are nested too deep")
  func strictness() {
    let twice = dense.replacing(#""kind":"Dense""#, with: #""kind":"Embedding","kind":"Dense""#)
    #expect(refusal(of: "[\(embedding),\(twice)]").contains(#"the key "kind" a second time"#))
    let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
    #expect(refusal(of: deep).contains("nested deeper than 64 levels"))
  }
}
