import UnrollCore

// The loops of layer normalisation. A thread has whole rows, or for the weight's gradient whole
// columns, so that no result depends on the number of threads.
extension LayerNorm {
  /// Rows for one thread at least.
  private static var grain: Int { 32 }

  /// m and s of every row, `[rows, 2]`.
  @specialized(where Element == Float)
  func moments(of input: Tensor<Element>, _ threads: Int) -> Tensor<Element> {
    let (rows, F, epsilon) = (input.rows, size, Element(epsilon))
    return Tensor(uninitialized: [rows, 2]) { moments in
      input.withUnsafeBufferPointer { x in
        nonisolated(unsafe) let (x, moments) = (x, moments)
        forEachRangeConcurrently(rows, threads: threads, grain: Self.grain) { range in
          for r in range {
            let row = r * F
            let m = sum(F) { x[row + $0] } / Element(F)
            let variance = sum(F) { (x[row + $0] - m) * (x[row + $0] - m) } / Element(F)
            moments[2 * r] = m
            moments[2 * r + 1] = 1 / (variance + epsilon).squareRoot()
          }
        }
      }
    }
  }

  /// `y = w (x - m) s + b`.
  @specialized(where Element == Float)
  func output(
    of input: Tensor<Element>, _ moments: Tensor<Element>, _ threads: Int
  ) -> Tensor<Element> {
    let (rows, F) = (input.rows, size)
    return Tensor(uninitialized: input.shape) { y in
      input.withUnsafeBufferPointer { x in
        moments.withUnsafeBufferPointer { moments in
          weight.value.withUnsafeBufferPointer { w in
            bias.value.withUnsafeBufferPointer { b in
              nonisolated(unsafe) let (x, y, moments, w, b) = (x, y, moments, w, b)
              forEachRangeConcurrently(rows, threads: threads, grain: Self.grain) { range in
                for r in range {
                  let (m, s) = (moments[2 * r], moments[2 * r + 1])
                  for j in 0..<F { y[r * F + j] = w[j] * ((x[r * F + j] - m) * s) + b[j] }
                }
              }
            }
          }
        }
      }
    }
  }

  /// `dx = s (g - mean(g) - n mean(g n))` with `g = w dy`.
  @specialized(where Element == Float)
  func inputGradient(
    _ gradient: Tensor<Element>, _ input: Tensor<Element>, _ moments: Tensor<Element>,
    _ threads: Int
  ) -> Tensor<Element> {
    let (rows, F) = (input.rows, size)
    return Tensor(uninitialized: input.shape) { dx in
      gradient.withUnsafeBufferPointer { dy in
        input.withUnsafeBufferPointer { x in
          moments.withUnsafeBufferPointer { moments in
            weight.value.withUnsafeBufferPointer { w in
              nonisolated(unsafe) let (x, dx, dy, moments, w) = (x, dx, dy, moments, w)
              forEachRangeConcurrently(rows, threads: threads, grain: Self.grain) { range in
                for r in range {
                  let (row, m, s) = (r * F, moments[2 * r], moments[2 * r + 1])
                  let g = sum(F) { w[$0] * dy[row + $0] } / Element(F)
                  let gn = sum(F) { w[$0] * dy[row + $0] * ((x[row + $0] - m) * s) } / Element(F)
                  for j in 0..<F {
                    let n = (x[row + j] - m) * s
                    dx[row + j] = s * (w[j] * dy[row + j] - g - n * gn)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// `dw += sum dy n`, row after row.
  @specialized(where Element == Float)
  mutating func addWeightGradient(
    _ gradient: Tensor<Element>, _ input: Tensor<Element>, _ moments: Tensor<Element>,
    _ threads: Int
  ) {
    let (rows, F) = (input.rows, size)
    weight.gradient.withUnsafeMutableBufferPointer { dw in
      gradient.withUnsafeBufferPointer { dy in
        input.withUnsafeBufferPointer { x in
          moments.withUnsafeBufferPointer { moments in
            nonisolated(unsafe) let (x, dw, dy, moments) = (x, dw, dy, moments)
            forEachRangeConcurrently(F, threads: threads, grain: 64) { range in
              for r in 0..<rows {
                let (m, s) = (moments[2 * r], moments[2 * r + 1])
                for j in range { dw[j] += dy[r * F + j] * ((x[r * F + j] - m) * s) }
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
