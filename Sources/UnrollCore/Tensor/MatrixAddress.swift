/// A matrix where it lies in memory, for as long as what owns it lives.
package struct MatrixAddress<Element: Scalar> {
  package let base: UnsafePointer<Element>?
  package let rows, columns, rowStride, columnStride: Int

  package init(
    base: UnsafePointer<Element>?, rows: Int, columns: Int, rowStride: Int, columnStride: Int = 1
  ) {
    (self.base, self.rows, self.columns) = (base, rows, columns)
    (self.rowStride, self.columnStride) = (rowStride, columnStride)
  }
}
