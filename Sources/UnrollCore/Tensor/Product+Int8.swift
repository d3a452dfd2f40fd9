import CUnrollKernels

// Products with weights of 8 bits. The rows of the left operand are rounded first; then blocks of the
// result are computed, of rows where there are many, else of columns.
extension PackedMatrix {
  /// c (+)= a b, b being this matrix.
  @specialized(where Element == Float)
  func multiplyInt8(
    _ a: MatrixAddress<Element>, into c: UnsafeMutablePointer<Element>?, stride: Int,
    start: unroll_start,
    bias: UnsafePointer<Element>?, threads: Int
  ) {
    let (k, n, rowBytes) = (rows, columns, unroll_int8_row_bytes(rows))
    // With less, telling another thread costs more than it saves.
    let threads = a.rows * k * n < 1 << 18 ? 1 : threads
    let bytes = a.rows * rowBytes / MemoryLayout<Element>.stride
    var quantized = Tensor<Element>(uninitialized: [bytes]) { _ in }
    quantized.withUnsafeMutableBufferPointer { quantized in
      nonisolated(unsafe) let rows = UnsafeMutableRawPointer(quantized.baseAddress)
      nonisolated(unsafe) let a0 = floats(a.base)
      let (rowStride, columnStride) = (a.rowStride, a.columnStride)
      Threads.forEachRange(a.rows, threads: threads, grain: 64) { range in
        unroll_int8_quantize(
          range.count, k, a0.map { $0 + range.lowerBound * rowStride }, rowStride, columnStride,
          rows.map { $0 + range.lowerBound * rowBytes })
      }
      withUnsafePanels { panels in
        nonisolated(unsafe) let (b, bias, c) = (panels, floats(bias), floats(c))
        let m = a.rows
        if m >= 8 * threads {
          Threads.forEachRange(m, threads: threads) { range in
            unroll_int8_product(
              range.count, n, k, rows.map { $0 + range.lowerBound * rowBytes }, b, 0, n, start,
              bias, c.map { $0 + range.lowerBound * stride }, stride)
          }
        } else {
          Threads.forEachRange(n, threads: threads, grain: Int(UNROLL_INT8_BLOCK)) { range in
            unroll_int8_product(
              m, n, k, rows, b, range.lowerBound, range.count, start, bias, c, stride)
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
