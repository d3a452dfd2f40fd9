import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTraining

/// Batches of which some have no target at all, as where only some texts are labeled.
private struct Partly: BatchSource {
  var position = 0
  let batchSize = 2
  let batchesPerEpoch = 3
  /// Of each pass.
  let labeled: Set<Int>

  mutating func next() -> Batch<Tokens, Tokens> {
    let batch = position % 3
    position += 1
    let target = labeled.contains(batch) ? Int32(batch) : Tokens.ignored
    return Batch(
      input: Tokens(time: 3, batch: 2, ids: [1, 2, 3, 0, 2, Int32(batch)]),
      target: Tokens(time: 3, batch: 2, ids: Array(repeating: target, count: 6)),
      streams: .continued)
  }
}

@Suite("Batches without targets")
struct MissingTargetsTests {
  private func trainer(labeled: Set<Int>) -> Trainer<
    Sequential<Tokens, Tensor<Double>, Double>, Partly
  > {
    Trainer(
      model: Sequential<Tokens, Tensor<Double>, Double>(seed: 2) {
        Embedding<Double>(vocabularySize: 4, dimension: 3)
        LSTM<Double>(inputSize: 3, hiddenSize: 5)
        DenseSoftmax<Double>(inputSize: 5, classes: 4)
      }, source: Partly(labeled: labeled),
      options: TrainingOptions(optimizer: Adam<Double>(), schedule: .constant(0.01)))
  }

  @Test("carry the state on, and the step goes on to the next batch", arguments: [1, 2])
  func passedOver(accumulation: Int) throws {
    var trainer = trainer(labeled: [0, 2])
    trainer.options.accumulation = accumulation
    for step in 1...4 {
      let report = try trainer.trainStep()
      #expect(report.step == step && report.loss.isFinite && report.positions >= 6)
    }
    // Four batches that have targets and those between; or four pairs, each of which has some.
    #expect(trainer.source.position == (accumulation == 1 ? 6 : 8))
    #expect(trainer.model.parameters.allSatisfy { $0.value.sumOfSquares().isFinite })

    // The state is that of all batches, also of those without targets.
    var state = trainer.model.makeState(batch: 2)
    var (cache, source) = (trainer.model.makeCache(), Partly(labeled: []))
    var frozen = self.trainer(labeled: [2])
    frozen.options.schedule = .constant(0)
    _ = try frozen.trainStep()
    for _ in 0..<3 {
      _ = frozen.model.forward(
        source.next().input, state: &state, cache: &cache, in: Context(.inference))
    }
    for (carried, expected) in zip(
      frozen.model.tensors(of: frozen.state), frozen.model.tensors(of: state))
    {
      #expect(difference(carried.value, expected.value) < 1e-12)
    }
  }

  @Test("that are all of a pass are an error; nothing is lost")
  func nothingAtAll() throws {
    var trainer = trainer(labeled: [])
    let before = trainer.model.parameters.map(\.value)
    let error = #expect(throws: TrainingError.self) { try trainer.train(steps: 5) }
    #expect(error?.quantity == .targets && error?.step == 1)
    #expect(error?.description.contains("has a target; step 1 was not done") == true)
    #expect(trainer.source.position == 0 && trainer.step == 0)
    #expect(trainer.model.parameters.map(\.value) == before)
  }
}
