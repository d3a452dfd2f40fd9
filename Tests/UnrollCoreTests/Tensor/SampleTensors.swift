import TestSupport
import UnrollCore

/// 0, 1, 2 and so on: every element tells where it came from.
func counting<Element: Scalar>(
  _ shape: [Int], as type: Element.Type = Element.self
) -> Tensor<Element> {
  Tensor(shape: shape, scalars: (0..<shape.reduce(1, *)).map { Element($0) })
}

/// Whole numbers between -4 and 4: their products and sums are exact in every order.
func wholeNoise<Element: Scalar>(
  _ shape: [Int], seed: UInt64 = 1, as type: Element.Type = Element.self
) -> Tensor<Element> {
  noise(shape, seed: seed).map { ($0 * 4).rounded() }
}

/// Rows and columns exchanged, element by element.
func flipped<Element: Scalar>(_ x: Tensor<Element>) -> Tensor<Element> {
  var y = Tensor<Element>(shape: [x.columns, x.rows])
  for i in 0..<x.rows { for j in 0..<x.columns { y[j, i] = x[i, j] } }
  return y
}

/// The product of `[m, k]` and `[k, n]` by its definition.
func naiveProduct<Element: Scalar>(_ a: Tensor<Element>, _ b: Tensor<Element>) -> Tensor<Element> {
  var c = Tensor<Element>(shape: [a.rows, b.columns])
  for i in 0..<a.rows {
    for j in 0..<b.columns {
      for l in 0..<a.columns { c[i, j] += a[i, l] * b[l, j] }
    }
  }
  return c
}

/// Where a tensor's elements lie.
func address<Element: Scalar>(_ x: Tensor<Element>) -> UInt {
  x.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
}
