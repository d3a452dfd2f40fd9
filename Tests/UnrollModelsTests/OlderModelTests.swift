import Foundation
import TestSupport
import Testing
import UnrollModels

@Suite("Model files of older versions")
struct OlderModelTests {
  /// `Fixtures/models_v1/quay.safetensors` was written before layers could have a learned initial state, by
  ///
  ///     charlm train Tests/Fixtures/checkpoints_v1/quay.txt --output quay.safetensors \
  ///       --cell layer-norm-lstm --tie --layer-norm --hidden 6 --layers 2 --embedding 4 --dropout 0.1 \
  ///       --recurrent-dropout 0.1 --batch 3 --sequence 8 --steps 60 --validation 0
  @Test("are read, and predict what they did")
  func reading() throws {
    let path = Golden.fixtures.appendingPathComponent("models_v1/quay.safetensors").path
    let model = try LanguageModel(contentsOf: path)
    let text = try TextFile.read(
      Golden.fixtures.appendingPathComponent("checkpoints_v1/quay.txt").path)
    let evaluation = try model.evaluate(text)
    #expect(abs(evaluation.nats - 2.9552198917014563) < 1e-4)
  }
}
