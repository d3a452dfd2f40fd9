import UnrollCore

// What holds along the batch: the laws of streams, rows, padding and restarts.
extension Subject {
  /// The output and the tensors of the state have an entry for each stream, and a state that is put
  /// in another order, or saved and restored, goes on as before.
  func streams() -> [String] {
    guard outputShape[outputShape.count > 2 ? 1 : 0] == batch else {
      return ["the output of \(batch) streams has the shape \(outputShape)"]
    }
    let state = carriedState()
    let tensors = layer.tensors(of: state)
    let misshapen = tensors.filter { $0.value.shape.first != batch }
    guard misshapen.isEmpty else {
      return misshapen.map {
        "the state \($0.name) has the shape \($0.value.shape) for \(batch) streams"
      }
    }
    let saved = Dictionary(tensors.map { ($0.name, $0.value) }) { first, _ in first }
    guard saved.count == tensors.count else {
      return ["\(tensors.count) tensors of the state have \(saved.count) names"]
    }
    let expected = run([Chunk(input: input)], from: state, mode: .inference)
    let order = Array((0..<batch).reversed())
    let reordered = run(
      [Chunk(input: input.selecting(streams: order))], from: layer.gathering(order, of: state),
      mode: .inference)
    var findings = differences(reordered, from: expected.selecting(streams: order), .close)
      .map { "with the streams in the order \(order), \($0)" }
    do {
      let restored = try layer.restoringState(batch: batch, from: saved)
      let again = run([Chunk(input: input)], from: restored, mode: .inference)
      findings += differences(again, from: expected, .close)
        .map { "from a state that was saved and restored, \($0)" }
    } catch {
      findings.append("a saved state is not restored: \(error)")
    }
    return findings
  }

  /// Every stream of a batch equals itself alone.
  func rows() -> [String] {
    let input = widened(to: 9)
    let order = (0..<input.streamCount).map { $0 % batch }
    let state = layer.gathering(order, of: carriedState())
    let whole = run([Chunk(input: input)], from: state, mode: mode)
    return compare(whole) { stream in
      run(
        [Chunk(input: input.selecting(streams: [stream]))],
        from: layer.gathering([stream], of: state),
        mode: mode)
    }
  }

  /// Every padded stream, and a chunk after it, equal the stream without its padding and that
  /// chunk: so the state at the end of the padded chunk is right, whatever shape it has.
  func padding() -> [String] {
    guard keepsTime || isPooling else { return [] }
    return L.Input.fillers.flatMap { filler in
      (0..<3).flatMap { padding(filler, lengths(rotated: $0, batch: batch) ?? []) }
    }
  }

  private func padding(_ filler: CheckFiller, _ lengths: [Int]) -> [String] {
    let state = carriedState()
    let padded = input.changing(to: filler) { t, b in t >= lengths[b] }
    let whole = run(
      [Chunk(input: padded, lengths: lengths), Chunk(input: input)], from: state, mode: mode,
      countsState: false)
    // Zero times what is not a number is none either: a layer that looks at each position by itself
    // may add it to the gradients of its parameters, although that of the output is zero there.
    let isNumber = filler != .notANumber
    var findings = compare(whole, countsParameters: isNumber) { stream in
      let own = input.selecting(streams: [stream])
      var chunks = [Chunk(input: own)]
      if lengths[stream] > 0 {
        chunks.insert(Chunk(input: own.selecting(steps: 0..<lengths[stream])), at: 0)
      }
      return run(
        chunks, from: layer.gathering([stream], of: state), mode: mode, countsState: false)
    } of: {
      whole.selecting(streams: [$0]).cuttingPadding(length: lengths[$0], keepsTime: keepsTime)
    }
    if isNumber, let gradient = whole.inputGradients.first {
      findings += differences(
        [("input gradient in padding", gradient)],
        from: [("input gradient in padding", gradient.zeroingSteps(beyond: lengths))], .close)
    }
    return findings.map { "with the lengths \(lengths) and \(filler) values in padding, \($0)" }
  }

  /// A stream that begins anew equals itself alone from a fresh state, every other itself alone
  /// from the carried one. The gradient of the state before is left to the law of gradients.
  func restarts() -> [String] {
    guard input.stepCount != nil else { return [] }
    let (state, restarted) = (carriedState(), restartedStreams)
    let chunks = [Chunk(input: input, restarts: restarted), Chunk(input: input)]
    var whole = run(chunks, from: state, mode: mode, countsState: false)
    whole.stateGradient = []
    return compare(whole) { stream in
      let own = Chunk(input: input.selecting(streams: [stream]))
      let initial =
        restarted[stream] ? layer.makeState(batch: 1) : layer.gathering([stream], of: state)
      var alone = run([own, own], from: initial, mode: mode, countsState: false)
      alone.stateGradient = []
      return alone
    }
    .map { "where streams begin anew, \(restarted), \($0)" }
  }

  /// Every second stream begins anew, the last one among them.
  var restartedStreams: [Bool] { (0..<batch).map { ($0 + batch) % 2 == 1 } }

  /// Compares each stream of a batch with the same stream run alone, and the gradients of
  /// parameters with the sum of theirs.
  private func compare(
    _ whole: Outcome, countsParameters: Bool = true, withAlone alone: (_ stream: Int) -> Outcome,
    of part: ((_ stream: Int) -> Outcome)? = nil
  ) -> [String] {
    var findings: [String] = []
    var parameterGradients: [[NamedTensor]] = []
    for stream in 0..<whole.outputs[0].streamCount {
      var expected = alone(stream)
      parameterGradients.append(expected.parameterGradients)
      expected.parameterGradients = []
      let found = part?(stream) ?? whole.selecting(streams: [stream])
      findings += differences(found, from: expected, .close).map { "stream \(stream): \($0)" }
    }
    guard countsParameters else { return findings }
    return findings
      + differences(whole.parameterGradients, from: sum(parameterGradients), .close)
      .map { "gradient of \($0)" }
  }
}

extension Outcome {
  /// The first chunk without its padding; without the chunk where it is all padding.
  fileprivate func cuttingPadding(length: Int, keepsTime: Bool) -> Outcome {
    var cut = self
    guard length > 0 else {
      cut.outputs.removeFirst()
      if !inputGradients.isEmpty { cut.inputGradients.removeFirst() }
      return cut
    }
    if keepsTime { cut.outputs[0] = outputs[0].steps(0..<length) }
    if !inputGradients.isEmpty { cut.inputGradients[0] = inputGradients[0].steps(0..<length) }
    return cut
  }
}
