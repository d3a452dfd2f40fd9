import UnrollCore

// What backward computes: the laws of gradients.
extension Subject {
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
    let first = input.picking(steps: 0..<1)
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
