import CUnrollKernels
import Testing

/// One step of a GRU, the reset gate after the product.
private struct Step<T: Element> {
  let (rows, hidden): (Int, Int)
  var gates, products, bias, before, dh: [T]

  init(_ rows: Int, _ hidden: Int, seed: UInt64 = 9) {
    (self.rows, self.hidden) = (rows, hidden)
    var numbers = Numbers(seed: seed)
    gates = numbers.reals(rows * 3 * hidden, 3)
    products = numbers.reals(rows * 3 * hidden, 3)
    bias = numbers.reals(hidden)
    before = numbers.reals(rows * hidden)
    dh = numbers.reals(rows * hidden)
  }

  struct Forward { var gates, products, after: [T] }

  func forward(_ kernels: unroll_kernels) -> Forward {
    let (gates, products) = (Guarded(gates), Guarded(products))
    let after = Guarded<T>(count: rows * hidden)
    withExactCopy(of: before) { before in
      withExactCopy(of: bias) { bias in
        kernels.gru_forward(
          rows, hidden, gates.pointer, products.pointer, bias, before, hidden, after.pointer,
          hidden)
      }
    }
    #expect(gates.isUntouched() && products.isUntouched() && after.isUntouched())
    return Forward(gates: gates.values, products: products.values, after: after.values)
  }

  struct Backward { var gates, products, dh: [T] }

  func backward(_ kernels: unroll_kernels, _ saved: Forward) -> Backward {
    let (gates, products) = (Guarded(saved.gates), Guarded(saved.products))
    let gradient = Guarded(dh)
    withExactCopy(of: before) {
      kernels.gru_backward(
        rows, hidden, gates.pointer, products.pointer, $0, hidden, gradient.pointer, hidden)
    }
    #expect(gates.isUntouched() && products.isUntouched() && gradient.isUntouched())
    return Backward(gates: gates.values, products: products.values, dh: gradient.values)
  }
}

@Suite("GRU step")
struct GRUTests {
  @Test("Both directions equal the reference", arguments: InstructionSet.present)
  func values(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for (rows, hidden) in [(0, 4), (1, 1), (3, 5), (2, 16), (5, 25), (2, 100), (13, 128)] {
        let step = Step<T>(rows, hidden)
        let (kernels, naive) = (table(set, T.self), reference(T.self))
        let (found, expected) = (step.forward(kernels), step.forward(naive))
        let bound = 4 * T.relativeError
        #expect(greatestError(found.gates, expected.gates, floor: 0.5) < bound)
        #expect(greatestError(found.products, expected.products, floor: 0.5) < bound)
        #expect(greatestError(found.after, expected.after, floor: 0.5) < bound)
        let back = step.backward(kernels, expected)
        let expectedBack = step.backward(naive, expected)
        #expect(greatestError(back.gates, expectedBack.gates, floor: 0.5) < bound)
        #expect(greatestError(back.products, expectedBack.products, floor: 0.5) < bound)
        #expect(greatestError(back.dh, expectedBack.dh, floor: 0.5) < bound)
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
    alone.gates = Array(together.gates[(3 * hidden)..<(6 * hidden)])
    alone.products = Array(together.products[(3 * hidden)..<(6 * hidden)])
    alone.bias = together.bias
    alone.before = Array(together.before[hidden..<(2 * hidden)])
    alone.dh = Array(together.dh[hidden..<(2 * hidden)])
    let kernels = table(set, Float.self)
    let (all, one) = (together.forward(kernels), alone.forward(kernels))
    #expect(one.gates == Array(all.gates[(3 * hidden)..<(6 * hidden)]))
    #expect(one.after == Array(all.after[hidden..<(2 * hidden)]))
    let (allBack, oneBack) = (together.backward(kernels, all), alone.backward(kernels, one))
    #expect(oneBack.gates == Array(allBack.gates[(3 * hidden)..<(6 * hidden)]))
    #expect(oneBack.products == Array(allBack.products[(3 * hidden)..<(6 * hidden)]))
    #expect(oneBack.dh == Array(allBack.dh[hidden..<(2 * hidden)]))
  }

  @Test("The reference's backward step is the derivative of its forward step")
  func derivative() {
    let naive = reference(Double.self)
    var step = Step<Double>(2, 3)
    func objective(_ step: Step<Double>) -> Double {
      zip(step.forward(naive).after, step.dh).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let back = step.backward(naive, step.forward(naive))
    func check(_ numbers: WritableKeyPath<Step<Double>, [Double]>, _ gradient: [Double]) {
      for i in gradient.indices {
        let middle = step[keyPath: numbers][i]
        step[keyPath: numbers][i] = middle + 1e-6
        let above = objective(step)
        step[keyPath: numbers][i] = middle - 1e-6
        let below = objective(step)
        step[keyPath: numbers][i] = middle
        #expect(abs((above - below) / 2e-6 - gradient[i]) < 1e-8)
      }
    }
    check(\.gates, back.gates)
    check(\.products, back.products)
    check(\.before, back.dh)
    let dBias = (0..<3).map { back.products[6 + $0] + back.products[15 + $0] }
    check(\.bias, dBias)
  }
}
