import CUnrollKernels
import Testing

private let shapes = [(0, 5), (1, 1), (3, 1), (4, 2), (2, 13), (5, 16), (3, 65), (2, 257)]

@Suite("Softmax")
struct SoftmaxTests {
  private func run<T: Element>(
    _ function: @convention(c) (Int, Int, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Void,
    _ rows: Int, _ columns: Int, _ x: [T]
  ) -> [T] {
    let y = Guarded<T>(count: rows * columns)
    withExactCopy(of: x) { function(rows, columns, $0, y.pointer) }
    #expect(y.isUntouched())
    return y.values
  }

  private func loss<T: Element>(
    _ kernels: unroll_kernels, _ classes: Int, _ logits: [T], _ targets: [Int32]
  ) -> (losses: [Double], gradient: [T]) {
    let buffer = Guarded(logits)
    let losses = Guarded<Double>(count: targets.count)
    kernels.softmax_loss(targets.count, classes, buffer.pointer, targets, losses.pointer)
    #expect(buffer.isUntouched() && losses.isUntouched())
    return (losses.values, buffer.values)
  }

  @Test("Softmax and its logarithm equal the reference", arguments: InstructionSet.present)
  func values(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      var numbers = Numbers(seed: 6)
      for (rows, columns) in shapes {
        for bound in [1.0, 20, 3000] {
          let x: [T] = numbers.reals(rows * columns, bound)
          let (kernels, naive) = (table(set, T.self), reference(T.self))
          let softmax = run(kernels.softmax, rows, columns, x)
          #expect(
            greatestError(softmax, run(naive.softmax, rows, columns, x), floor: 1e-3)
              < 4 * T.relativeError)
          let logs = run(kernels.log_softmax, rows, columns, x)
          #expect(
            greatestError(logs, run(naive.log_softmax, rows, columns, x), floor: 1)
              < T.relativeError)
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("The loss and its gradient equal the reference", arguments: InstructionSet.present)
  func losses(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      var numbers = Numbers(seed: 7)
      for (rows, classes) in shapes {
        let logits: [T] = numbers.reals(rows * classes, 10)
        let targets = (0..<rows).map { $0 == 2 ? -1 : Int32(numbers.next() % UInt64(classes)) }
        let found = loss(table(set, T.self), classes, logits, targets)
        let expected = loss(reference(T.self), classes, logits, targets)
        let bound = T.relativeError
        #expect(greatestError(found.losses, expected.losses, floor: 1) < bound)
        #expect(greatestError(found.gradient, expected.gradient, floor: 1) < bound)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("A negative target is left out, whatever its logits", arguments: InstructionSet.present)
  func leftOut(set: InstructionSet) {
    let logits: [Float] = [.nan, 1, .infinity, 0, 0, 0]
    let found = loss(table(set, Float.self), 3, logits, [-1, 1])
    #expect(found.losses[0] == 0 && abs(found.losses[1] - 1.0986123) < 1e-6)
    #expect(found.gradient[..<3].allSatisfy { $0 == 0 })
  }

  @Test("A NaN or infinite logit gives a loss that is no number", arguments: InstructionSet.present)
  func notFinite(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for classes in [2, 19, 65] {
        for position in [0, 1, classes - 1] {
          for value in [T.nan, .infinity] {
            var logits = [T](repeating: 0.5, count: classes)
            logits[position] = value
            let found = loss(table(set, T.self), classes, logits, [1])
            #expect(!found.losses[0].isFinite, "\(value) at \(position) of \(classes)")
            #expect(found.gradient.contains { $0.isNaN })
          }
        }
      }
      let none = [T](repeating: -.infinity, count: 20)
      #expect(loss(table(set, T.self), 20, none, [3]).losses[0].isNaN)
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("A logit of minus infinity has no probability", arguments: InstructionSet.present)
  func impossible(set: InstructionSet) {
    let logits: [Float] = [-.infinity, 1, 1]
    let found = loss(table(set, Float.self), 3, logits + logits, [1, 0])
    #expect(abs(found.losses[0] - 0.6931472) < 1e-6 && found.losses[1] == .infinity)
    #expect(found.gradient[..<3] == [0, -0.5, 0.5])
  }

  @Test("A row does not depend on the rows beside it", arguments: InstructionSet.present)
  func rows(set: InstructionSet) {
    var numbers = Numbers(seed: 8)
    let x: [Float] = numbers.reals(4 * 37, 4)
    for function in [table(set, Float.self).softmax!, table(set, Float.self).log_softmax!] {
      let together = run(function, 4, 37, x)
      #expect(run(function, 1, 37, Array(x[74..<111])) == Array(together[74..<111]))
    }
  }
}
