import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTraining

/// Batches out of a file that cannot be read beyond some of them.
private struct Failing: BatchSource {
  struct Unreadable: Error, Equatable {
    let batch: Int
  }

  var position = 0
  var failure: (any Error)?
  let unreadable: Int
  let batchSize = 2
  let batchesPerEpoch = 5

  init(unreadable: Int) { self.unreadable = unreadable }

  mutating func next() -> Batch<Tensor<Float>, Tensor<Float>> {
    failure = position == unreadable ? Unreadable(batch: position) : nil
    position += 1
    return Batch(
      input: Tensor(shape: [3, 2, 1], repeating: 0.5), target: Tensor(shape: [3, 2, 4]))
  }
}

@Suite("Sources that fail")
struct FailingSourceTests {
  private func trainer<Source: BatchSource>(_ source: Source) -> Trainer<Dense<Float>, Source>
  where Source.Input == Tensor<Float>, Source.Target == Tensor<Float> {
    var model = Dense(inputSize: 1, outputSize: 4)
    model.initialize(seed: 3)
    return Trainer(model: model, source: source, loss: MeanSquaredError())
  }

  /// Notes what it is told.
  private struct Log: TrainingObserver {
    let path: TemporaryFolder

    mutating func observe(
      _ event: TrainingEvent, of run: some TrainingRun
    ) throws -> TrainingDecision {
      if case .failed(let error) = event {
        #expect(error as? Failing.Unreadable == Failing.Unreadable(batch: 3))
        #expect(run.step == 3)
        try run.writeCheckpoint(to: path.file("failed.safetensors"), metadata: [:])
      }
      return .continue
    }
  }

  @Test("Training ends with what failed, as the step before left it", arguments: [false, true])
  func training(isPrefetched: Bool) throws {
    func check<Source: BatchSource<Tensor<Float>, Tensor<Float>>>(
      _ source: Source, _ three: Source.Position
    ) throws {
      var (failing, whole) = (trainer(source), trainer(source))
      try whole.train(steps: 3)
      let folder = try TemporaryFolder()
      #expect(throws: Failing.Unreadable(batch: 3)) {
        try failing.train(steps: 5, observers: [Log(path: folder)])
      }
      #expect(failing.step == 3 && failing.source.position == three)
      for (a, b) in zip(failing.model.parameters, whole.model.parameters) {
        #expect(a.value.scalars == b.value.scalars)
      }
      #expect(throws: Failing.Unreadable(batch: 3)) { try failing.trainStep() }
    }
    let source = Failing(unreadable: 3)
    if isPrefetched { try check(Prefetched(source), 3) } else { try check(source, 3) }
  }

  @Test("Validation ends with what failed, in the middle of a step of several batches too")
  func validation() throws {
    var trainer = trainer(Failing(unreadable: 9))
    #expect(throws: Failing.Unreadable(batch: 3)) {
      try trainer.validate(Failing(unreadable: 3))
    }
    #expect(throws: Failing.Unreadable(batch: 4)) {
      try trainer.train(steps: 1, validation: Failing(unreadable: 4))
    }
    var several = self.trainer(Failing(unreadable: 3))
    several.options.accumulation = 2
    #expect(throws: Failing.Unreadable(batch: 3)) { try several.train(steps: 2) }
    #expect(several.step == 1 && several.source.position == 2)
  }
}
