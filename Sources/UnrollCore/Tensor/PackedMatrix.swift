import CUnrollKernels
import UnrollFiles

/// The right operand of a product, laid out for the kernels: pack a weight once, multiply with it at
/// every time step.
public struct PackedMatrix<Element: Scalar>: Sendable {
  /// The number of rows, K.
  public private(set) var rows = 0
  /// The number of columns, N.
  public private(set) var columns = 0
  /// How the elements are kept.
  public private(set) var precision = WeightPrecision.full
  private var panels = Tensor<Element>(shape: [0])
  private var source: Matrix<Element>?

  /// A matrix of no rows and no columns, to be packed later.
  public init() {}

  /// Packs a matrix.
  @specialized(where Element == Float)
  public init(_ matrix: Matrix<Element>, threads: Int = 1) {
    pack(matrix, threads)
  }

  /// Packs a matrix, unless in inference it is the one that is packed already; in inference with the
  /// precision that the context asks for.
  ///
  /// In inference the source is kept, so that an unchanged weight is packed once for any number of
  /// calls. In training it is not: a weight held here would be copied when it is updated.
  @specialized(where Element == Float)
  public mutating func pack(
    _ matrix: Matrix<Element>, for context: Context, threads: Int = 1
  ) {
    pack(matrix, context.mode, context.weights, threads)
  }

  /// Packs a matrix, unless in inference it is the one that is packed already; in full precision.
  @specialized(where Element == Float)
  public mutating func pack(
    _ matrix: Matrix<Element>, for mode: Context.Mode, threads: Int = 1
  ) {
    pack(matrix, mode, .full, threads)
  }

  @specialized(where Element == Float)
  private mutating func pack(
    _ matrix: Matrix<Element>, _ mode: Context.Mode, _ wanted: WeightPrecision, _ threads: Int
  ) {
    let isInference = mode == .inference
    let precision = isInference && Self.quantizes(matrix) ? wanted : .full
    if isInference, precision == self.precision, let source, source.isSame(as: matrix) { return }
    switch precision {
    case .full: pack(matrix, threads)
    case .int8: quantize(matrix, threads)
    }
    source = isInference ? matrix : nil
  }

  /// Whether the kernels have products for such a matrix in 8 bits.
  private static func quantizes(_ matrix: Matrix<Element>) -> Bool {
    Element.self == Float.self && matrix.rows <= UNROLL_INT8_DEPTH
  }

  @specialized(where Element == Float)
  private mutating func pack(_ matrix: Matrix<Element>, _ threads: Int) {
    (rows, columns, precision) = (matrix.rows, matrix.columns, .full)
    let (type, columns) = (Element.kernelType, columns)
    let count = unroll_packed_count(type, rows, columns)
    makeRoom(count)
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

  @specialized(where Element == Float)
  private mutating func quantize(_ matrix: Matrix<Element>, _ threads: Int) {
    (rows, columns, precision) = (matrix.rows, matrix.columns, .int8)
    makeRoom(unroll_int8_packed_bytes(rows, columns) / MemoryLayout<Element>.stride)
    let (rows, columns) = (rows, columns)
    panels.withUnsafeMutableBufferPointer { panels in
      matrix.withBase { base in
        nonisolated(unsafe) let from = floats(base)
        nonisolated(unsafe) let to = panels.baseAddress
        Threads.forEachRange(
          columns, threads: threads, grain: Int(UNROLL_INT8_BLOCK)
        ) { range in
          unroll_int8_pack(
            rows, columns, from, matrix.rowStride, matrix.columnStride, range.lowerBound,
            range.count, to)
        }
      }
    }
  }

  private mutating func makeRoom(_ count: Int) {
    if panels.count != count { panels = Tensor(uninitialized: [count]) { _ in } }
  }

  /// Calls `body` with the address of the packed elements, for `unroll_product`.
  ///
  /// - Precondition: they are packed in full precision.
  public func withUnsafePointer<Result>(_ body: (UnsafePointer<Element>?) -> Result) -> Result {
    require(
      precision == .full, "a matrix packed as \(precision) has no elements for unroll_product")
    return withUnsafePanels(body)
  }

  func withUnsafePanels<Result>(_ body: (UnsafePointer<Element>?) -> Result) -> Result {
    panels.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
