import Foundation
import TestSupport
import Testing
import UnrollCore

@Suite("A softmax of some columns")
struct MaskedSoftmaxTests {
  private let x: Tensor<Double> = noise([3, 5])

  @Test("is the softmax of those columns, and zero elsewhere")
  func values() {
    let ranges = [1..<4, 0..<5, 2..<2]
    let y = x.softmax { ranges[$0] }
    for (row, range) in ranges.enumerated() {
      let sum = range.reduce(0) { $0 + exp(x[row, $1]) }
      for j in 0..<5 {
        let expected = range.contains(j) ? exp(x[row, j]) / sum : 0
        #expect(abs(y[row, j] - expected) < 1e-15)
      }
    }
  }

  @Test("ignores what the other columns hold, and does not overflow")
  func extremes() {
    let x = Tensor<Float>(shape: [1, 4], scalars: [.nan, 300, 301, .infinity])
    let y = x.softmax { _ in 1..<3 }.scalars
    #expect(y[0] == 0 && y[3] == 0)
    #expect(abs(y[2] - 0.731_058_6) < 1e-6)
  }

  @Test("does not depend on which columns are left out, to the last bit")
  func shifts() {
    let wide: Tensor<Float> = noise([1, 40])
    let part = wide.columns(13..<32)
    let whole = part.softmax { _ in 0..<19 }
    #expect(wide.softmax { _ in 13..<32 }.columns(13..<32) == whole)
  }

  @Test("has the gradient y (dy - sum y dy)")
  func gradient() {
    let y = x.softmax { _ in 1..<4 }
    let dy: Tensor<Double> = noise([3, 5], seed: 2)
    let dx = y.softmaxGradient(dy)
    func loss(_ x: Tensor<Double>) -> Double { (x.softmax { _ in 1..<4 } * dy).sum() }
    for i in 0..<15 {
      var (more, less) = (x, x)
      more[flat: i] += 1e-5
      less[flat: i] -= 1e-5
      #expect(abs((loss(more) - loss(less)) / 2e-5 - dx[flat: i]) < 1e-9)
    }
  }

  @Test("stops the program where there are not so many")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [1, 4]).softmax { _ in 2..<5 }
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [1, 4]).softmaxGradient(Tensor(shape: [4, 1]))
    }
  }
}
