import CUnrollKernels
import Testing

/// A recurrence that is linear, element by element.
private struct Sweep<T: Element> {
  let (steps, size): (Int, Int)
  var a, b, before, dc, dcAfter: [T]

  init(_ steps: Int, _ size: Int, seed: UInt64 = 21) {
    (self.steps, self.size) = (steps, size)
    var numbers = Numbers(seed: seed)
    a = numbers.reals(steps * size)
    b = numbers.reals(steps * size)
    before = numbers.reals(size)
    dc = numbers.reals(steps * size)
    dcAfter = numbers.reals(size)
  }

  func forward(_ kernels: unroll_kernels) -> [T] {
    let c = Guarded<T>(count: steps * size)
    withExactCopy(of: a) { a in
      withExactCopy(of: b) { b in
        withExactCopy(of: before) { kernels.sweep_forward(steps, size, a, b, $0, c.pointer) }
      }
    }
    #expect(c.isUntouched())
    return c.values
  }

  struct Backward { var da, db, before: [T] }

  func backward(_ kernels: unroll_kernels, _ c: [T]) -> Backward {
    let (da, db, gradient) = (Guarded(a), Guarded(dc), Guarded(dcAfter))
    withExactCopy(of: before) { before in
      withExactCopy(of: c) {
        kernels.sweep_backward(
          steps, size, da.pointer, before, $0, db.pointer, gradient.pointer)
      }
    }
    #expect(da.isUntouched() && db.isUntouched() && gradient.isUntouched())
    return Backward(da: da.values, db: db.values, before: gradient.values)
  }

  /// Some elements of every step.
  func part(_ range: Range<Int>) -> Sweep {
    func cut(_ numbers: [T]) -> [T] {
      stride(from: 0, to: numbers.count, by: size)
        .flatMap { numbers[($0 + range.lowerBound)..<($0 + range.upperBound)] }
    }
    var part = Sweep(steps, range.count)
    (part.a, part.b, part.before) = (cut(a), cut(b), cut(before))
    (part.dc, part.dcAfter) = (cut(dc), cut(dcAfter))
    return part
  }
}

@Suite("A linear recurrence")
struct SweepTests {
  @Test("Both directions equal the reference", arguments: InstructionSet.present)
  func values(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for (steps, size) in [(0, 5), (3, 0), (1, 1), (4, 3), (7, 16), (5, 37), (40, 100)] {
        let sweep = Sweep<T>(steps, size)
        let (kernels, naive) = (table(set, T.self), reference(T.self))
        let expected = sweep.forward(naive)
        let bound = 4 * T.relativeError
        #expect(greatestError(sweep.forward(kernels), expected, floor: 0.5) < bound)
        let (found, back) = (sweep.backward(kernels, expected), sweep.backward(naive, expected))
        #expect(greatestError(found.da, back.da, floor: 0.5) < bound)
        #expect(greatestError(found.db, back.db, floor: 0.5) < bound)
        #expect(greatestError(found.before, back.before, floor: 0.5) < bound)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("An element does not depend on those beside it", arguments: InstructionSet.present)
  func elements(set: InstructionSet) {
    let (whole, range) = (Sweep<Float>(5, 41), 3..<24)
    let (part, kernels) = (whole.part(range), table(set, Float.self))
    let (all, some) = (whole.forward(kernels), part.forward(kernels))
    let (allBack, someBack) = (whole.backward(kernels, all), part.backward(kernels, some))
    for t in 0..<5 {
      for j in 0..<range.count {
        let (i, k) = (t * 41 + range.lowerBound + j, t * range.count + j)
        #expect(some[k] == all[i])
        #expect(someBack.da[k] == allBack.da[i] && someBack.db[k] == allBack.db[i])
      }
    }
    #expect(someBack.before == Array(allBack.before[range]))
  }

  @Test("Steps in two pieces are the steps whole", arguments: InstructionSet.present)
  func pieces(set: InstructionSet) {
    let (whole, kernels) = (Sweep<Double>(7, 19), table(set, Double.self))
    var (first, rest) = (Sweep<Double>(3, 19), Sweep<Double>(4, 19))
    (first.a, first.b, first.before) = (Array(whole.a[..<57]), Array(whole.b[..<57]), whole.before)
    (rest.a, rest.b) = (Array(whole.a[57...]), Array(whole.b[57...]))
    let start = first.forward(kernels)
    rest.before = Array(start.suffix(19))
    #expect(start + rest.forward(kernels) == whole.forward(kernels))
  }

  @Test("The reference's backward pass is the derivative of its forward pass")
  func derivative() {
    let naive = reference(Double.self)
    var sweep = Sweep<Double>(4, 3)
    func objective(_ sweep: Sweep<Double>) -> Double {
      let c = sweep.forward(naive)
      return zip(c, sweep.dc).reduce(0) { $0 + $1.0 * $1.1 }
        + zip(c.suffix(3), sweep.dcAfter).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let back = sweep.backward(naive, sweep.forward(naive))
    func check(_ numbers: WritableKeyPath<Sweep<Double>, [Double]>, _ gradient: [Double]) {
      for i in gradient.indices {
        let middle = sweep[keyPath: numbers][i]
        sweep[keyPath: numbers][i] = middle + 1e-6
        let above = objective(sweep)
        sweep[keyPath: numbers][i] = middle - 1e-6
        let below = objective(sweep)
        sweep[keyPath: numbers][i] = middle
        #expect(abs((above - below) / 2e-6 - gradient[i]) < 1e-8)
      }
    }
    check(\.a, back.da)
    check(\.b, back.db)
    check(\.before, back.before)
  }
}
