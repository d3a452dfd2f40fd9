import CUnrollKernels

/// The right operand of a product, laid out for the kernels: pack a weight once, multiply with it at
/// every time step.
public struct PackedMatrix<Element: Scalar>: Sendable {
  /// The number of rows, K.
  public private(set) var rows = 0
  /// The number of columns, N.
  public private(set) var columns = 0
  private var panels = Tensor<Element>(shape: [0])
  private var source: Matrix<Element>?

  /// A matrix of no rows and no columns, to be packed later.
  public init() {}

  /// Packs a matrix.
  @specialized(where Element == Float)
  public init(_ matrix: Matrix<Element>, threads: Int = 1) {
    pack(matrix, threads)
  }

  /// Packs a matrix, unless in inference it is the one that is packed already.
  ///
  /// In inference the source is kept, so that an unchanged weight is packed once for any number of
  /// calls. In training it is not: a weight held here would be copied when it is updated.
  @specialized(where Element == Float)
  public mutating func pack(
    _ matrix: Matrix<Element>, for mode: Context.Mode, threads: Int = 1
  ) {
    if mode == .inference, let source, source.isSame(as: matrix) { return }
    pack(matrix, threads)
    source = mode == .inference ? matrix : nil
  }

  @specialized(where Element == Float)
  private mutating func pack(_ matrix: Matrix<Element>, _ threads: Int) {
    (rows, columns) = (matrix.rows, matrix.columns)
    let (type, columns) = (Element.kernelType, columns)
    let count = unroll_packed_count(type, rows, columns)
    if panels.count != count { panels = Tensor(uninitialized: [count]) { _ in } }
    panels.withUnsafeMutableBufferPointer { panels in
      matrix.withBase { base in
        nonisolated(unsafe) let (from, to) = (base, panels.baseAddress)
        Threads.forEachRange(
          rows, threads: threads, grain: Int(UNROLL_PACK_ROWS)
        ) { range in
          unroll_pack(
            type, range.count, columns, from.map { $0 + range.lowerBound * matrix.rowStride },
            matrix.rowStride, matrix.columnStride,
            to.map { $0 + unroll_packed_count(type, range.lowerBound, columns) })
        }
      }
    }
  }

  /// Calls `body` with the address of the packed elements, for `unroll_product`.
  public func withUnsafePointer<Result>(_ body: (UnsafePointer<Element>?) -> Result) -> Result {
    panels.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
