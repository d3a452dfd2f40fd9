import CUnrollKernels
import UnrollFiles

// Matrix products. Every element is one chain of multiply-adds over the inner axis, in order, so
// that a row's result depends neither on the rows beside it nor on the number of threads.
extension Tensor {
  /// The product of two matrices, `[m, k]` and `[k, n]`.
  ///
  /// ```
  /// let y = Tensor.product(x.matrix, weight.transposed)   // [..., I] and [O, I] give [rows, O]
  /// ```
  @specialized(where Element == Float)
  public static func product(
    _ a: Matrix<Element>, _ b: Matrix<Element>, threads: Int = 1
  ) -> Tensor {
    product(a, PackedMatrix(b, threads: threads), threads: threads)
  }

  /// The product of a matrix `[m, k]` and a packed one `[k, n]`, each row beginning at `bias`.
  @specialized(where Element == Float)
  public static func product(
    _ a: Matrix<Element>, _ b: PackedMatrix<Element>, bias: Tensor? = nil, threads: Int = 1
  ) -> Tensor {
    bias?.expectShape([b.columns], axes: "N", of: "the bias of a product")
    return Tensor(uninitialized: [a.rows, b.columns]) { c in
      if let bias {
        bias.withUnsafeBufferPointer { bias in
          multiply(
            a, b, into: c.baseAddress, stride: b.columns, start: UNROLL_START_BIAS,
            bias: bias.baseAddress, threads: threads)
        }
      } else {
        multiply(
          a, b, into: c.baseAddress, stride: b.columns, start: UNROLL_START_ZERO, threads: threads)
      }
    }
  }

  /// Adds the product of two matrices to this tensor, as a matrix, or to some rows of it: a weight's
  /// gradient.
  ///
  /// ```
  /// weight.gradient.addProduct(gradient.transposed, x.matrix)   // [O, rows] [rows, I]
  /// ```
  ///
  /// It is summed over the inner axis from the end, as back-propagation comes by the steps: a gradient
  /// that is added up piece after piece, the last piece first, is the same to the last bit.
  @specialized(where Element == Float)
  public mutating func addProduct(
    _ a: Matrix<Element>, _ b: Matrix<Element>, rows: Range<Int>? = nil, threads: Int = 1
  ) {
    let b = PackedMatrix(b.reversingRows, threads: threads)
    addProduct(a.transposed.reversingRows.transposed, b, rows: rows, threads: threads)
  }

  /// Adds the product of a matrix and a packed one to this tensor, as a matrix, or to a block of it:
  /// a recurrent cell adds `W_hh h_{t-1}` to the rows of a step, for instance.
  @specialized(where Element == Float)
  public mutating func addProduct(
    _ a: Matrix<Element>, _ b: PackedMatrix<Element>, rows: Range<Int>? = nil,
    columns: Range<Int>? = nil, threads: Int = 1
  ) {
    multiply(a, b, rows, columns, UNROLL_START_C, threads)
  }

  /// Puts the product of a matrix and a packed one in the place of a block of this tensor, as a
  /// matrix; of all of it unless rows or columns are named. Each row begins at `bias`.
  @specialized(where Element == Float)
  public mutating func setProduct(
    _ a: Matrix<Element>, _ b: PackedMatrix<Element>, bias: Tensor? = nil,
    rows: Range<Int>? = nil, columns: Range<Int>? = nil, threads: Int = 1
  ) {
    guard let bias else { return multiply(a, b, rows, columns, UNROLL_START_ZERO, threads) }
    bias.expectShape([b.columns], axes: "N", of: "the bias of a product")
    bias.withUnsafeBufferPointer {
      multiply(a, b, rows, columns, UNROLL_START_BIAS, bias: $0.baseAddress, threads)
    }
  }

  @specialized(where Element == Float)
  private mutating func multiply(
    _ a: Matrix<Element>, _ b: PackedMatrix<Element>, _ rows: Range<Int>?, _ columns: Range<Int>?,
    _ start: unroll_start, bias: UnsafePointer<Element>? = nil, _ threads: Int
  ) {
    let (rows, columns) = (rows ?? 0..<self.rows, columns ?? 0..<self.columns)
    require(
      rows.lowerBound >= 0 && rows.upperBound <= self.rows && rows.count == a.rows
        && columns.lowerBound >= 0 && columns.upperBound <= self.columns
        && columns.count == b.columns,
      "a product [\(a.rows), \(b.columns)] as rows \(rows) and columns \(columns) of the shape "
        + "\(shape)")
    let stride = self.columns
    withUnsafeMutableBufferPointer { c in
      Self.multiply(
        a, b, into: c.baseAddress.map { $0 + rows.lowerBound * stride + columns.lowerBound },
        stride: stride, start: start, bias: bias, threads: threads)
    }
  }

  @specialized(where Element == Float)
  private static func multiply(
    _ a: Matrix<Element>, _ b: PackedMatrix<Element>, into c: UnsafeMutablePointer<Element>?,
    stride: Int, start: unroll_start, bias: UnsafePointer<Element>? = nil, threads: Int = 1
  ) {
    a.withBase { base in
      b.multiply(
        MatrixAddress(
          base: base, rows: a.rows, columns: a.columns, rowStride: a.rowStride,
          columnStride: a.columnStride),
        into: c, stride: stride, start: start, bias: bias, threads: threads)
    }
  }
}

extension PackedMatrix {
  /// c (+)= a b, b being this matrix. Rows of c are `stride` elements apart.
  @specialized(where Element == Float)
  package func multiply(
    _ a: MatrixAddress<Element>, into c: UnsafeMutablePointer<Element>?, stride: Int,
    start: unroll_start, bias: UnsafePointer<Element>? = nil, threads: Int = 1
  ) {
    require(
      a.columns == rows, "a product of [\(a.rows), \(a.columns)] and [\(rows), \(columns)]")
    if precision == .int8 {
      return multiplyInt8(a, into: c, stride: stride, start: start, bias: bias, threads: threads)
    }
    // Below this many multiplications, telling another thread costs more than it saves.
    let threads = a.rows * a.columns * columns < 1 << 17 ? 1 : threads
    let n = columns
    withUnsafePointer { b in
      nonisolated(unsafe) let (a0, b, c, bias) = (a.base, b, c, bias)
      let (m, k, rowStride, columnStride) = (a.rows, a.columns, a.rowStride, a.columnStride)
      // Few rows have their columns shared out, so that each thread reads but a part of b.
      if threads > 1, m <= 256, n >= 2 * threads * Int(UNROLL_COLUMN_GRAIN) {
        Threads.forEachRange(n, threads: threads, grain: Int(UNROLL_COLUMN_GRAIN)) { range in
          unroll_product_columns(
            Element.kernelType, m, n, k, range.lowerBound, range.count, a0, rowStride, columnStride,
            b, start, bias, c, stride)
        }
        return
      }
      Threads.forEachRange(m, threads: threads, grain: 4) { range in
        unroll_product(
          Element.kernelType, range.count, n, k, a0.map { $0 + range.lowerBound * rowStride },
          rowStride, columnStride, b, start, bias, c.map { $0 + range.lowerBound * stride }, stride)
      }
    }
  }
}
