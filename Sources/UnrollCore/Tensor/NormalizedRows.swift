import UnrollFiles

/// The rows of a tensor less their mean, divided by their standard deviation: the heart of layer
/// normalization (Ba, Kiros and Hinton 2016).
///
///     n = (x - mean(x)) / deviation        deviation = sqrt(variance(x) + epsilon)
///     dx = (dn - mean(dn) - n * mean(dn * n)) / deviation
///
/// # Shapes
/// Rows are those of the last axis, `[..., F]`.
public struct NormalizedRows<Element: Scalar>: Sendable {
  /// n, `[..., F]`.
  public let values: Tensor<Element>
  /// `[..., 1]`.
  public let deviation: Tensor<Element>

  /// What was computed before and kept.
  public init(values: Tensor<Element>, deviation: Tensor<Element>) {
    self.values = values
    self.deviation = deviation
  }

  /// Normalizes the rows of a tensor.
  ///
  /// - Parameter epsilon: what keeps the division from zero where a row's elements are equal.
  @specialized(where Element == Float)
  public init(_ x: Tensor<Element>, epsilon: Double = 1e-5, threads: Int = 1) {
    let (rows, n, epsilon) = (x.rows, x.columns, Element(epsilon))
    var deviation = Tensor<Element>(uninitialized: x.shape.dropLast() + [1]) { _ in }
    values = Tensor(uninitialized: x.shape) { values in
      deviation.withUnsafeMutableBufferPointer { deviation in
        x.withUnsafeBufferPointer { x in
          nonisolated(unsafe) let (x, values, deviation) = (x, values, deviation)
          Threads.forEachRange(rows, threads: threads, grain: 32) { range in
            for r in range {
              let first = r * n
              let mean = sum(n) { x[first + $0] } / Element(n)
              let variance = sum(n) { (x[first + $0] - mean) * (x[first + $0] - mean) } / Element(n)
              deviation[r] = (variance + epsilon).squareRoot()
              let scale = 1 / deviation[r]
              for j in first..<(first + n) { values[j] = (x[j] - mean) * scale }
            }
          }
        }
      }
    }
    self.deviation = deviation
  }

  /// The gradient of the rows, given that of the normalized ones.
  @specialized(where Element == Float)
  public func backward(_ gradient: Tensor<Element>, threads: Int = 1) -> Tensor<Element> {
    require(
      gradient.shape == values.shape,
      "normalized rows of shape \(values.shape) with a gradient of shape \(gradient.shape)")
    let (rows, n) = (gradient.rows, gradient.columns)
    return Tensor(uninitialized: gradient.shape) { dx in
      gradient.withUnsafeBufferPointer { dn in
        values.withUnsafeBufferPointer { values in
          deviation.withUnsafeBufferPointer { deviation in
            nonisolated(unsafe) let (dx, dn, values, deviation) = (dx, dn, values, deviation)
            Threads.forEachRange(rows, threads: threads, grain: 32) { range in
              for r in range {
                let (first, scale) = (r * n, 1 / deviation[r])
                let mean = sum(n) { dn[first + $0] } / Element(n)
                let along = sum(n) { dn[first + $0] * values[first + $0] } / Element(n)
                for j in first..<(first + n) {
                  dx[j] = (dn[j] - mean - values[j] * along) * scale
                }
              }
            }
          }
        }
      }
    }
  }
}

/// The sum of `count` terms, in four chains, so that an addition need not wait for the one before.
@inline(__always)
private func sum<Element: Scalar>(_ count: Int, _ term: (Int) -> Element) -> Element {
  var (a, b, c, d): (Element, Element, Element, Element) = (0, 0, 0, 0)
  let fours = count & ~3
  for j in stride(from: 0, to: fours, by: 4) {
    a += term(j)
    b += term(j + 1)
    c += term(j + 2)
    d += term(j + 3)
  }
  for j in fours..<count { a += term(j) }
  return (a + b) + (c + d)
}
