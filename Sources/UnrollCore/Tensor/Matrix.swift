import UnrollFiles

/// A tensor seen as a matrix, the operand of a product: all axes but the last are its rows.
///
/// A view can be transposed or cut to some columns without copying.
public struct Matrix<Element: Scalar>: Sendable {
  @usableFromInline let tensor: Tensor<Element>
  @usableFromInline let offset: Int
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  @usableFromInline let rowStride: Int
  @usableFromInline let columnStride: Int

  @inlinable
  init(_ tensor: Tensor<Element>) {
    self.init(
      tensor: tensor, offset: 0, rows: tensor.rows, columns: tensor.columns,
      rowStride: tensor.columns, columnStride: 1)
  }

  @inlinable
  init(
    tensor: Tensor<Element>, offset: Int, rows: Int, columns: Int, rowStride: Int,
    columnStride: Int
  ) {
    self.tensor = tensor
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  /// Rows and columns exchanged.
  @inlinable
  public var transposed: Matrix {
    Matrix(
      tensor: tensor, offset: offset, rows: columns, columns: rows, rowStride: columnStride,
      columnStride: rowStride)
  }

  /// The last row first.
  @inlinable
  var reversingRows: Matrix {
    rows == 0
      ? self
      : Matrix(
        tensor: tensor, offset: offset + (rows - 1) * rowStride, rows: rows, columns: columns,
        rowStride: -rowStride, columnStride: columnStride)
  }

  /// Some of the columns.
  @inlinable
  public func columns(_ range: Range<Int>) -> Matrix {
    require(
      range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
    return Matrix(
      tensor: tensor, offset: offset + range.lowerBound * columnStride, rows: rows,
      columns: range.count, rowStride: rowStride, columnStride: columnStride)
  }

  /// Some of the rows.
  @inlinable
  public func rows(_ range: Range<Int>) -> Matrix {
    require(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    return Matrix(
      tensor: tensor, offset: offset + range.lowerBound * rowStride, rows: range.count,
      columns: columns, rowStride: rowStride, columnStride: columnStride)
  }

  /// Calls `body` with the address of the first element.
  @inlinable
  func withBase<Result>(_ body: (UnsafePointer<Element>?) -> Result) -> Result {
    tensor.withUnsafeBufferPointer { body($0.baseAddress.map { $0 + offset }) }
  }

  /// Whether both are the same part of the same memory.
  @specialized(where Element == Float)
  func isSame(as other: Matrix) -> Bool {
    tensor.sharesStorage(with: other.tensor) && offset == other.offset && rows == other.rows
      && columns == other.columns && rowStride == other.rowStride
      && columnStride == other.columnStride
  }
}

extension Tensor {
  /// This tensor as a matrix: all axes but the last are its rows.
  @inlinable
  public var matrix: Matrix<Element> { Matrix(self) }
  /// This tensor as a matrix, rows and columns exchanged.
  @inlinable
  public var transposed: Matrix<Element> { Matrix(self).transposed }
}
