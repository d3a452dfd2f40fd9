import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollModels

@Suite("Hostile model files")
struct HostileModelFileTests {
  private typealias Stack = Sequential<Tokens, Tensor<Float>, Float>
  private let files: HostileFiles

  init() throws { files = try HostileFiles.load() }

  /// What a file is refused for: a typed error of one line that begins with the path.
  private func refusal(
    _ file: HostileFiles.Malformed, _ read: (String) throws -> Void
  ) -> String {
    do {
      try read("m.safetensors")
      return "nothing"
    } catch {
      #expect(error is TensorFileError || error is ModelFileError, "\(file): \(error)")
      let line = "\(error)"
      let isOneLine = !line.contains(where: \.isNewline) && line.utf8.count < 2000
      #expect(line.hasPrefix("m.safetensors: ") && isOneLine, "\(file): \(line)")
      return line
    }
  }

  @Test("Every malformed architecture is refused, in one line that says why")
  func architectures() {
    #expect(files.malformedModels.count > 100)
    for file in files.malformedModels {
      let line = refusal(file) { path in
        _ = try ModelFile(data: file.bytes, path: path).model(Stack.self, registry: .standard)
      }
      #expect(line.contains(file.says), "\(file): \(line)")
    }
  }

  @Test("A summary of a malformed architecture is one or a refusal")
  func summaries() {
    for file in files.malformedModels + files.malformedCharacters {
      _ = refusal(file) { path in
        let summary = try ModelFile(data: file.bytes, path: path).summary(registry: .standard)
        throw ModelFileError(path, summary.description)
      }
    }
  }

  @Test("Every malformed character language model is refused, in one line that says why")
  func characters() {
    for file in files.malformedCharacters {
      let line = refusal(file) { path in
        _ = try LanguageModel(ModelFile(data: file.bytes, path: path))
      }
      #expect(line.contains(file.says), "\(file): \(line)")
    }
  }

  @Test("Every well-formed model is read, and works")
  func wellFormed() throws {
    for file in files.wellFormedModels {
      let model = try LanguageModel(ModelFile(data: file.bytes, path: file.name))
      let output = model.network(Tokens(time: 2, batch: 1, ids: [0, 6]))
      #expect(output.shape == [2, 1, 7], "\(file)")
      for value in output.scalars { #expect(abs(value - log(1 / 7)) < 1e-6, "\(file)") }
    }
  }

  private func stack(_ architecture: String, data: Int = 0) throws -> Stack {
    var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: architecture])
    writer.add("data", shape: [data], values: [UInt8](repeating: 0, count: data))
    return try ModelFile(data: writer.serialized()).model(Stack.self, registry: .standard)
  }

  @Test("An architecture of a great many bytes or values is refused before it is decoded")
  func size() {
    let values = "[" + String(repeating: "0,", count: 50_000) + "0]"
    for (architecture, word) in [
      (values, "more than 50000 values"),
      (String(repeating: " ", count: 1 << 20) + "[]", "more than 1048576 bytes"),
    ] {
      let error = #expect(throws: ModelFileError.self) { try stack(architecture) }
      #expect(error?.reason.contains(word) == true, "\(String(describing: error))")
    }
    // With a larger file, more is allowed.
    let error = #expect(throws: ModelFileError.self) { try stack(values, data: 7_000_000) }
    #expect(error?.reason.contains("expected an object, found 0") == true)
  }

  @Test("A model whose architecture no file may hold is not written")
  func tooManyLayers() {
    let model = Stack(seed: nil) {
      Embedding(vocabularySize: 2, dimension: 2)
      for _ in 0..<20_000 { Dropout(rate: 0.5) }
    }
    #expect(throws: ModelFileError.self) { try ModelFile.write(model, to: "/dev/null/none") }
  }
}
