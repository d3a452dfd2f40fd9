import CUnrollKernels
import Testing

private typealias Function =
  @convention(c) (Int, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Void

private enum Kind: CaseIterable {
  case exp, tanh, sigmoid

  func of(_ kernels: unroll_kernels) -> Function {
    switch self {
    case .exp: kernels.exp
    case .tanh: kernels.tanh
    case .sigmoid: kernels.sigmoid
    }
  }

  /// Where the results are normal numbers.
  func range<T: Element>(_: T.Type) -> ClosedRange<Double> {
    let isFloat = T.type == UNROLL_F32
    return switch self {
    case .exp: isFloat ? -87.3...88.72 : -708.3...709.78
    case .tanh: -25...25
    case .sigmoid: isFloat ? -87.3...100 : -708.3...800
    }
  }
}

private func apply<T: Element>(_ function: Function, _ x: [T]) -> [T] {
  let y = Guarded<T>(count: x.count)
  withExactCopy(of: x) { function(x.count, $0, y.pointer) }
  #expect(y.isUntouched())
  return y.values
}

/// Evenly over the range, over the middle of it, and over the powers of ten towards zero.
private func arguments<T: Element>(_ range: ClosedRange<Double>) -> [T] {
  let steps = 40_000
  let width = range.upperBound - range.lowerBound
  var x = (0...steps).map { T(range.lowerBound + width * Double($0) / Double(steps)) }
  x += (0...steps).map { T(-2 + 4 * Double($0) / Double(steps)) }
  var small = 1.0
  while small > 1e-30 {
    x += [T(small), T(-small)]
    small *= 0.97
  }
  return x
}

@Suite("Element-wise functions")
struct ElementwiseTests {
  @Test("The error is within the promised bound", arguments: InstructionSet.present)
  func accuracy(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for kind in Kind.allCases {
        let x: [T] = arguments(kind.range(T.self))
        let found = apply(kind.of(table(set, T.self)), x)
        let expected = apply(kind.of(reference(T.self)), x)
        let error = greatestError(found, expected, floor: 0)
        #expect(error < T.relativeError, "\(T.self) \(kind)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("Infinities, zeros and NaN give what the limits are", arguments: InstructionSet.present)
  func specialValues(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      let kernels = table(set, T.self)
      let x: [T] = [.infinity, -.infinity, 0, -0.0, .nan, .greatestFiniteMagnitude]
      let exps = apply(kernels.exp, x)
      #expect(exps[0] == .infinity && exps[1] == 0 && exps[2] == 1 && exps[3] == 1)
      #expect(exps[4].isNaN && exps[5] == .infinity)
      let tanhs = apply(kernels.tanh, x)
      #expect(tanhs[0] == 1 && tanhs[1] == -1 && tanhs[2] == 0 && tanhs[3] == 0)
      #expect(tanhs[2].sign == .plus && tanhs[3].sign == .minus)
      #expect(tanhs[4].isNaN && tanhs[5] == 1)
      let sigmoids = apply(kernels.sigmoid, x)
      #expect(sigmoids[0] == 1 && sigmoids[1] == 0 && sigmoids[2] == 0.5 && sigmoids[3] == 0.5)
      #expect(sigmoids[4].isNaN && sigmoids[5] == 1)
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("The exponential leaves the normal numbers gradually", arguments: InstructionSet.present)
  func ends(set: InstructionSet) {
    func check<T: Element>(_: T.Type, below: [T], subnormal: [T], above: [T]) {
      let exp = table(set, T.self).exp!
      #expect(apply(exp, below).allSatisfy { $0 == 0 })
      #expect(apply(exp, above).allSatisfy { $0 == .infinity })
      let found = apply(exp, subnormal)
      for (a, b) in zip(found, apply(reference(T.self).exp, subnormal)) {
        #expect(abs(a - b) <= 2 * .leastNonzeroMagnitude)
      }
    }
    check(
      Float.self, below: [-104, -200, -1e30], subnormal: [-88, -95, -100], above: [88.8, 1e3])
    check(Double.self, below: [-746, -1e5], subnormal: [-709, -720, -744], above: [709.8, 1e9])
  }

  @Test("Tanh and sigmoid stay within their bounds", arguments: InstructionSet.present)
  func bounds(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      let x: [T] = arguments(-120...120)
      #expect(apply(table(set, T.self).tanh, x).allSatisfy { abs($0) <= 1 })
      #expect(apply(table(set, T.self).sigmoid, x).allSatisfy { $0 >= 0 && $0 <= 1 })
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("A result does not depend on where its element stands", arguments: InstructionSet.present)
  func positions(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      var numbers = Numbers(seed: 3)
      let x: [T] = numbers.reals(67, 12)
      for kind in Kind.allCases {
        let function = kind.of(table(set, T.self))
        let together = apply(function, x)
        for count in 0...67 {
          #expect(apply(function, Array(x[..<count])) == Array(together[..<count]))
        }
        #expect(apply(function, Array(x[5...])) == Array(together[5...]))
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("The result may take the place of the argument", arguments: InstructionSet.present)
  func inPlace(set: InstructionSet) {
    var numbers = Numbers(seed: 4)
    let x: [Float] = numbers.reals(45, 5)
    for kind in Kind.allCases {
      let function = kind.of(table(set, Float.self))
      let buffer = Guarded(x)
      function(x.count, buffer.pointer, buffer.pointer)
      #expect(buffer.values == apply(function, x) && buffer.isUntouched())
    }
  }

  @Test("The gradient of tanh equals the reference", arguments: InstructionSet.present)
  func tanhGradient(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      var numbers = Numbers(seed: 5)
      for n in [0, 1, 7, 16, 33, 100] {
        let y: [T] = numbers.reals(n)
        let dy: [T] = numbers.reals(n)
        func run(_ kernels: unroll_kernels) -> [T] {
          let dx = Guarded<T>(count: n)
          withExactCopy(of: y) { y in
            withExactCopy(of: dy) { kernels.tanh_backward(n, y, $0, dx.pointer) }
          }
          #expect(dx.isUntouched())
          return dx.values
        }
        let error = greatestError(run(table(set, T.self)), run(reference(T.self)), floor: 0.1)
        #expect(error < T.relativeError)
      }
    }
    check(Float.self)
    check(Double.self)
  }
}
