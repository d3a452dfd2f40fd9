import CUnrollKernels
import Testing

/// One step, its state as a row of h, then c.
private struct Step<T: Element> {
  let (rows, hidden): (Int, Int)
  var gates, before, dState: [T]

  init(_ rows: Int, _ hidden: Int, seed: UInt64 = 9) {
    (self.rows, self.hidden) = (rows, hidden)
    var numbers = Numbers(seed: seed)
    gates = numbers.reals(rows * 4 * hidden, 4)
    before = numbers.reals(rows * 2 * hidden, 2)
    dState = numbers.reals(rows * 2 * hidden)
  }

  struct Forward { var gates, after, tanhC: [T] }

  func forward(_ kernels: unroll_kernels) -> Forward {
    let gates = Guarded(gates)
    let after = Guarded<T>(count: rows * 2 * hidden)
    let tanhC = Guarded<T>(count: rows * hidden)
    withExactCopy(of: before) {
      kernels.lstm_forward(
        rows, hidden, gates.pointer, $0 + hidden, 2 * hidden, after.pointer, 2 * hidden,
        after.pointer + hidden, 2 * hidden, tanhC.pointer)
    }
    #expect(gates.isUntouched() && after.isUntouched() && tanhC.isUntouched())
    return Forward(gates: gates.values, after: after.values, tanhC: tanhC.values)
  }

  func backward(_ kernels: unroll_kernels, _ saved: Forward) -> (gates: [T], dState: [T]) {
    let gates = Guarded(saved.gates)
    let gradient = Guarded(dState)
    withExactCopy(of: saved.tanhC) { tanhC in
      withExactCopy(of: before) {
        kernels.lstm_backward(
          rows, hidden, gates.pointer, tanhC, $0 + hidden, 2 * hidden, gradient.pointer,
          2 * hidden, gradient.pointer + hidden, 2 * hidden)
      }
    }
    #expect(gates.isUntouched() && gradient.isUntouched())
    return (gates.values, gradient.values)
  }
}

@Suite("LSTM step")
struct LSTMTests {
  @Test("Both directions equal the reference", arguments: InstructionSet.present)
  func values(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for (rows, hidden) in [(0, 4), (1, 1), (3, 5), (2, 16), (5, 25), (2, 100), (13, 128)] {
        let step = Step<T>(rows, hidden)
        let (kernels, naive) = (table(set, T.self), reference(T.self))
        let (found, expected) = (step.forward(kernels), step.forward(naive))
        let bound = 2 * T.relativeError
        #expect(greatestError(found.gates, expected.gates, floor: 0) < bound)
        #expect(greatestError(found.after, expected.after, floor: 0.5) < bound)
        #expect(greatestError(found.tanhC, expected.tanhC, floor: 0.5) < bound)
        let back = step.backward(kernels, expected)
        let expectedBack = step.backward(naive, expected)
        #expect(greatestError(back.gates, expectedBack.gates, floor: 0.5) < bound)
        #expect(greatestError(back.dState, expectedBack.dState, floor: 0.5) < bound)
        let keptDh = (0..<rows).allSatisfy { r in
          (0..<hidden).allSatisfy {
            back.dState[r * 2 * hidden + $0] == step.dState[r * 2 * hidden + $0]
          }
        }
        #expect(keptDh)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("The state after may take the place of the state before", arguments: InstructionSet.present)
  func inPlace(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for hidden in [3, 16, 29] {
        let step = Step<T>(2, hidden)
        let kernels = table(set, T.self)
        let (gates, state) = (Guarded(step.gates), Guarded(step.before))
        let tanhC = Guarded<T>(count: 2 * hidden)
        kernels.lstm_forward(
          2, hidden, gates.pointer, state.pointer + hidden, 2 * hidden, state.pointer,
          2 * hidden, state.pointer + hidden, 2 * hidden, tanhC.pointer)
        #expect(state.values == step.forward(kernels).after)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("A row does not depend on the rows beside it", arguments: InstructionSet.present)
  func rows(set: InstructionSet) {
    let hidden = 21
    let together = Step<Float>(3, hidden)
    var alone = Step<Float>(1, hidden)
    alone.gates = Array(together.gates[(4 * hidden)..<(8 * hidden)])
    alone.before = Array(together.before[(2 * hidden)..<(4 * hidden)])
    alone.dState = Array(together.dState[(2 * hidden)..<(4 * hidden)])
    let kernels = table(set, Float.self)
    let (all, one) = (together.forward(kernels), alone.forward(kernels))
    #expect(one.gates == Array(all.gates[(4 * hidden)..<(8 * hidden)]))
    #expect(one.after == Array(all.after[(2 * hidden)..<(4 * hidden)]))
    let (allBack, oneBack) = (together.backward(kernels, all), alone.backward(kernels, one))
    #expect(oneBack.gates == Array(allBack.gates[(4 * hidden)..<(8 * hidden)]))
    #expect(oneBack.dState == Array(allBack.dState[(2 * hidden)..<(4 * hidden)]))
  }

  @Test("The reference's backward step is the derivative of its forward step")
  func derivative() {
    let naive = reference(Double.self)
    let hidden = 3
    var step = Step<Double>(1, hidden)
    func objective(_ step: Step<Double>) -> Double {
      zip(step.forward(naive).after, step.dState).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let back = step.backward(naive, step.forward(naive))
    let delta = 1e-6
    for i in step.gates.indices {
      let middle = step.gates[i]
      step.gates[i] = middle + delta
      let above = objective(step)
      step.gates[i] = middle - delta
      let below = objective(step)
      step.gates[i] = middle
      #expect(abs((above - below) / (2 * delta) - back.gates[i]) < 1e-8)
    }
    for i in hidden..<(2 * hidden) {
      let middle = step.before[i]
      step.before[i] = middle + delta
      let above = objective(step)
      step.before[i] = middle - delta
      let below = objective(step)
      step.before[i] = middle
      #expect(abs((above - below) / (2 * delta) - back.dState[i]) < 1e-8)
    }
  }
}
