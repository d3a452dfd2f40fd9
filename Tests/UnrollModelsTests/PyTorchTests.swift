import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollModels

@Suite("A model file in PyTorch")
struct PyTorchTests {
  private struct Answer: Decodable {
    var text: String
    var shapes: [String: [Int]]
    var logProbabilities: [Float]
  }

  @Test("has the names and shapes of the model, and gives the same log-probabilities")
  func logProbabilities() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let data = try Data(contentsOf: Golden.fixtures.appendingPathComponent("model_golden.json"))
    let answer = try decoder.decode(Answer.self, from: data)
    let model = try LanguageModel(
      contentsOf: Golden.fixtures.appendingPathComponent("model_golden.safetensors").path)
    let shapes = model.network.parameters.map { ($0.name, $0.value.shape) }
    #expect(Dictionary(uniqueKeysWithValues: shapes) == answer.shapes)

    let ids = try model.vocabulary.encode(answer.text)
    let output = model.network(Tokens(time: ids.count, batch: 1, ids: ids))
    let expected = Tensor(shape: output.shape, scalars: answer.logProbabilities)
    #expect(difference(output, expected) < 1e-5)
  }
}
