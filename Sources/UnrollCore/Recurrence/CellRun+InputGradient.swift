// What goes back to the input: through the projection, and by the cell itself.
extension CellRun {
  /// Adds to the gradient of the input of step `t`, `[b, I]`, what does not go through the
  /// projection: a cell that looks at `run.input` in its step calls this in `stepBackward`.
  @specialized(where Element == Float)
  public mutating func addInputGradient(_ gradient: Tensor<Element>, at t: Int) {
    gradient.expectShape([rows, input.columns], axes: "BI", of: "input gradient of a step")
    // Taken out: held twice, it would be copied.
    var all = ownInputGradient.take() ?? Tensor(shape: input.shape)
    all.setStep(t, to: all.step(t) + gradient)
    ownInputGradient = all
  }

  /// Adds to the gradient of the input of all steps, `[T, b, I]`, what does not go through the
  /// projection.
  public mutating func addInputGradient(_ gradient: Tensor<Element>) {
    gradient.expectShape(input.shape, axes: "TBI", of: "input gradient")
    guard var all = ownInputGradient.take() else {
      ownInputGradient = gradient
      return
    }
    all += gradient
    ownInputGradient = all
  }

  /// The gradient of the input, `[T, b, I]`, after the backward of every step.
  ///
  /// - Parameter weight: `W_ih`, packed, for what goes through the projection; `nil` where nothing does.
  @specialized(where Element == Float)
  public func inputGradient(
    through weight: PackedMatrix<Element>?, threads: Int = 1
  ) -> Tensor<Element> {
    guard let weight else { return ownInputGradient ?? Tensor(shape: input.shape) }
    let product = Tensor.product(projected.matrix, weight, threads: threads).reshaped(input.shape)
    return ownInputGradient.map { product + $0 } ?? product
  }
}
