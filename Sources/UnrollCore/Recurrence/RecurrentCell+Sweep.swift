// A cell that says what one step does, over all steps.
extension RecurrentCell {
  public func sweep(_ run: inout CellRun<Element>) {
    for t in 0..<run.steps {
      step(t, &run)
      let ended = run.ended(at: t)
      if !ended.isEmpty { run.holdState(of: ended, over: t) }
    }
  }

  public func sweepBackward(_ run: inout CellRun<Element>, outputGradient: Tensor<Element>) {
    let size = run.gradient.columns
    for t in (0..<run.steps).reversed() {
      let ended = run.ended(at: t)
      run.addOutputGradient(outputGradient, step: t, streams: run.streams)
      let held = ended.isEmpty ? nil : run.takeGradient(of: ended)
      stepBackward(t, &run)
      if run.gradient.columns != size {
        run.gradient.expectShape(
          [run.rows, size], axes: "bZ", of: "\(Self.kind): the gradient that stepBackward leaves")
      }
      if let held { run.restoreGradient(of: ended, to: held) }
    }
  }
}
