import CUnrollKernels
import Testing

private let epsilon = 1e-5
private let sizes = [(0, 4), (1, 1), (3, 3), (5, 16), (2, 37), (13, 100), (2, 130)]

/// One step, its state as a row of h, then c.
private struct Step<T: Element> {
  let (rows, hidden): (Int, Int)
  var gates, product, before, dState: [T]
  var inputScale, recurrentScale, bias, cellScale, cellBias: [T]

  init(_ rows: Int, _ hidden: Int, seed: UInt64 = 9) {
    (self.rows, self.hidden) = (rows, hidden)
    var numbers = Numbers(seed: seed)
    gates = numbers.reals(rows * 4 * hidden, 4)
    product = numbers.reals(rows * 4 * hidden, 2)
    before = numbers.reals(rows * 2 * hidden, 2)
    dState = numbers.reals(rows * 2 * hidden)
    inputScale = numbers.reals(4 * hidden, 2)
    recurrentScale = numbers.reals(4 * hidden, 2)
    bias = numbers.reals(4 * hidden)
    cellScale = numbers.reals(hidden, 2)
    cellBias = numbers.reals(hidden)
  }

  struct Forward {
    var gates, after, input, recurrent, cell, tanhOut, deviations: [T]

    var all: [[T]] { [gates, after, input, recurrent, cell, tanhOut, deviations] }
  }

  func forward(_ kernels: unroll_kernels, inPlace: Bool = false) -> Forward {
    let (gates, recurrent) = (Guarded(gates), Guarded(product))
    let after = inPlace ? Guarded(before) : Guarded<T>(count: rows * 2 * hidden)
    let (input, cell) = (Guarded<T>(count: rows * 4 * hidden), Guarded<T>(count: rows * hidden))
    let (tanhOut, deviations) = (Guarded<T>(count: rows * hidden), Guarded<T>(count: rows * 3))
    var saved = unroll_layer_norm_lstm_saved(
      input: input.pointer, recurrent: recurrent.pointer, cell: cell.pointer,
      tanh_out: tanhOut.pointer, deviations: deviations.pointer)
    withExactCopy(of: before) { before in
      withParameters {
        kernels.layer_norm_lstm_forward(
          rows, hidden, &$0, gates.pointer, &saved, (inPlace ? after.pointer : before) + hidden,
          2 * hidden, after.pointer, 2 * hidden, after.pointer + hidden, 2 * hidden)
      }
    }
    let all = [gates, after, input, recurrent, cell, tanhOut, deviations]
    #expect(all.allSatisfy { $0.isUntouched() })
    return Forward(
      gates: gates.values, after: after.values, input: input.values, recurrent: recurrent.values,
      cell: cell.values, tanhOut: tanhOut.values, deviations: deviations.values)
  }

  struct Backward {
    var gates, product, da, dOut, dState: [T]

    var all: [[T]] { [gates, product, da, dOut, dState] }
  }

  func backward(_ kernels: unroll_kernels, _ forward: Forward) -> Backward {
    let (gates, gradient) = (Guarded(forward.gates), Guarded(dState))
    let (input, recurrent) = (Guarded(forward.input), Guarded(forward.recurrent))
    let (cell, tanhOut) = (Guarded(forward.cell), Guarded(forward.tanhOut))
    let deviations = Guarded(forward.deviations)
    let count = rows * 4 * hidden
    let (da, product) = (Guarded<T>(count: count), Guarded<T>(count: count))
    var saved = unroll_layer_norm_lstm_saved(
      input: input.pointer, recurrent: recurrent.pointer, cell: cell.pointer,
      tanh_out: tanhOut.pointer, deviations: deviations.pointer)
    withExactCopy(of: before) { before in
      withParameters {
        kernels.layer_norm_lstm_backward(
          rows, hidden, &$0, gates.pointer, &saved, before + hidden, 2 * hidden, gradient.pointer,
          2 * hidden, gradient.pointer + hidden, 2 * hidden, da.pointer, product.pointer)
      }
    }
    let all = [gates, gradient, input, recurrent, cell, tanhOut, deviations, da, product]
    #expect(all.allSatisfy { $0.isUntouched() })
    // What the sums of the scales' gradients are made of stays.
    #expect(input.values == forward.input && recurrent.values == forward.recurrent)
    #expect(cell.values == forward.cell && deviations.values == forward.deviations)
    return Backward(
      gates: gates.values, product: product.values, da: da.values, dOut: tanhOut.values,
      dState: gradient.values)
  }

  private func withParameters(_ body: (inout unroll_layer_norm_lstm) -> Void) {
    withExactCopy(of: inputScale) { inputScale in
      withExactCopy(of: recurrentScale) { recurrentScale in
        withExactCopy(of: bias) { bias in
          withExactCopy(of: cellScale) { cellScale in
            withExactCopy(of: cellBias) { cellBias in
              var parameters = unroll_layer_norm_lstm(
                input_scale: inputScale, recurrent_scale: recurrentScale, bias: bias,
                cell_scale: cellScale, cell_bias: cellBias, epsilon: epsilon)
              body(&parameters)
            }
          }
        }
      }
    }
  }

  /// The step of one row alone.
  func row(_ r: Int) -> Step {
    func part(_ numbers: [T], _ width: Int) -> [T] {
      Array(numbers[(r * width)..<((r + 1) * width)])
    }
    var alone = Step(1, hidden)
    (alone.gates, alone.product) = (part(gates, 4 * hidden), part(product, 4 * hidden))
    (alone.before, alone.dState) = (part(before, 2 * hidden), part(dState, 2 * hidden))
    (alone.inputScale, alone.recurrentScale, alone.bias) = (inputScale, recurrentScale, bias)
    (alone.cellScale, alone.cellBias) = (cellScale, cellBias)
    return alone
  }
}

@Suite("Layer-normalized LSTM step")
struct LayerNormLSTMTests {
  @Test("Both directions equal the reference", arguments: InstructionSet.present)
  func values(set: InstructionSet) {
    func check<T: Element>(_: T.Type, within bound: Double) {
      for (rows, hidden) in sizes {
        let step = Step<T>(rows, hidden)
        let (kernels, naive) = (table(set, T.self), reference(T.self))
        let (found, expected) = (step.forward(kernels), step.forward(naive))
        for (found, expected) in zip(found.all, expected.all) {
          #expect(greatestError(found, expected, floor: 0.5) < bound)
        }
        let back = step.backward(kernels, expected)
        let expectedBack = step.backward(naive, expected)
        for (found, expected) in zip(back.all, expectedBack.all) {
          #expect(greatestError(found, expected, floor: 0.5) < bound)
        }
        let keptDh = (0..<rows).allSatisfy { r in
          (0..<hidden).allSatisfy {
            back.dState[r * 2 * hidden + $0] == step.dState[r * 2 * hidden + $0]
          }
        }
        #expect(keptDh)
      }
    }
    check(Float.self, within: 1e-5)
    check(Double.self, within: 1e-12)
  }

  @Test("The state after may take the place of the state before", arguments: InstructionSet.present)
  func inPlace(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for hidden in [3, 16, 37] {
        let step = Step<T>(2, hidden)
        let kernels = table(set, T.self)
        #expect(step.forward(kernels, inPlace: true).all == step.forward(kernels).all)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("A row does not depend on the rows beside it", arguments: InstructionSet.present)
  func rows(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for hidden in [1, 3, 16, 37, 100] {
        let together = Step<T>(3, hidden)
        let kernels = table(set, T.self)
        let all = together.forward(kernels)
        let allBack = together.backward(kernels, all)
        for r in 0..<3 {
          let alone = together.row(r)
          let one = alone.forward(kernels)
          let oneBack = alone.backward(kernels, one)
          for (one, all) in zip(one.all + oneBack.all, all.all + allBack.all) {
            #expect(one == Array(all[(r * one.count)..<((r + 1) * one.count)]))
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("A row of equal numbers is zero when normalized", arguments: InstructionSet.present)
  func equals(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for hidden in [1, 16, 37] {
        var step = Step<T>(1, hidden)
        // A power of two, so that the mean is exact.
        step.gates = Array(repeating: 0.5, count: 4 * hidden)
        let forward = step.forward(table(set, T.self))
        #expect(forward.input.allSatisfy { $0 == 0 })
        #expect(abs(Double(forward.deviations[0]) - epsilon.squareRoot()) < 1e-9)
        guard hidden == 1 else { continue }
        // A cell of one unit has nothing to be normalized by, and nothing goes back through it.
        #expect(forward.cell == [0])
        let back = step.backward(table(set, T.self), forward)
        let f = forward.gates[1]
        #expect(back.dState[1] == step.dState[1] * f)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("The reference's backward step is the derivative of its forward step")
  func derivative() {
    let naive = reference(Double.self)
    let (rows, hidden) = (2, 3)
    var step = Step<Double>(rows, hidden)
    func objective(_ step: Step<Double>) -> Double {
      zip(step.forward(naive).after, step.dState).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let forward = step.forward(naive)
    let back = step.backward(naive, forward)
    func check(_ numbers: WritableKeyPath<Step<Double>, [Double]>, _ gradient: [Double]) {
      for i in gradient.indices {
        let middle = step[keyPath: numbers][i]
        step[keyPath: numbers][i] = middle + 1e-6
        let above = objective(step)
        step[keyPath: numbers][i] = middle - 1e-6
        let below = objective(step)
        step[keyPath: numbers][i] = middle
        #expect(abs((above - below) / 2e-6 - gradient[i]) < 1e-7)
      }
    }
    check(\.gates, back.gates)
    check(\.product, back.product)
    // h is not read, and the gradient that is given for it stays; that of c is found.
    let ofBefore = back.dState.enumerated().map { $0.offset / hidden % 2 == 0 ? 0 : $0.element }
    check(\.before, ofBefore)
    func sums(_ x: [Double], _ y: [Double]?, _ columns: Int) -> [Double] {
      var sums = [Double](repeating: 0, count: columns)
      if let y {
        naive.add_products(rows, columns, x, y, columns, &sums)
      } else {
        naive.add_rows(rows, columns, x, columns, &sums)
      }
      return sums
    }
    check(\.inputScale, sums(back.da, forward.input, 4 * hidden))
    check(\.recurrentScale, sums(back.da, forward.recurrent, 4 * hidden))
    check(\.bias, sums(back.da, nil, 4 * hidden))
    check(\.cellScale, sums(back.dOut, forward.cell, hidden))
    check(\.cellBias, sums(back.dOut, nil, hidden))
  }
}
