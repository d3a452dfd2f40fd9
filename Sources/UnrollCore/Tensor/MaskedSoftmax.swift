import CUnrollKernels
import UnrollFiles

extension Tensor {
  /// Over some columns of each row, `exp(x) / sum exp(x)`; the others become zero, whatever they
  /// hold. A row of no columns is all zero.
  ///
  /// Sums are made in the order of the columns, so that a result depends neither on how many columns
  /// are left out nor on which side of it.
  ///
  /// - Parameter columns: which columns of a row take part.
  @specialized(where Element == Float)
  public func softmax(within columns: (_ row: Int) -> Range<Int>) -> Tensor {
    let (rows, width) = (rows, self.columns)
    return Tensor(uninitialized: shape) { y in
      withUnsafeBufferPointer { x in
        for row in 0..<rows {
          let range = columns(row)
          require(
            range.lowerBound >= 0 && range.upperBound <= width, "columns \(range) of \(width)")
          guard let x = x.baseAddress.map({ $0 + row * width }),
            let y = y.baseAddress.map({ $0 + row * width })
          else { return }
          for j in 0..<range.lowerBound { y[j] = 0 }
          for j in range.upperBound..<width { y[j] = 0 }
          guard !range.isEmpty else { continue }
          var largest = x[range.lowerBound]
          for j in range { largest = Swift.max(largest, x[j]) }
          for j in range { y[j] = x[j] - largest }
          let first = y + range.lowerBound
          unroll_exp(Element.kernelType, range.count, first, first)
          var sum: Element = 0
          for j in range { sum += y[j] }
          for j in range { y[j] /= sum }
        }
      }
    }
  }

  /// The gradient with respect to `x`, where this tensor is `y`, a softmax of `x` over the last axis
  /// or over some of its columns: `dx = y (dy - sum(y dy))`.
  ///
  /// - Parameter gradient: that with respect to `y`, `dy`.
  /// - Precondition: the shapes are equal.
  @specialized(where Element == Float)
  public func softmaxGradient(_ gradient: Tensor) -> Tensor {
    expectSameShape(as: gradient, "a softmax's gradient")
    let (rows, width) = (rows, columns)
    return Tensor(uninitialized: shape) { dx in
      withUnsafeBufferPointer { y in
        gradient.withUnsafeBufferPointer { dy in
          for row in stride(from: 0, to: rows * width, by: Swift.max(width, 1)) {
            var sum: Element = 0
            for i in row..<(row + width) { sum += y[i] * dy[i] }
            for i in row..<(row + width) { dx[i] = y[i] * (dy[i] - sum) }
          }
        }
      }
    }
  }
}
