import CUnrollKernels
import UnrollFiles

extension Tensor {
  /// The sum of all elements, in order.
  @specialized(where Element == Float)
  public func sum() -> Element { withUnsafeBufferPointer { $0.reduce(0, +) } }

  /// The sum of the squares of all elements, added in double precision.
  @specialized(where Element == Float)
  public func sumOfSquares() -> Double {
    guard isAllocated else { return 0 }
    return withUnsafeBufferPointer {
      unroll_sum_of_squares(Element.kernelType, $0.count, $0.baseAddress)
    }
  }

  /// The largest element; `nil` of a tensor without elements.
  @specialized(where Element == Float)
  public func max() -> Element? { withUnsafeBufferPointer { $0.max() } }

  /// Sums over one axis, which is left out of the result's shape.
  @specialized(where Element == Float)
  public func sum(overAxis axis: Int) -> Tensor {
    require(shape.indices.contains(axis), "no axis \(axis) in the shape \(shape)")
    let outer = shape[..<axis].reduce(1, *)
    let length = shape[axis]
    let inner = shape[(axis + 1)...].reduce(1, *)
    var result = Tensor(shape: Array(shape[..<axis] + shape[(axis + 1)...]))
    result.withUnsafeMutableBufferPointer { sums in
      withUnsafeBufferPointer { x in
        for o in 0..<outer {
          for l in 0..<length {
            for i in 0..<inner { sums[o * inner + i] += x[(o * length + l) * inner + i] }
          }
        }
      }
    }
    return result
  }

  /// Adds the sum of all rows of a matrix to this vector: the gradient of a bias. From the last row to the
  /// first, as back-propagation comes by them.
  ///
  /// # Shapes
  /// `self` is `[F]`, `matrix` has `F` columns.
  @specialized(where Element == Float)
  public mutating func addRowSums(of matrix: Tensor, threads: Int = 1) {
    require(
      shape == [matrix.columns],
      "the rows of \(matrix.shape) do not add up to the shape \(shape)")
    let (rows, columns) = (matrix.rows, matrix.columns)
    withUnsafeMutableBufferPointer { sums in
      matrix.withUnsafeBufferPointer { x in
        nonisolated(unsafe) let (x, sums) = (x.baseAddress, sums.baseAddress)
        let last = rows > 0 ? (rows - 1) * columns : 0
        Threads.forEachRange(columns, threads: threads, grain: 64) { range in
          unroll_add_rows(
            Element.kernelType, rows, range.count,
            x.map { $0 + last + range.lowerBound }, -columns,
            sums.map { $0 + range.lowerBound })
        }
      }
    }
  }

  /// Adds the sum of all rows of a matrix times those of another, element by element, to this vector:
  /// the gradient of a scale. From the last row to the first.
  ///
  /// # Shapes
  /// `self` is `[F]`, both matrices are `[..., F]`.
  @specialized(where Element == Float)
  public mutating func addRowSums(of matrix: Tensor, times other: Tensor, threads: Int = 1) {
    require(
      shape == [matrix.columns] && matrix.shape == other.shape,
      "the rows of \(matrix.shape) times \(other.shape) do not add up to the shape \(shape)")
    let (rows, columns) = (matrix.rows, matrix.columns)
    withUnsafeMutableBufferPointer { sums in
      matrix.withUnsafeBufferPointer { x in
        other.withUnsafeBufferPointer { y in
          nonisolated(unsafe) let (x, y, sums) = (x.baseAddress, y.baseAddress, sums.baseAddress)
          let last = rows > 0 ? (rows - 1) * columns : 0
          Threads.forEachRange(columns, threads: threads, grain: 64) { range in
            unroll_add_products(
              Element.kernelType, rows, range.count, x.map { $0 + last + range.lowerBound },
              y.map { $0 + last + range.lowerBound }, -columns,
              sums.map { $0 + range.lowerBound })
          }
        }
      }
    }
  }

  /// Adds a vector to every row: what a bias does.
  ///
  /// # Shapes
  /// `vector` is `[F]`, `self` has `F` columns.
  @specialized(where Element == Float)
  public mutating func addToRows(_ vector: Tensor) {
    require(
      vector.shape == [columns],
      "a vector of shape \(vector.shape) is no row of the shape \(shape)")
    let (rows, columns) = (rows, columns)
    withUnsafeMutableBufferPointer { x in
      vector.withUnsafeBufferPointer { v in
        for r in 0..<rows { for j in 0..<columns { x[r * columns + j] += v[j] } }
      }
    }
  }

  /// This tensor with every row multiplied by a vector, element by element.
  ///
  /// # Shapes
  /// `vector` is `[F]`, `self` has `F` columns.
  @specialized(where Element == Float)
  public func scalingColumns(by vector: Tensor) -> Tensor {
    require(
      vector.shape == [columns],
      "a vector of shape \(vector.shape) is no row of the shape \(shape)")
    let (rows, columns) = (rows, columns)
    return Tensor(uninitialized: shape) { y in
      withUnsafeBufferPointer { x in
        vector.withUnsafeBufferPointer { v in
          for r in 0..<rows {
            for j in 0..<columns { y[r * columns + j] = x[r * columns + j] * v[j] }
          }
        }
      }
    }
  }

  /// This tensor with every row multiplied by a number of its own.
  ///
  /// # Shapes
  /// `vector` is `[...]`, `self` is `[..., F]`.
  @specialized(where Element == Float)
  public func scalingRows(by vector: Tensor) -> Tensor {
    require(
      rank > 0 && vector.shape == shape.dropLast(),
      "the shape \(vector.shape) has no number for each row of the shape \(shape)")
    let (rows, columns) = (rows, columns)
    return Tensor(uninitialized: shape) { y in
      withUnsafeBufferPointer { x in
        vector.withUnsafeBufferPointer { v in
          for r in 0..<rows {
            for j in 0..<columns { y[r * columns + j] = x[r * columns + j] * v[r] }
          }
        }
      }
    }
  }
}
