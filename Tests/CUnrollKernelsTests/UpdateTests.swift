import CUnrollKernels
import Testing

private let counts = [0, 1, 7, 16, 31, 64, 100, 259]

@Suite("Sums and updates")
struct UpdateTests {
  @Test("Adding and scaling equal the reference, bit for bit", arguments: InstructionSet.present)
  func addAndScale(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      var numbers = Numbers(seed: 10)
      for n in counts {
        let (x, y): ([T], [T]) = (numbers.reals(n), numbers.reals(n))
        func run(_ kernels: unroll_kernels) -> [T] {
          let sum = Guarded(y)
          withExactCopy(of: x) { kernels.add(n, $0, sum.pointer) }
          kernels.scale(n, 0.3, sum.pointer)
          #expect(sum.isUntouched())
          return sum.values
        }
        #expect(run(table(set, T.self)) == run(reference(T.self)))
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("Rows are added in order", arguments: InstructionSet.present)
  func addRows(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      var numbers = Numbers(seed: 11)
      for columns in counts {
        for rows in [0, 1, 9] {
          let stride = columns + 3
          let x: [T] = numbers.reals(max(0, (rows - 1) * stride + columns))
          let sums: [T] = numbers.reals(columns)
          func run(_ kernels: unroll_kernels) -> [T] {
            let buffer = Guarded(sums)
            withExactCopy(of: x) {
              kernels.add_rows(rows, columns, $0, stride, buffer.pointer)
            }
            #expect(buffer.isUntouched())
            return buffer.values
          }
          #expect(run(table(set, T.self)) == run(reference(T.self)))
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("Products of rows are added in order", arguments: InstructionSet.present)
  func addProducts(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      var numbers = Numbers(seed: 15)
      for columns in counts {
        for rows in [0, 1, 9, 24] {
          let stride = columns + 3
          let count = max(0, (rows - 1) * stride + columns)
          let (x, y): ([T], [T]) = (numbers.reals(count), numbers.reals(count))
          let sums: [T] = numbers.reals(columns)
          func run(_ kernels: unroll_kernels, _ parts: [Range<Int>], from first: Int = 0) -> [T] {
            let buffer = Guarded(sums[first...])
            withExactCopy(of: x) { x in
              withExactCopy(of: y) { y in
                for part in parts {
                  let at = part.lowerBound * stride + first
                  kernels.add_products(
                    part.count, columns - first, x + at, y + at, stride, buffer.pointer)
                }
              }
            }
            #expect(buffer.isUntouched())
            return buffer.values
          }
          let kernels = table(set, T.self)
          let found = run(kernels, [0..<rows])
          let expected = run(reference(T.self), [0..<rows])
          #expect(greatestError(found, expected, floor: 0.5) < 8 * T.relativeError)
          // A chain for each column: the same in two calls, and for some of the columns.
          #expect(run(kernels, [0..<(rows / 3), (rows / 3)..<rows]) == found)
          let first = min(columns, 5)
          #expect(run(kernels, [0..<rows], from: first) == Array(found[first...]))
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("The sum of squares has the precision of double", arguments: InstructionSet.present)
  func squares(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      var numbers = Numbers(seed: 12)
      for n in counts {
        let x: [T] = numbers.reals(n)
        let found = withExactCopy(of: x) { table(set, T.self).sum_of_squares(n, $0) }
        let expected = reference(T.self).sum_of_squares(n, x)
        #expect(abs(found - expected) <= 1e-14 * expected)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("A NaN or an infinity shows in the sum of squares", arguments: InstructionSet.present)
  func squaresNotFinite(set: InstructionSet) {
    for position in [0, 40, 66] {
      var x = [Float](repeating: 1, count: 67)
      x[position] = .nan
      #expect(table(set, Float.self).sum_of_squares(67, x).isNaN)
      x[position] = -.infinity
      #expect(table(set, Float.self).sum_of_squares(67, x) == .infinity)
    }
  }

  @Test("Steps of Adam equal the reference", arguments: InstructionSet.present)
  func adam(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for n in counts {
        for decay in [0, 0.01] {
          func run(_ kernels: unroll_kernels) -> [[T]] {
            var numbers = Numbers(seed: 13)
            let value = Guarded<T>(numbers.reals(n))
            let zeros = [T](repeating: 0, count: n)
            let (mean, square) = (Guarded(zeros), Guarded(zeros))
            for step in 1...3 {
              let gradient: [T] = numbers.reals(n)
              let (correction1, correction2) = (power(0.9, step), power(0.999, step))
              withExactCopy(of: gradient) {
                kernels.adam(
                  n, value.pointer, $0, mean.pointer, square.pointer, 1e-3, 0.9, 0.999, 1e-8,
                  1 - correction1, 1 - correction2, decay)
              }
            }
            #expect(value.isUntouched() && mean.isUntouched() && square.isUntouched())
            return [value.values, mean.values, square.values]
          }
          for (found, expected) in zip(run(table(set, T.self)), run(reference(T.self))) {
            #expect(greatestError(found, expected, floor: 0.01) < 4 * T.relativeError)
          }
        }
      }
    }
    func power(_ base: Double, _ exponent: Int) -> Double {
      (0..<exponent).reduce(1) { product, _ in product * base }
    }
    check(Float.self)
    check(Double.self)
  }
}
