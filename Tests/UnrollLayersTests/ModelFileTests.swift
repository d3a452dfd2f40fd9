import Foundation
import Testing
import UnrollCore
import UnrollLayers

@Suite("Architectures that do not hold together")
struct ModelFileTests {
  typealias Model = Sequential<Tensor<Float>, Tensor<Float>, Float>

  /// Reads a file of this architecture and of tensors of ones.
  private func load(_ architecture: String, _ tensors: [(String, [Int])]) throws -> Model {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: architecture])
    for (name, shape) in tensors {
      writer.add(name, shape: shape, values: [Float](repeating: 1, count: shape.reduce(1, *)))
    }
    try writer.write(to: path)
    return try ModelFile(contentsOf: path).model(Model.self, registry: .standard)
  }

  @Test("A Dense that holds together loads")
  func good() throws {
    let model = try load(
      #"[{"kind":"Dense","layer":{"weight":{"shape":[3,2]},"bias":{"shape":[3]}}}]"#,
      [("0.weight", [3, 2]), ("0.bias", [3])])
    #expect(model(Tensor(shape: [1, 2], scalars: [1, 2])).scalars == [4, 4, 4])
  }

  @Test(
    "Parameters whose shapes do not fit are refused, and nothing traps",
    arguments: [
      (#"{"kind":"Dense","layer":{"weight":{"shape":[6]},"bias":{"shape":[6]}}}"#, "no Dense"),
      (#"{"kind":"Dense","layer":{"weight":{"shape":[3,2]},"bias":{"shape":[2]}}}"#, "no Dense"),
      (
        #"{"kind":"LSTM","layer":{"cell":{"projection":{"weight":{"shape":[8,3]},"bias":"#
          + #"{"shape":[8]}},"recurrence":{"weight":{"shape":[8,3]}}}}}"#, "no LSTM"
      ),
      (
        #"{"kind":"RNN","layer":{"cell":{"projection":{"weight":{"shape":[3]},"bias":"#
          + #"{"shape":[3]}},"recurrence":{"weight":{"shape":[3,3]}}}}}"#, "no projection"
      ),
      (
        #"{"kind":"RNN","layer":{"cell":{"projection":{"weight":{"shape":[3,2]},"bias":"#
          + #"{"shape":[3]}},"recurrence":{"weight":{"shape":[3]}}}}}"#, "no recurrent weight"
      ),
      (#"{"kind":"Dropout","layer":{"rate":1.5}}"#, "1.5"),
      (#"{"kind":"Embedding","layer":{"weight":{"shape":[3,2]}}}"#, "takes Tokens"),
    ])
  func misfits(layer: String, word: String) throws {
    let error = #expect(throws: ModelFileError.self) {
      try load("[\(layer)]", [("0.weight", [100])])
    }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
  }
}
