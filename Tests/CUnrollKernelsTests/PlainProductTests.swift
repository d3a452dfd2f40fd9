import CUnrollKernels
import Testing

@Suite("The product without fused operations")
struct PlainProductTests {
  private static let columns = Int(UNROLL_PLAIN_COLUMNS)

  /// c + a b, of rows of `a` that are some elements apart, or of its transpose.
  private func product<T: Element>(
    _ kernels: unroll_kernels, _ m: Int, _ k: Int, isTransposed: Bool, seed: UInt64, _: T.Type
  ) -> [T] {
    var numbers = Numbers(seed: seed)
    let (rowStride, columnStride) = isTransposed ? (1, m + 2) : (k + 3, 1)
    let used = m * k == 0 ? 0 : (m - 1) * rowStride + (k - 1) * columnStride + 1
    let (a, b): ([T], [T]) = (numbers.reals(used), numbers.reals(k * Self.columns))
    let c = Guarded<T>(numbers.reals(m * Self.columns))
    withExactCopy(of: a) { a in
      withExactCopy(of: b) { b in
        kernels.plain_product(m, k, a, rowStride, columnStride, b, c.pointer)
      }
    }
    #expect(c.isUntouched())
    return c.values
  }

  @Test("equals the reference, bit for bit", arguments: InstructionSet.present)
  func bits(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      // Less than a tile of rows and more; k up to beyond one block of it.
      for (m, k) in [(0, 3), (1, 0), (1, 700), (3, 1), (4, 5), (7, 257), (21, 600)] {
        for isTransposed in [false, true] {
          let found = product(
            table(set, T.self), m, k, isTransposed: isTransposed, seed: 7, T.self)
          let expected = product(
            reference(T.self), m, k, isTransposed: isTransposed, seed: 7, T.self)
          #expect(found == expected, "m \(m) k \(k)")
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("rounds products by themselves", arguments: InstructionSet.present)
  func rounding(set: InstructionSet) {
    // The square of 1 + e is 1 + 2e + e^2, which a double has no room for: rounded, e^2 is gone.
    let x = 1 + 0x1p-30
    var c = [Double](repeating: -(1 + 0x1p-29), count: Self.columns)
    let b = [Double](repeating: x, count: Self.columns)
    table(set, Double.self).plain_product(1, 1, [x], 1, 1, b, &c)
    #expect(c.allSatisfy { $0 == 0 })
  }
}
