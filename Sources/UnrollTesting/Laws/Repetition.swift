import UnrollCore

// What does not change a result: the laws of repetition, modes, copies and threads.
extension Subject {
  /// Parameters drawn twice, and two runs of the same layer in the same context.
  func repetition() -> [String] {
    func drawn() -> [NamedTensor] {
      var copy = layer
      copy.initialize(seed: 5)
      return copy.parameters.map { ("\($0.name), drawn again", $0.value) }
    }
    func result() -> Outcome {
      run([Chunk(input: input)], from: layer.makeState(batch: batch), mode: .training)
    }
    let parameters = differences(drawn(), from: drawn(), .exact)
    return parameters + differences(result(), from: result(), .exact).map { "again, \($0)" }
  }

  /// Outputs and states in both modes.
  func modes() -> [String] {
    if isRandom { return [] }
    func result(_ mode: Context.Mode) -> Outcome {
      let outcome = run([Chunk(input: input)], from: carriedState(), mode: mode)
      return Outcome(outputs: outcome.outputs, finalState: outcome.finalState)
    }
    return differences(result(.inference), from: result(.training), .close)
      .map { "in inference, \($0)" }
  }

  /// What the original holds and gives before and after a copy is trained and changed.
  func copies() -> [String] {
    func contents() -> [NamedTensor] {
      let values = layer.parameters.map { ("the original's \($0.name)", $0.value) }
      let gradients = layer.gradients.map { ("the original's gradient of \($0.name)", $0.value) }
      var (state, cache) = (layer.makeState(batch: batch), layer.makeCache())
      let output = layer.forward(
        input, state: &state, cache: &cache, in: Context(.inference, threads: 1))
      return values + gradients + [("the original's output", output)]
    }
    let before = contents()
    var (copy, cache) = (layer, layer.makeCache())
    train(&copy, on: input, cache: &cache)
    copy.visitParameters { _, parameter in
      parameter.value = parameter.value * 1.5
      parameter.gradient = parameter.gradient + 1
    }
    return differences(contents(), from: before, .exact)
  }

  /// A batch with lengths, by one thread and by more: by two and three there are streams for each of
  /// them, eight have to share steps.
  func threads() -> [String] {
    let input = widened(to: 31)
    let chunk = Chunk(input: input, lengths: lengths(rotated: 0, batch: input.streamCount))
    func result(_ threads: Int) -> Outcome {
      run(
        [chunk], from: layer.makeState(batch: input.streamCount), mode: .training,
        threads: threads)
    }
    let expected = result(1)
    return [2, 3, 8].flatMap { threads in
      differences(result(threads), from: expected, .exact).map { "by \(threads) threads, \($0)" }
    }
  }
}
