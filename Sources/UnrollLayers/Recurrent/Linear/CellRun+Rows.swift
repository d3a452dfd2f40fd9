import UnrollCore

// The projected inputs of all steps and streams, row by row: what a cell computes while a row is
// near.
extension CellRun {
  /// Calls `body` with every row of the projected inputs.
  @inline(__always)
  mutating func forEachRow(_ body: (_ row: Int, _ projected: UnsafeMutablePointer<Element>) -> Void)
  {
    let (count, width) = (steps * rows, projected.columns)
    projected.withUnsafeMutableBufferPointer { projected in
      guard let base = projected.baseAddress else { return }
      for row in 0..<count { body(row, base + row * width) }
    }
  }

  /// The coefficients of a linear recurrence, of which `body` writes a row, a and b, from every row
  /// of the projected inputs.
  @inline(__always)
  mutating func coefficients(
    _ size: Int,
    _ body: (
      _ row: Int, _ projected: UnsafeMutablePointer<Element>, _ a: UnsafeMutablePointer<Element>,
      _ b: UnsafeMutablePointer<Element>
    ) -> Void
  ) -> LinearCoefficients<Element> {
    var terms = Tensor<Element>(uninitialized: [steps, rows, size]) { _ in }
    let factors = Tensor<Element>(uninitialized: [steps, rows, size]) { a in
      terms.withUnsafeMutableBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        forEachRow { row, p in body(row, p, a + row * size, b + row * size) }
      }
    }
    return LinearCoefficients(factors: factors, terms: terms)
  }

  /// Calls `body` with every row of the projected inputs, and of the gradients of a and b.
  @inline(__always)
  mutating func forEachRow(
    _ gradient: LinearCoefficients<Element>,
    _ body: (
      _ row: Int, _ projected: UnsafeMutablePointer<Element>, _ da: UnsafePointer<Element>,
      _ db: UnsafePointer<Element>
    ) -> Void
  ) {
    let size = gradient.factors.columns
    gradient.factors.withUnsafeBufferPointer { da in
      gradient.terms.withUnsafeBufferPointer { db in
        guard let da = da.baseAddress, let db = db.baseAddress else { return }
        forEachRow { row, p in body(row, p, da + row * size, db + row * size) }
      }
    }
  }
}
