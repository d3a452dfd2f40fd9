import CUnrollKernels
import Testing

/// A product to compute: sizes, how its operands lie, what it starts from.
private struct Product<T: Element> {
  enum Layout: CaseIterable { case rows, transposed, spread, fromLastRow, fromLastColumn }

  var (m, n, k): (Int, Int, Int)
  var (aLayout, bLayout) = (Layout.rows, Layout.rows)
  var start = UNROLL_START_ZERO
  let (a, b, bias, c): ([T], [T], [T], [T])

  init(_ m: Int, _ n: Int, _ k: Int, whole: Bool = true, seed: UInt64 = 1) {
    (self.m, self.n, self.k) = (m, n, k)
    var numbers = Numbers(seed: seed)
    // Repeated after a prime number of elements, which no row or column divides.
    let pool: [T] = whole ? numbers.wholes(1009) : numbers.reals(1009)
    func make(_ count: Int) -> [T] {
      var elements: [T] = []
      while elements.count < count { elements += pool.suffix(count - elements.count) }
      return elements
    }
    (a, b, bias, c) = (make(m * k), make(k * n), make(n), make(m * n))
  }

  /// The elements of a row-major matrix in another layout, and its strides.
  private func lay(
    _ matrix: [T], _ rows: Int, _ columns: Int, _ layout: Layout
  ) -> (elements: [T], first: Int, rowStride: Int, columnStride: Int) {
    let (rowStride, columnStride) =
      switch layout {
      case .rows: (columns + 3, 1)
      case .transposed: (1, rows + 2)
      case .spread: (2 * columns + 1, 2)
      case .fromLastRow: (-(columns + 3), 1)
      case .fromLastColumn: (1, -(rows + 2))
      }
    if rows == 0 || columns == 0 { return ([], 0, rowStride, columnStride) }
    let count = (rows - 1) * abs(rowStride) + (columns - 1) * abs(columnStride) + 1
    let first = max(0, (1 - rows) * rowStride) + max(0, (1 - columns) * columnStride)
    var elements = [T](repeating: .nan, count: count)
    elements.withUnsafeMutableBufferPointer { to in
      matrix.withUnsafeBufferPointer { from in
        for i in 0..<rows {
          for j in 0..<columns {
            to[first + i * rowStride + j * columnStride] = from[i * columns + j]
          }
        }
      }
    }
    return (elements, first, rowStride, columnStride)
  }

  func packed(with kernels: unroll_kernels) -> Guarded<T> {
    let b = lay(b, k, n, bLayout)
    let packed = Guarded<T>(count: kernels.packed_count(k, n))
    withExactCopy(of: b.elements) {
      kernels.pack(k, n, $0 + b.first, b.rowStride, b.columnStride, packed.pointer)
    }
    #expect(packed.isUntouched())
    return packed
  }

  /// The rows of c, computed in calls of the given numbers of rows (all at once if there are none).
  ///
  /// - Parameter columnsFrom: where calls for some columns begin, if columns are shared out.
  func run(
    _ kernels: unroll_kernels, rowsOfCalls: [Int] = [], columnsFrom: [Int] = []
  ) -> [T] {
    let packed = packed(with: kernels)
    let a = lay(a, m, k, aLayout)
    let stride = n + 5
    let out = Guarded<T>(count: m * stride)
    for i in 0..<m {
      for j in 0..<n { out.pointer[i * stride + j] = c[i * n + j] }
    }
    withExactCopy(of: a.elements) { elements in
      let a0 = elements + a.first
      withExactCopy(of: bias) { bias in
        for (first, next) in zip(columnsFrom, columnsFrom.dropFirst() + [n]) {
          kernels.product_columns(
            m, n, k, first, next - first, a0, a.rowStride, a.columnStride, packed.pointer, start,
            start == UNROLL_START_BIAS ? bias : nil, out.pointer, stride)
        }
        guard columnsFrom.isEmpty else { return }
        var row = 0
        for rows in rowsOfCalls.isEmpty ? [m] : rowsOfCalls {
          kernels.product(
            rows, n, k, a0 + (k == 0 ? 0 : row * a.rowStride), a.rowStride, a.columnStride,
            packed.pointer, start, start == UNROLL_START_BIAS ? bias : nil,
            out.pointer + row * stride, stride)
          row += rows
        }
      }
    }
    #expect(out.isUntouched(outside: n, of: stride), "m \(m) n \(n) k \(k)")
    return (0..<m).flatMap { i in (0..<n).map { out.pointer[i * stride + $0] } }
  }
}

private let starts = [UNROLL_START_ZERO, UNROLL_START_BIAS, UNROLL_START_C]

@Suite("Product")
struct ProductTests {
  @Test("Products of whole numbers equal the reference")
  func wholeNumbers() {
    func check<T: Element>(_: T.Type) {
      var turn = 0
      for m in [0, 1, 2, 3, 5, 13, 15, 25] {
        for n in [0, 1, 13, 16, 65, 545] {
          for k in [0, 1, 13, 65, 257, 520] {
            var product = Product<T>(m, n, k)
            product.aLayout = Product<T>.Layout.allCases[turn % 5]
            product.bLayout = Product<T>.Layout.allCases[turn / 5 % 5]
            product.start = starts[turn / 9 % 3]
            turn += 1
            let expected = product.run(reference(T.self))
            for set in InstructionSet.present {
              let equal = product.run(table(set, T.self)) == expected
              #expect(equal, "\(set) \(T.self) m \(m) n \(n) k \(k) turn \(turn - 1)")
            }
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("Every layout and start gives the same product", arguments: InstructionSet.present)
  func layouts(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for (m, n, k) in [(17, 39, 270), (1, 130, 20), (3, 64, 33), (6, 8, 7)] {
        for start in starts {
          var product = Product<T>(m, n, k, whole: false)
          product.start = start
          let expected = product.run(table(set, T.self))
          #expect(
            greatestError(expected, product.run(reference(T.self)), floor: 1)
              < 300 * Double(T.ulpOfOne))
          for a in Product<T>.Layout.allCases {
            for b in Product<T>.Layout.allCases {
              (product.aLayout, product.bLayout) = (a, b)
              #expect(product.run(table(set, T.self)) == expected, "\(T.self) \(a) \(b) \(start)")
            }
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test(
    "A row of a product does not depend on the rows beside it", arguments: InstructionSet.present)
  func rowSplits(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for start in starts {
        for n in [5, 70, 300] {
          var product = Product<T>(31, n, 300, whole: false)
          product.start = start
          let together = product.run(table(set, T.self))
          for calls in [
            Array(repeating: 1, count: 31), [2, 3, 26], [14, 14, 3], [7, 24], [4, 27],
          ] {
            let apart = product.run(table(set, T.self), rowsOfCalls: calls)
            #expect(apart == together, "\(T.self) n \(n) calls \(calls)")
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test(
    "Columns that are computed by themselves are those of the product",
    arguments: InstructionSet.present)
  func columnShares(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      for start in starts {
        for (m, n) in [(1, 65), (3, 128), (15, 200), (31, 333)] {
          var product = Product<T>(m, n, 300, whole: false)
          product.start = start
          let together = product.run(table(set, T.self))
          for from in [[0, 64], Array(stride(from: 0, to: n, by: 64))] {
            let apart = product.run(table(set, T.self), columnsFrom: from)
            #expect(apart == together, "\(T.self) m \(m) n \(n) from \(from)")
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test(
    "An element of a product does not depend on the columns beside it",
    arguments: InstructionSet.present)
  func columnSplits(set: InstructionSet) {
    func check<T: Element>(_: T.Type) {
      let (m, n, k) = (15, 83, 270)
      var numbers = Numbers(seed: 2)
      let a: [T] = numbers.reals(m * k)
      let b: [T] = numbers.reals(k * n)
      let kernels = table(set, T.self)
      func columns(_ first: Int, _ count: Int) -> [[T]] {
        let packed = Guarded<T>(count: kernels.packed_count(k, count))
        let c = Guarded<T>(count: m * count)
        b.withUnsafeBufferPointer {
          kernels.pack(k, count, $0.baseAddress! + first, n, 1, packed.pointer)
        }
        kernels.product(
          m, count, k, a, k, 1, packed.pointer, UNROLL_START_ZERO, nil, c.pointer, count)
        return (0..<count).map { j in (0..<m).map { c.pointer[$0 * count + j] } }
      }
      let together = columns(0, n)
      #expect((0..<n).allSatisfy { columns($0, 1)[0] == together[$0] })
      #expect(columns(7, 40) == Array(together[7..<47]))
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("A NaN in one row stays in its row", arguments: InstructionSet.present)
  func notANumber(set: InstructionSet) {
    let kernels = table(set, Float.self)
    let (m, n, k) = (5, 9, 4)
    var a = [Float](repeating: 1, count: m * k)
    a[2 * k + 1] = .nan
    let packed = Guarded<Float>(count: kernels.packed_count(k, n))
    let c = Guarded<Float>(count: m * n)
    kernels.pack(k, n, [Float](repeating: 2, count: k * n), n, 1, packed.pointer)
    kernels.product(m, n, k, a, k, 1, packed.pointer, UNROLL_START_ZERO, nil, c.pointer, n)
    for i in 0..<m * n {
      #expect(i / n == 2 ? c.pointer[i].isNaN : c.pointer[i] == 8)
    }
  }
}
