import Foundation
import TestSupport
import Testing
import UnrollCore

@Suite("Arithmetic")
struct ArithmeticTests {
  private let a = Tensor<Float>(shape: [2, 3], scalars: [1, -2, 3, 4, 5, -6])
  private let b = Tensor<Float>(shape: [2, 3], scalars: [2, 4, -1, 8, 0.5, 3])

  @Test("goes element by element")
  func elements() {
    #expect((a + b).scalars == [3, 2, 2, 12, 5.5, -3])
    #expect((a - b).scalars == [-1, -6, 4, -4, 4.5, -9])
    #expect((a * b).scalars == [2, -8, -3, 32, 2.5, -18])
    #expect((a / b).scalars == [0.5, -0.5, -3, 0.5, 10, -2])
    #expect((-a).scalars == [-1, 2, -3, -4, -5, 6])
    #expect(a.combined(with: b) { min($0, $1) }.scalars == [1, -2, -1, 4, 0.5, -6])
    #expect((a + b).shape == [2, 3])
  }

  @Test("takes a number for every element, on either side")
  func numbers() {
    #expect((a + 1).scalars == [2, -1, 4, 5, 6, -5])
    #expect((a - 1).scalars == [0, -3, 2, 3, 4, -7])
    #expect((a * 2).scalars == [2, -4, 6, 8, 10, -12])
    #expect((a / 2).scalars == [0.5, -1, 1.5, 2, 2.5, -3])
    #expect((1 + a).scalars == (a + 1).scalars)
    #expect((1 - a).scalars == [0, 3, -2, -3, -4, 7])
    #expect((2 * a).scalars == (a * 2).scalars)
  }

  @Test("does not broadcast")
  func noBroadcasting() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [2, 3]) + Tensor<Float>(shape: [3])
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [2, 3]) * Tensor<Float>(shape: [2, 1])
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [2, 3]) - Tensor<Float>(shape: [3, 2])
    }
    await #expect(processExitsWith: .failure) {
      var sum = Tensor<Float>(shape: [2, 3], repeating: 1)
      sum += Tensor<Float>(shape: [6], repeating: 1)
    }
  }

  @Test("in place leaves copies as they were")
  func inPlace() {
    var x = a
    x += b
    #expect(x == a + b)
    x = a
    x *= -2
    #expect(x.scalars == [-2, 4, -6, -8, -10, 12])
    x = a
    x.setToZero()
    #expect(x.scalars == [0, 0, 0, 0, 0, 0])
    #expect(a.scalars == [1, -2, 3, 4, 5, -6])
  }

  @Test("with untouched zeros takes no memory")
  func zeros() {
    var x = Tensor<Float>(shape: [2, 3])
    x += Tensor(shape: [2, 3])
    x *= 3
    x.setToZero()
    #expect(!x.isAllocated)
    x += a
    #expect(x == a)
    x += Tensor(shape: [2, 3])
    #expect(x == a)
  }

  @Test("knows the exponential, the hyperbolic tangent and the logistic function")
  func functions() {
    let x: Tensor<Double> = noise([5, 7]) * 6
    #expect(
      difference(x.exp() / x.map { Foundation.exp($0) }, .init(shape: [5, 7], repeating: 1)) < 1e-13
    )
    #expect(difference(x.tanh(), x.map { Foundation.tanh($0) }) < 1e-13)
    #expect(difference(x.sigmoid(), x.map { 1 / (1 + Foundation.exp(-$0)) }) < 1e-13)
  }

  @Test("has a softmax whose rows add up to one, also of large numbers")
  func softmax() {
    let scores: [Float] = [0, 1, 2, 1000, 1001, 1002, -5000, -4999, -4998, 3e38, 0, -3e38]
    let x = Tensor(shape: [2, 2, 3], scalars: scores)
    let y = x.softmax()
    let total = 1 + exp(1.0) + exp(2.0)
    for row in 0..<3 {
      for j in 0..<3 {
        #expect(abs(Double(y[flat: row * 3 + j]) - exp(Double(j)) / total) < 1e-6)
      }
    }
    #expect(Array(y.scalars[9...]) == [1, 0, 0])
    #expect(difference(y.sum(overAxis: 2), .init(shape: [2, 2], repeating: 1)) < 1e-6)
    #expect(y.shape == [2, 2, 3])
  }

  @Test("has the logarithm of a softmax where that itself would be zero")
  func logSoftmax() {
    let x = Tensor<Double>(shape: [3, 2], scalars: [1000, 1002, -9000, 0, 0, 1e300])
    let y = x.logSoftmax()
    let small = -log(1 + exp(2.0))
    let expected = Tensor(shape: [2, 2], scalars: [small, small + 2, -9000, 0])
    #expect(difference(y.steps(0..<2), expected) < 1e-11)
    #expect(y[2, 0] == -1e300)
    #expect(y[2, 1] == 0)
  }
}
