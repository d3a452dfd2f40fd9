import CUnrollKernels

// Matrix products. Every element is one chain of multiply-adds over the inner axis, in order, so
// that a row's result depends neither on the rows beside it nor on the number of threads.
extension Tensor {
  /// The product of two matrices, `[m, k]` and `[k, n]`.
  ///
  /// ```
  /// let y = Tensor.product(x.matrix, weight.transposed)   // [..., I] and [O, I] give [rows, O]
  /// ```
  public static func product(
    _ a: Matrix<Element>, _ b: Matrix<Element>, threads: Int = 1
  ) -> Tensor {
    product(a, PackedMatrix(b, threads: threads), threads: threads)
  }

  /// The product of a matrix `[m, k]` and a packed one `[k, n]`, each row beginning at `bias`.
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

  /// Adds the product of two matrices to this tensor, as a matrix: a weight's gradient, for
  /// instance.
  ///
  /// ```
  /// weight.gradient.addProduct(gradient.transposed, x.matrix)   // [O, rows] [rows, I]
  /// ```
  public mutating func addProduct(
    _ a: Matrix<Element>, _ b: Matrix<Element>, threads: Int = 1
  ) {
    addProduct(a, PackedMatrix(b, threads: threads), threads: threads)
  }

  /// Adds the product of a matrix and a packed one to this tensor, as a matrix.
  public mutating func addProduct(
    _ a: Matrix<Element>, _ b: PackedMatrix<Element>, threads: Int = 1
  ) {
    require(
      rows == a.rows && columns == b.columns,
      "a product [\(a.rows), \(b.columns)] cannot be added to the shape \(shape)")
    withUnsafeMutableBufferPointer { c in
      Self.multiply(
        a, b, into: c.baseAddress, stride: b.columns, start: UNROLL_START_C, threads: threads)
    }
  }

  /// Adds the product of a matrix and a packed one to step `t` of this sequence: what a recurrent
  /// cell does to its projected inputs, `a_t = (W_ih x_t + b) + W_hh h_{t-1}`.
  public mutating func addProduct(
    toStep t: Int, _ a: Matrix<Element>, _ b: PackedMatrix<Element>
  ) {
    let count = shape.dropFirst().reduce(1, *)
    require(
      rank > 0 && t >= 0 && t < shape[0] && columns == b.columns && count == a.rows * b.columns,
      "a product [\(a.rows), \(b.columns)] cannot be added to step \(t) of the shape \(shape)")
    withUnsafeMutableBufferPointer { c in
      Self.multiply(
        a, b, into: c.baseAddress.map { $0 + t * count }, stride: b.columns, start: UNROLL_START_C)
    }
  }

  /// Puts the product of a matrix and a packed one in the place of some columns: what a cell does to
  /// the gradient of the hidden part of its state.
  public mutating func setColumns(
    _ range: Range<Int>, toProduct a: Matrix<Element>, _ b: PackedMatrix<Element>
  ) {
    require(
      range.lowerBound >= 0 && range.upperBound <= columns && range.count == b.columns
        && rows == a.rows,
      "a product [\(a.rows), \(b.columns)] as columns \(range) of the shape \(shape)")
    let stride = columns
    withUnsafeMutableBufferPointer { c in
      Self.multiply(
        a, b, into: c.baseAddress.map { $0 + range.lowerBound }, stride: stride,
        start: UNROLL_START_ZERO)
    }
  }

  private static func multiply(
    _ a: Matrix<Element>, _ b: PackedMatrix<Element>, into c: UnsafeMutablePointer<Element>?,
    stride: Int, start: unroll_start, bias: UnsafePointer<Element>? = nil, threads: Int = 1
  ) {
    require(
      a.columns == b.rows,
      "a product of [\(a.rows), \(a.columns)] and [\(b.rows), \(b.columns)]")
    // Below this many multiplications, waking a thread costs more than it saves.
    let threads = a.rows * a.columns * b.columns < 1 << 18 ? 1 : threads
    a.withBase { aBase in
      b.withUnsafePointer { bBase in
        nonisolated(unsafe) let (a0, b0, c0, bias) = (aBase, bBase, c, bias)
        forEachRangeConcurrently(a.rows, threads: threads, grain: 14) { range in
          unroll_product(
            Element.kernelType, range.count, b.columns, a.columns,
            a0.map { $0 + range.lowerBound * a.rowStride }, a.rowStride, a.columnStride, b0, start,
            bias, c0.map { $0 + range.lowerBound * stride }, stride)
        }
      }
    }
  }
}
