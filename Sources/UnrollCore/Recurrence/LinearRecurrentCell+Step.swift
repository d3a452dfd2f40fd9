// One step, for what runs a cell step by step: a cell around it, or nothing.
extension LinearRecurrentCell {
  public func step(_ t: Int, _ run: inout CellRun<Element>) {
    var one = run.step(t)
    sweep(&one)
    run.setStep(t, to: one)
  }

  public func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    var one = run.step(t)
    sweepBackward(&one, Tensor(shape: [1, run.rows, outputSize]))
    run.setStep(t, to: one)
    run.gradient = one.gradient
  }
}

extension CellRun {
  /// Step `t` as a run of its own, of which no sequence has ended.
  fileprivate func step(_ t: Int) -> CellRun {
    var one = self
    (one.steps, one.lengths, one.ownInputGradient) = (1, nil, nil)
    one.input = input.steps(t..<(t + 1))
    one.projected = projected.steps(t..<(t + 1))
    one.saved = saved.step(t)
    one.state = state.steps(t..<(t + 2))
    one.factors = factors?.steps(t..<(t + 1))
    one.carried = carried?.steps(t..<(t + 1))
    return one
  }

  /// Takes up what a run of step `t` wrote.
  fileprivate mutating func setStep(_ t: Int, to one: CellRun) {
    projected.setStep(t, to: one.projected.step(0))
    saved.setStep(t, to: one.saved)
    state.setStep(t + 1, to: one.state.step(1))
    factors.setStep(t, of: steps, to: one.factors)
    carried.setStep(t, of: steps, to: one.carried)
    if let own = one.ownInputGradient { addInputGradient(own.step(0), at: t) }
  }
}

extension Optional {
  /// Puts a step, `[1, ...]`, in the place of one of `count` steps.
  fileprivate mutating func setStep<Element>(_ t: Int, of count: Int, to step: Self)
  where Wrapped == Tensor<Element> {
    guard let step else { return }
    var all = take() ?? Tensor(shape: [count] + step.shape.dropFirst())
    all.setSteps(t..<(t + 1), to: step)
    self = all
  }
}
