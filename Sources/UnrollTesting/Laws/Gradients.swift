import UnrollCore

// What backward computes: the laws of gradients.
extension Subject {
  /// The shapes of the gradients of the input, the initial state and the parameters.
  func gradientShapes() -> [String] {
    let state = carriedState()
    let outcome = run([Chunk(input: input)], from: state, mode: .training)
    let inputGradient = outcome.inputGradients.map {
      (name: "the input", found: $0.shape, expected: input.inputShape)
    }
    let stateGradient = zip(outcome.stateGradient, layer.tensors(of: state)).map {
      (name: "the state \($0.name)", found: $0.value.shape, expected: $1.value.shape)
    }
    let parameterGradients = zip(outcome.parameterGradients, layer.parameters).map {
      (name: $0.name, found: $0.value.shape, expected: $1.value.shape)
    }
    return (inputGradient + stateGradient + parameterGradients)
      .filter { $0.found != $0.expected }
      .map { "the gradient of \($0.name) has the shape \($0.found), expected \($0.expected)" }
  }

  /// Central differences from a fresh state; and from a carried one, with unequal lengths and with
  /// streams that begin anew.
  func gradients() -> [String] {
    if input.stepCount == nil { return gradientFindings(input, Context(threads: 1), carried: 1) }
    var findings = gradientFindings(input, Context(threads: 1), carried: 0)
    let lengths = lengths(rotated: 1, batch: batch)
    findings += gradientFindings(
      input, Context(lengths: lengths, threads: 1), carried: 1,
      circumstances: " with the lengths \(lengths ?? [])")
    findings += gradientFindings(
      input, Context(restarts: restartedStreams, threads: 1), carried: 1,
      circumstances: " where streams begin anew")
    return findings
  }

  /// The shape and the gradients of the output for the first step alone.
  func singleStep() -> [String] {
    guard let time = input.stepCount, time > 1 else { return [] }
    let first = input.selecting(steps: 0..<1)
    return shapeFindings(first) + gradientFindings(first, Context(threads: 1), carried: 1)
  }

  /// Two equal steps give twice the gradients of one.
  func accumulation() -> [String] {
    var (layer, cache) = (layer, layer.makeCache())
    layer.resetGradients()
    train(&layer, on: input, cache: &cache)
    let once = layer.gradients
    train(&layer, on: input, cache: &cache)
    return differences(layer.gradients, from: sum([once, once]), .close)
      .map { "after two equal steps, the gradient of \($0)" }
  }

  private func gradientFindings(
    _ input: L.Input, _ context: Context, carried: Int, circumstances: String = ""
  ) -> [String] {
    gradientErrors(of: layer, input: input, context: context, carried: carried)
      .filter { $0.error >= 1e-8 }
      .map { "the gradient of \($0.tensor)\(circumstances) has a relative error of \($0.error)" }
  }
}
