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
  public init(_ matrix: Matrix<Element>) {
    pack(matrix)
  }

  /// Packs a matrix, unless in inference it is the one that is packed already.
  ///
  /// In inference the source is kept, so that an unchanged weight is packed once for any number of
  /// calls. In training it is not: a weight held here would be copied when it is updated.
  public mutating func pack(_ matrix: Matrix<Element>, for mode: Context.Mode) {
    if mode == .inference, let source, source.isSame(as: matrix) { return }
    pack(matrix)
    source = mode == .inference ? matrix : nil
  }

  private mutating func pack(_ matrix: Matrix<Element>) {
    rows = matrix.rows
    columns = matrix.columns
    let count = unroll_packed_count(Element.kernelType, rows, columns)
    if panels.count != count { panels = Tensor(uninitialized: [count]) { _ in } }
    panels.withUnsafeMutableBufferPointer { panels in
      matrix.withBase { base in
        unroll_pack(
          Element.kernelType, matrix.rows, matrix.columns, base, matrix.rowStride,
          matrix.columnStride, panels.baseAddress)
      }
    }
  }

  /// Calls `body` with the address of the packed elements, for `unroll_product`.
  public func withUnsafePointer<Result>(_ body: (UnsafePointer<Element>?) -> Result) -> Result {
    panels.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
