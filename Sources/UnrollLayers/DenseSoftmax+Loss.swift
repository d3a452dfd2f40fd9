import UnrollCore

/// The gradients of an unscaled loss, computed with it.
struct LossGradients<Element: Scalar>: Sendable {
  var input: Tensor<Element>
  var weight: Tensor<Element>
  var bias: Tensor<Element>
  /// The shape of the input.
  let shape: [Int]
}

// The gradients are computed together with the loss, while the logits of some rows are at hand, and
// scaled in `lossBackward`. So the logits are neither stored nor computed twice.
extension DenseSoftmax {
  /// About this many logits at a time.
  private static var chunk: Int { 1 << 18 }

  @specialized(where Element == Float)
  public func loss(
    _ input: Tensor<Element>, of targets: Tokens, state: inout Void, cache: inout Cache,
    in context: Context
  ) -> LossSum {
    dense.expectInput(input)
    Self.require(
      input.rows == targets.ids.count,
      "DenseSoftmax: \(targets.ids.count) targets for an input of shape \(input.shape)"
        + Self.hint(input, targets))
    let input = input.zeroingPadding(in: context)
    // Where there are no steps, as after pooling, a stream has one target whatever its length.
    let targets = input.rank > 2 ? targets.ignoring(beyond: context.lengths) : targets
    Self.require(
      targets.ids.allSatisfy { $0 < classes },
      "DenseSoftmax: target \(targets.ids.max() ?? 0) of \(classes) classes")
    let weights = context.targetWeights
    _ = weights.positions(count: targets.ids.count, of: "DenseSoftmax")
    cache.dense.weight.pack(dense.weight.value.transposed, for: context)

    var gradients: LossGradients<Element>?
    if context.mode == .training {
      gradients = LossGradients(
        input: Tensor(uninitialized: [input.rows, inputSize]) { _ in },
        weight: Tensor(shape: dense.weight.shape), bias: Tensor(shape: dense.bias.shape),
        shape: input.shape)
    }
    let weight =
      context.mode == .training ? PackedMatrix(dense.weight.value.matrix) : PackedMatrix()
    var sum = LossSum()
    let step = max(64, Self.chunk / classes)
    for start in stride(from: 0, to: input.rows, by: step) {
      let rows = start..<min(start + step, input.rows)
      let x = input.matrix.rows(rows)
      var logits = Tensor.product(
        x, cache.dense.weight, bias: dense.bias.value, threads: context.threads)
      sum += logits.softmaxLoss(
        of: targets.ids[rows], first: start, weights: weights, threads: context.threads)
      guard context.mode == .training else { continue }
      gradients?.bias.addRowSums(of: logits)
      gradients?.weight.addProduct(logits.transposed, x, threads: context.threads)
      gradients?.input.setSteps(
        rows, to: Tensor.product(logits.matrix, weight, threads: context.threads))
    }
    cache.gradients = gradients
    return sum
  }

  /// What is mostly wrong where targets and input do not fit.
  private static func hint(_ input: Tensor<Element>, _ targets: Tokens) -> String {
    input.rank == 3 && targets.ids.count == input.shape[1]
      ? "; one target for each sequence needs a LastStep or another pooling before" : ""
  }

  @specialized(where Element == Float)
  public mutating func lossBackward(
    scale: Double, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard var gradients = cache.gradients.take() else {
      fatalError("DenseSoftmax: lossBackward without a loss in training before")
    }
    gradients.input *= Element(scale)
    gradients.weight *= Element(scale)
    gradients.bias *= Element(scale)
    dense.weight.gradient += gradients.weight
    dense.bias.gradient += gradients.bias
    return gradients.input.reshaped(gradients.shape)
  }
}
