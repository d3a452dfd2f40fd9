import TestSupport
import Testing
import UnrollCore

@Suite("Normalized rows")
struct NormalizedRowsTests {
  @Test("have mean 0 and variance 1")
  func moments() {
    let rows = NormalizedRows(
      Tensor<Double>(shape: [2, 4], scalars: [1, 3, 5, 7, -2, -2, 2, 2]), epsilon: 1e-300)
    let expected = [-3.0, -1, 1, 3].map { $0 / 5.0.squareRoot() } + [-1, -1, 1, 1]
    #expect(zip(rows.values.scalars, expected).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(rows.deviation.shape == [2, 1])
    #expect(abs(rows.deviation[0, 0] - 5.0.squareRoot()) < 1e-15)
  }

  @Test("of equal elements are zero, not infinite")
  func equal() {
    let rows = NormalizedRows(Tensor<Float>(shape: [1, 3], repeating: 4))
    #expect(rows.values.scalars == [0, 0, 0])
  }

  @Test("hand back the gradient of the rows")
  func gradient() {
    let x: Tensor<Double> = noise([3, 7], seed: 1)
    let dn: Tensor<Double> = noise([3, 7], seed: 2)
    let dx = NormalizedRows(x).backward(dn)
    for i in 0..<21 {
      var (above, below) = (x, x)
      above[flat: i] += 1e-5
      below[flat: i] -= 1e-5
      let change = (NormalizedRows(above).values - NormalizedRows(below).values) * dn
      #expect(abs(change.sum() / 2e-5 - dx[flat: i]) < 1e-8)
    }
  }

  @Test("are the same on any number of threads")
  func threads() {
    let x: Tensor<Float> = noise([300, 33])
    let (one, three) = (NormalizedRows(x), NormalizedRows(x, threads: 3))
    #expect(one.values == three.values && one.deviation == three.deviation)
    #expect(one.backward(x) == one.backward(x, threads: 3))
  }
}
