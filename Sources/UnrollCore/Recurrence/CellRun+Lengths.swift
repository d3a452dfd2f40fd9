// Sequences that end before the others.
extension CellRun {
  /// The rows whose sequences have ended before step `t`.
  public func ended(at t: Int) -> [Int] {
    lengths.map { lengths in lengths.indices.filter { lengths[$0] <= t } } ?? []
  }

  /// Copies the state of some rows over step `t` unchanged: their sequences have ended.
  @specialized(where Element == Float)
  public mutating func holdState(of rows: [Int], over t: Int) {
    let (width, count) = (state.columns, self.rows)
    state.withUnsafeMutableBufferPointer { s in
      for r in rows {
        for z in 0..<width { s[((t + 1) * count + r) * width + z] = s[(t * count + r) * width + z] }
      }
    }
  }

  /// Takes the gradient of some rows away, so that a step leaves no gradient of theirs anywhere: their
  /// sequences have ended.
  ///
  /// - Returns: the gradient, for ``restoreGradient(of:to:)`` after the step.
  public mutating func takeGradient(of rows: [Int]) -> Tensor<Element> {
    let taken = gradient.gathering(rows)
    restoreGradient(of: rows, to: Tensor(shape: taken.shape))
    return taken
  }

  /// Gives some rows the gradient that they had.
  public mutating func restoreGradient(of rows: [Int], to taken: Tensor<Element>) {
    for (i, r) in rows.enumerated() {
      gradient.setSteps(r..<(r + 1), to: taken.steps(i..<(i + 1)))
    }
  }
}
