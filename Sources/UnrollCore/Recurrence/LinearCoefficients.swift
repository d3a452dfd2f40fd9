import CUnrollKernels

/// What a linear recurrence multiplies by and what it adds, or the gradients of both.
public struct LinearCoefficients<Element: Scalar>: Sendable {
  /// a, `[T, b, C]`.
  public var factors: Tensor<Element>
  /// b, `[T, b, C]`.
  public var terms: Tensor<Element>

  public init(factors: Tensor<Element>, terms: Tensor<Element>) {
    self.factors = factors
    self.terms = terms
  }

  func expectShape(_ shape: [Int], of kind: String) {
    factors.expectShape(shape, axes: "TBC", of: "\(kind) factors")
    terms.expectShape(shape, axes: "TBC", of: "\(kind) terms")
  }

  /// `c_t = a_t * c_{t-1} + b_t` for all steps.
  ///
  /// - Parameters:
  ///   - before: c before the first step, b C numbers.
  ///   - after: where c after every step goes.
  func sweep(from before: UnsafePointer<Element>?, to after: UnsafeMutablePointer<Element>?) {
    factors.withUnsafeBufferPointer { a in
      terms.withUnsafeBufferPointer { b in
        unroll_sweep_forward(
          Element.kernelType, factors.shape[0], factors.shape[1] * factors.shape[2], a.baseAddress,
          b.baseAddress, before, after)
      }
    }
  }

  /// From a, and in the place of b the gradients of c through the output, the gradients of a and b.
  ///
  /// - Parameters:
  ///   - before: c before the first step.
  ///   - after: c after every step.
  ///   - gradient: that of the last c from what comes after; becomes that of the c before all.
  mutating func sweepBackward(
    from before: UnsafePointer<Element>?, to after: UnsafePointer<Element>?,
    _ gradient: inout Tensor<Element>
  ) {
    let (steps, size) = (factors.shape[0], gradient.count)
    factors.withUnsafeMutableBufferPointer { a in
      terms.withUnsafeMutableBufferPointer { dc in
        gradient.withUnsafeMutableBufferPointer { gradient in
          unroll_sweep_backward(
            Element.kernelType, steps, size, a.baseAddress, before, after, dc.baseAddress,
            gradient.baseAddress)
        }
      }
    }
  }

  /// Puts other numbers in the place of those of sequences that have ended.
  @specialized(where Element == Float)
  mutating func setEnded(in run: CellRun<Element>, factors factor: Element, terms term: Element) {
    guard run.lengths != nil else { return }
    let (rows, size) = (factors.shape[1], factors.shape[2])
    factors.withUnsafeMutableBufferPointer { a in
      terms.withUnsafeMutableBufferPointer { b in
        for t in 0..<run.steps {
          for r in run.ended(at: t) {
            let row = ((t * rows + r) * size)..<((t * rows + r + 1) * size)
            a[row].update(repeating: factor)
            b[row].update(repeating: term)
          }
        }
      }
    }
  }
}
