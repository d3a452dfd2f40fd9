import CUnrollKernels

// Gram-Schmidt on blocks of rows, everything twice so that rounding does not add up (Daniel et al.
// 1976). What is done to most of the numbers are two matrix products, of which every sum has one
// order and every operation is rounded by itself: the numbers are the same on every processor, and
// for every number of threads.
extension Initializer {
  /// Rows that are orthogonal and of length 1, or columns where there are more rows; row-major.
  static func orthogonal(
    rows: Int, columns: Int, from random: RandomSource, threads: Int
  ) -> [Double] {
    guard rows <= columns else {
      let transposed = orthogonal(rows: columns, columns: rows, from: random, threads: threads)
      return numbers(rows * columns, threads: threads) {
        transposed[$0 % columns * rows + $0 / columns]
      }
    }
    var q = numbers(rows * columns, threads: threads) { random.normal($0) }
    // A product runs fast along numbers that lie together, and q is needed along both axes.
    var transposed = [Double](repeating: 0, count: rows * columns)
    var block = RowBlock(columns: columns, threads: threads)
    for first in stride(from: 0, to: rows, by: RowBlock.capacity) {
      block.take(first..<min(first + RowBlock.capacity, rows), of: q)
      for _ in 0..<2 {
        block.subtractProjections(onFirst: first, of: q, transposed: transposed)
        block.makeOrthonormal()
      }
      block.put(at: first, of: &q, transposed: &transposed)
    }
    return q
  }
}

/// Some rows of a matrix, side by side: element `j` of row `i` is number `j * capacity + i`, so that
/// one product takes all of them at once.
private struct RowBlock {
  static var capacity: Int { Int(UNROLL_PLAIN_COLUMNS) }

  let columns: Int
  let threads: Int
  private var count = 0
  private var elements: [Double]

  init(columns: Int, threads: Int) {
    self.columns = columns
    self.threads = threads
    elements = [Double](repeating: 0, count: columns * Self.capacity)
  }

  mutating func take(_ rows: Range<Int>, of q: [Double]) {
    count = rows.count
    for j in 0..<columns {
      for i in 0..<Self.capacity {
        elements[j * Self.capacity + i] =
          i < count ? q[(rows.lowerBound + i) * columns + j] : 0
      }
    }
  }

  func put(at first: Int, of q: inout [Double], transposed: inout [Double]) {
    let rows = q.count / columns
    for j in 0..<columns {
      for i in 0..<count {
        let element = elements[j * Self.capacity + i]
        q[(first + i) * columns + j] = element
        transposed[j * rows + first + i] = element
      }
    }
  }

  /// Takes off each row its projections on the first rows of `q`, which are orthonormal.
  mutating func subtractProjections(
    onFirst count: Int, of q: [Double], transposed: [Double]
  ) {
    var products = [Double](repeating: 0, count: count * Self.capacity)
    add(q, count, columns, stride: columns, times: elements, to: &products)
    for i in products.indices { products[i] = -products[i] }
    add(transposed, columns, count, stride: q.count / columns, times: products, to: &elements)
  }

  /// Makes the rows orthonormal: each one, once it has its length, is taken off those after it.
  mutating func makeOrthonormal() {
    let capacity = Self.capacity
    var row = [Double](repeating: 0, count: columns)
    for i in 0..<count {
      for j in 0..<columns { row[j] = elements[j * capacity + i] }
      var products = [Double](repeating: 0, count: capacity)
      add(row, 1, columns, stride: columns, times: elements, to: &products)
      let length = products[i].squareRoot()
      for j in 0..<columns {
        row[j] /= length
        elements[j * capacity + i] = row[j]
      }
      for k in 0..<capacity { products[k] = i < k && k < count ? -products[k] / length : 0 }
      add(row, columns, 1, stride: 1, times: products, to: &elements)
    }
  }

  /// `c += a b` with `a` of `m` rows, `stride` apart, and `k` columns.
  private func add(
    _ a: [Double], _ m: Int, _ k: Int, stride: Int, times b: [Double], to c: inout [Double]
  ) {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          nonisolated(unsafe) let (a, b, c) = (a.baseAddress, b.baseAddress, c.baseAddress)
          // Fewer multiplications than these are done before a thread has begun.
          let grain = max(4, 65536 / max(k * Self.capacity, 1) / 4 * 4)
          Threads.forEachRange(m, threads: threads, grain: grain) { range in
            guard let a, let b, let c else { return }
            unroll_plain_product(
              UNROLL_F64, range.count, k, a + range.lowerBound * stride, stride, 1, b,
              c + range.lowerBound * Self.capacity)
          }
        }
      }
    }
  }
}
