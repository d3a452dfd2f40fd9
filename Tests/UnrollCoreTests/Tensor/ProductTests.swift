import TestSupport
import Testing
import UnrollCore

@Suite("A product")
struct ProductTests {
  private static let sizes = [
    [1, 1, 1], [3, 5, 7], [17, 1, 33], [1, 40, 3], [13, 29, 31], [45, 16, 67], [29, 131, 15],
    [3, 0, 2], [0, 3, 2], [3, 2, 0],
  ]

  private func check<Element: Scalar>(_ size: [Int], _ type: Element.Type) {
    let (m, k, n) = (size[0], size[1], size[2])
    let a: Tensor<Element> = wholeNoise([m, k], seed: 1)
    let b: Tensor<Element> = wholeNoise([k, n], seed: 2)
    let (flippedA, flippedB) = (flipped(a), flipped(b))
    let expected = naiveProduct(a, b)
    #expect(Tensor.product(a.matrix, b.matrix) == expected)
    #expect(Tensor.product(flippedA.transposed, b.matrix) == expected)
    #expect(Tensor.product(a.matrix, flippedB.transposed) == expected)
    #expect(Tensor.product(flippedA.transposed, flippedB.transposed) == expected)

    let bias: Tensor<Element> = wholeNoise([n], seed: 3)
    var biased = expected
    biased.addToRows(bias)
    #expect(Tensor.product(a.matrix, PackedMatrix(b.matrix), bias: bias) == biased)

    let start: Tensor<Element> = wholeNoise([m, n], seed: 4)
    var sum = start
    sum.addProduct(a.matrix, b.matrix)
    #expect(sum == start + expected)
    sum = start
    sum.addProduct(flippedA.transposed, PackedMatrix(flippedB.transposed))
    #expect(sum == start + expected)
  }

  @Test("equals three loops, however its operands are transposed", arguments: sizes)
  func loops(size: [Int]) {
    check(size, Float.self)
    check(size, Double.self)
  }

  @Test("of parts of matrices equals that of copies of these parts")
  func parts() {
    let a: Tensor<Float> = wholeNoise([9, 11], seed: 1)
    let b: Tensor<Float> = wholeNoise([8, 13], seed: 2)
    let expected = naiveProduct(a.steps(2..<7).columns(3..<8), b.steps(1..<6).columns(4..<10))
    let (left, right) = (a.matrix.rows(2..<7).columns(3..<8), b.matrix.columns(4..<10).rows(1..<6))
    #expect(Tensor.product(left, right) == expected)
    #expect(Tensor.product(right.transposed, left.transposed) == flipped(expected))
  }

  @Test("is added to some rows and leaves the others alone")
  func toRows() {
    let start: Tensor<Float> = wholeNoise([4, 3, 7], seed: 1)
    let a: Tensor<Float> = wholeNoise([3, 5], seed: 2)
    let b: Tensor<Float> = wholeNoise([5, 7], seed: 3)
    var sum = start
    sum.addProduct(a.matrix, PackedMatrix(b.matrix), rows: 6..<9)
    for t in 0..<4 {
      #expect(sum.step(t) == (t == 2 ? start.step(t) + naiveProduct(a, b) : start.step(t)))
    }
  }

  @Test("takes the place of some columns and leaves the others alone")
  func toColumns() {
    let start: Tensor<Float> = wholeNoise([3, 9], seed: 1)
    let a: Tensor<Float> = wholeNoise([3, 5], seed: 2)
    let b: Tensor<Float> = wholeNoise([5, 4], seed: 3)
    var result = start
    result.setProduct(a.matrix, PackedMatrix(b.matrix), columns: 2..<6)
    #expect(result.columns(0..<2) == start.columns(0..<2))
    #expect(result.columns(2..<6) == naiveProduct(a, b))
    #expect(result.columns(6..<9) == start.columns(6..<9))
  }

  @Test("is the same to the last bit on any number of threads", arguments: [2, 3, 8])
  func threads(count: Int) {
    let a: Tensor<Float> = noise([67, 71], seed: 1)
    let b: Tensor<Float> = noise([71, 65], seed: 2)
    let bias: Tensor<Float> = noise([65], seed: 3)
    let packed = PackedMatrix(b.matrix)
    let one = Tensor.product(a.matrix, packed, bias: bias)
    #expect(Tensor.product(a.matrix, packed, bias: bias, threads: count) == one)
    let flat = Tensor.product(flipped(a).transposed, packed, bias: bias, threads: count)
    #expect(flat == one)
    var (sum, sums) = (one, one)
    sum.addProduct(a.matrix, packed)
    sums.addProduct(a.matrix, packed, threads: count)
    #expect(sum == sums)
    #expect(difference(one, naiveProduct(a, b)) > 1e-3)
  }

  @Test("has rows that do not depend on the rows beside them")
  func rows() {
    let a: Tensor<Float> = noise([31, 23], seed: 1)
    let b: Tensor<Float> = noise([23, 19], seed: 2)
    let whole = Tensor.product(a.matrix, b.matrix)
    for r in 0..<31 {
      #expect(Tensor.product(a.matrix.rows(r..<(r + 1)), b.matrix) == whole.steps(r..<(r + 1)))
    }
  }

  @Test("of sizes that do not fit stops the program")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>.product(Tensor(shape: [2, 3]).matrix, Tensor(shape: [4, 5]).matrix)
    }
    await #expect(processExitsWith: .failure) {
      var sum = Tensor<Float>(shape: [5, 2])
      sum.addProduct(Tensor(shape: [2, 3]).matrix, Tensor(shape: [3, 5]).matrix)
    }
    await #expect(processExitsWith: .failure) {
      let b = PackedMatrix(Tensor<Float>(shape: [3, 5]).matrix)
      _ = Tensor.product(Tensor(shape: [2, 3]).matrix, b, bias: Tensor(shape: [2]))
    }
    await #expect(processExitsWith: .failure) {
      var sequence = Tensor<Float>(shape: [4, 2, 5])
      let b = PackedMatrix(Tensor<Float>(shape: [3, 5]).matrix)
      sequence.addProduct(Tensor(shape: [2, 3]).matrix, b, rows: 8..<10)
    }
    await #expect(processExitsWith: .failure) {
      var x = Tensor<Float>(shape: [2, 6])
      let b = PackedMatrix(Tensor<Float>(shape: [3, 5]).matrix)
      x.setProduct(Tensor(shape: [2, 3]).matrix, b, columns: 2..<7)
    }
  }
}
