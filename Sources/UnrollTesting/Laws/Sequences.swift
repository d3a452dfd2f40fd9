import UnrollCore

// What holds along time: the laws of causality and of pieces.
extension Subject {
  /// Other inputs from a step on leave the outputs before it.
  func causality() -> [String] {
    guard layer.isCausal, keepsTime, let time = input.stepCount else { return [] }
    func output(_ input: L.Input) -> Tensor<Double> {
      run([Chunk(input: input)], from: carriedState(), mode: .inference).outputs[0]
    }
    let expected = output(input)
    return (1..<max(time, 1)).flatMap { step in
      let changed = output(input.changing(to: .other) { t, _ in t >= step })
      return differences(
        [("output before step \(step), whose input was changed", changed.steps(0..<step))],
        from: [("output before step \(step), whose input was changed", expected.steps(0..<step))],
        .close)
    }
  }

  /// Single steps, and a first one and the rest: forward, and backward with the gradient of the
  /// state handed from piece to piece.
  func pieces() -> [String] {
    guard layer.isCausal, keepsTime, let time = input.stepCount, time > 1 else { return [] }
    let state = carriedState()
    let whole = run([Chunk(input: input)], from: state, mode: mode)
    return [Array(0..<time), [0, 1]].flatMap { starts in
      let ends = starts.dropFirst() + [time]
      let chunks = zip(starts, ends).map { Chunk(input: input.selecting(steps: $0..<$1)) }
      let pieces = run(chunks, from: state, mode: mode).joiningChunks()
      return differences(pieces, from: whole, .close)
        .map { "in \(chunks.count) pieces, \($0)" }
    }
  }
}
