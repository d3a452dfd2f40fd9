// All steps in one pass. A sequence that has ended goes on with a = 1 and b = 0, so that its c
// stays as it is and the gradient of its c goes back unchanged; what a and b were made of gets
// none.
extension LinearRecurrentCell {
  public func sweep(_ run: inout CellRun<Element>) {
    Self.require(
      stateParts.count < 3 && stateParts.first?.value == outputSize,
      "\(Self.kind): the parts of its state are \(stateParts), not h or h and c")
    var by = coefficients(&run)
    by.expectShape([run.steps, run.rows, carriedSize], of: Self.kind)
    by.setEnded(in: run, factors: 1, terms: 0)
    if mapsOutput {
      let before = run.state.step(0).columns(outputSize..<stateSize)
      let c = Tensor<Element>(uninitialized: by.terms.shape) { c in
        before.withUnsafeBufferPointer { by.sweep(from: $0.baseAddress, to: c.baseAddress) }
      }
      let h = output(of: c, &run)
      h.expectShape([run.steps, run.rows, outputSize], axes: "TBH", of: "\(Self.kind) output")
      run.setStates(output: h, carried: c)
      run.carried = c
    } else {
      // The states after the steps lie behind the one before them.
      let size = run.rows * carriedSize
      run.state.withUnsafeMutableBufferPointer { state in
        by.sweep(from: state.baseAddress, to: state.baseAddress.map { $0 + size })
      }
    }
    run.factors = by.factors
  }

  public func sweepBackward(_ run: inout CellRun<Element>, outputGradient: Tensor<Element>) {
    sweepBackward(&run, outputGradient.streams(run.streams))
  }

  /// - Parameter dh: the gradient of the output of the run's own streams, `[T, b, H]`.
  func sweepBackward(_ run: inout CellRun<Element>, _ dh: consuming Tensor<Element>) {
    guard let a = run.factors.take() else {
      fatalError("\(Self.kind): backward without a forward before")
    }
    var by = LinearCoefficients(factors: a, terms: dh)
    if let c = run.carried.take() {
      let passedOver = run.addFinalOutputGradient(to: &by.terms)
      by.terms = outputBackward(by.terms, of: c, &run)
      by.terms.expectShape(c.shape, axes: "TBC", of: "\(Self.kind) gradient")
      let before = run.state.step(0).columns(outputSize..<stateSize)
      var gradient = run.gradient.columns(outputSize..<stateSize)
      before.withUnsafeBufferPointer { before in
        c.withUnsafeBufferPointer {
          by.sweepBackward(from: before.baseAddress, to: $0.baseAddress, &gradient)
        }
      }
      run.gradient = .concatenatingColumns(passedOver, gradient)
    } else {
      let size = run.rows * carriedSize
      run.state.withUnsafeBufferPointer { state in
        by.sweepBackward(
          from: state.baseAddress, to: state.baseAddress.map { $0 + size }, &run.gradient)
      }
    }
    by.setEnded(in: run, factors: 0, terms: 0)
    coefficientsBackward(by, &run)
  }
}

extension CellRun {
  /// Makes the states after the steps `[h | c]`, from both for all steps. Where a sequence has
  /// ended its state stays as it is.
  fileprivate mutating func setStates(output: Tensor<Element>, carried: Tensor<Element>) {
    let (count, H, C) = (steps * rows, output.columns, carried.columns)
    state.withUnsafeMutableBufferPointer { state in
      output.withUnsafeBufferPointer { h in
        carried.withUnsafeBufferPointer { c in
          for i in 0..<count {
            let to = (rows + i) * (H + C)
            _ = state[to..<(to + H)].update(fromContentsOf: h[(i * H)..<((i + 1) * H)])
            _ = state[(to + H)..<(to + H + C)].update(fromContentsOf: c[(i * C)..<((i + 1) * C)])
          }
        }
      }
    }
    guard lengths != nil else { return }
    for t in 0..<steps { holdState(of: ended(at: t), over: t) }
  }

  /// Adds the gradient of the output part of the last state to that of the output of each
  /// sequence's last step.
  ///
  /// - Returns: the gradient of the output part of the state before the steps, `[b, H]`: zero but for
  ///   sequences without a step.
  fileprivate func addFinalOutputGradient(to dh: inout Tensor<Element>) -> Tensor<Element> {
    let size = dh.columns
    var passedOver = gradient.columns(0..<size)
    dh.withUnsafeMutableBufferPointer { dh in
      passedOver.withUnsafeMutableBufferPointer { final in
        for r in 0..<rows {
          let length = lengths?[r] ?? steps
          guard length > 0 else { continue }
          let row = ((length - 1) * rows + r) * size
          for j in 0..<size {
            dh[row + j] += final[r * size + j]
            final[r * size + j] = 0
          }
        }
      }
    }
    return passedOver
  }
}
