import CUnrollKernels

// Products with weights of 8 bits. The rows of the left operand are rounded first; then blocks of the
// result are computed, of rows where there are many, else of columns.
extension PackedMatrix {
  /// c (+)= a b, b being this matrix.
  @specialized(where Element == Float)
  func multiplyInt8(
    _ a: Matrix<Element>, into c: UnsafeMutablePointer<Element>?, stride: Int, start: unroll_start,
    bias: UnsafePointer<Element>?, threads: Int
  ) {
    let (k, n, rowBytes) = (rows, columns, unroll_int8_row_bytes(rows))
    // With less, waking a thread costs more than it saves.
    let threads = a.rows * k * n < 1 << 20 ? 1 : threads
    let bytes = a.rows * rowBytes / MemoryLayout<Element>.stride
    var quantized = Tensor<Element>(uninitialized: [bytes]) { _ in }
    quantized.withUnsafeMutableBufferPointer { quantized in
      nonisolated(unsafe) let rows = UnsafeMutableRawPointer(quantized.baseAddress)
      a.withBase { base in
        nonisolated(unsafe) let a0 = floats(base)
        Threads.forEachRange(a.rows, threads: threads, grain: 64) { range in
          unroll_int8_quantize(
            range.count, k, a0.map { $0 + range.lowerBound * a.rowStride }, a.rowStride,
            a.columnStride, rows.map { $0 + range.lowerBound * rowBytes })
        }
      }
      withUnsafePanels { panels in
        nonisolated(unsafe) let (b, bias, c) = (panels, floats(bias), floats(c))
        if a.rows >= 8 * threads {
          Threads.forEachRange(a.rows, threads: threads) { range in
            unroll_int8_product(
              range.count, n, k, rows.map { $0 + range.lowerBound * rowBytes }, b, 0, n, start,
              bias, c.map { $0 + range.lowerBound * stride }, stride)
          }
        } else {
          Threads.forEachRange(n, threads: threads, grain: Int(UNROLL_INT8_BLOCK)) { range in
            unroll_int8_product(
              a.rows, n, k, rows, b, range.lowerBound, range.count, start, bias, c, stride)
          }
        }
      }
    }
  }
}

// Addresses of elements that are `Float`: others are not quantized.
func floats<Element: Scalar>(_ address: UnsafePointer<Element>?) -> UnsafePointer<Float>? {
  UnsafeRawPointer(address)?.assumingMemoryBound(to: Float.self)
}

func floats<Element: Scalar>(
  _ address: UnsafeMutablePointer<Element>?
) -> UnsafeMutablePointer<Float>? {
  UnsafeMutableRawPointer(address)?.assumingMemoryBound(to: Float.self)
}
