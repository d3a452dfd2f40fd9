import TestSupport
import Testing
import UnrollCore

@Suite("Sums and vectors")
struct ReductionsTests {
  @Test("go over each axis, which is left out of the shape", arguments: [0, 1, 2])
  func axes(axis: Int) {
    let sum = counting([2, 3, 4], as: Float.self).sum(overAxis: axis)
    switch axis {
    case 0:
      #expect(sum.shape == [3, 4])
      #expect(sum.scalars == [12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34])
    case 1:
      #expect(sum.shape == [2, 4])
      #expect(sum.scalars == [12, 15, 18, 21, 48, 51, 54, 57])
    default:
      #expect(sum.shape == [2, 3])
      #expect(sum.scalars == [6, 22, 38, 54, 70, 86])
    }
    #expect(
      counting([2, 3, 4], as: Double.self).sum(overAxis: axis).scalars
        == sum.scalars.map { Double($0) })
  }

  @Test("over an axis without elements are zero")
  func emptyAxis() {
    #expect(Tensor<Float>(shape: [2, 0]).sum(overAxis: 1).scalars == [0, 0])
    #expect(Tensor<Float>(shape: [2, 0]).sum(overAxis: 0).shape == [0])
    #expect(Tensor<Float>(shape: [0]).sum() == 0)
    #expect(Tensor<Float>(shape: [0]).max() == nil)
  }

  @Test("over all elements, and the largest of them")
  func all() {
    let x = Tensor<Float>(shape: [2, 3], scalars: [1, -7, 3, 6, -2, 5])
    #expect(x.sum() == 6)
    #expect(x.max() == 6)
    #expect((-x).max() == 7)
  }

  @Test("of squares are added in double precision")
  func squares() {
    #expect(Tensor<Float>(shape: [3], scalars: [1, -2, 3]).sumOfSquares() == 14)
    #expect(Tensor<Float>(shape: [2, 5]).sumOfSquares() == 0)
    let large = Tensor<Float>(shape: [3], repeating: 0x1p100)
    #expect(large.sumOfSquares() == 3 * 0x1p200)
    let small = Tensor<Float>(shape: [4], scalars: [0x1p12, 1, 0x1p-12, 0])
    #expect(small.sumOfSquares() == 0x1p24 + 1 + 0x1p-24)
  }

  @Test("of rows are added to a vector")
  func rowSums() {
    var sums = Tensor<Float>(shape: [4], repeating: 1)
    sums.addRowSums(of: counting([2, 3, 4]))
    #expect(sums.scalars == [61, 67, 73, 79])
    sums.addRowSums(of: Tensor(shape: [0, 4]))
    #expect(sums.scalars == [61, 67, 73, 79])
  }

  @Test("of products of rows are added to a vector, the same by any number of threads")
  func productSums() {
    var sums = Tensor<Float>(shape: [4], repeating: 1)
    let x = counting([2, 3, 4], as: Float.self)
    sums.addRowSums(of: x, times: x)
    let squares: [Float] = (0..<4).map { j in
      1 + (0..<6).reduce(0) { $0 + x.scalars[$1 * 4 + j] * x.scalars[$1 * 4 + j] }
    }
    #expect(sums.scalars == squares)
    sums.addRowSums(of: Tensor(shape: [0, 4]), times: Tensor(shape: [0, 4]))
    #expect(sums.scalars == squares)

    let wide: Tensor<Float> = noise([9, 5, 259], seed: 1)
    func summed(_ threads: Int) -> [Float] {
      var sums = Tensor<Float>(shape: [259])
      sums.addRowSums(of: wide, times: wide, threads: threads)
      return sums.scalars
    }
    for threads in [2, 3, 8] { #expect(summed(threads) == summed(1)) }
  }

  @Test("with a vector are made in every row")
  func addToRows() {
    var x: Tensor<Float> = counting([2, 2, 3])
    let copy = x
    x.addToRows(Tensor(shape: [3], scalars: [10, 20, 30]))
    #expect(x.scalars == [10, 21, 32, 13, 24, 35, 16, 27, 38, 19, 30, 41])
    #expect(copy == counting([2, 2, 3]))
  }

  @Test("with a factor for each column: every row is multiplied by a vector")
  func scaling() {
    let x: Tensor<Float> = counting([2, 2, 3])
    let y = x.scalingColumns(by: Tensor(shape: [3], scalars: [1, 10, -1]))
    #expect(y.shape == [2, 2, 3])
    #expect(y.scalars == [0, 10, -2, 3, 40, -5, 6, 70, -8, 9, 100, -11])
  }

  @Test("with a factor for each row: every row is multiplied by a number of its own")
  func scalingOfRows() {
    let x: Tensor<Float> = counting([2, 2, 3])
    let y = x.scalingRows(by: Tensor(shape: [2, 2], scalars: [1, 10, -1, 0]))
    #expect(y.shape == [2, 2, 3])
    #expect(y.scalars == [0, 1, 2, 30, 40, 50, -6, -7, -8, 0, 0, 0])
  }

  @Test("stop the program where shapes do not fit")
  func preconditions() async {
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2, 3]).sum(overAxis: 2) }
    await #expect(processExitsWith: .failure) {
      var sums = Tensor<Float>(shape: [3])
      sums.addRowSums(of: Tensor(shape: [3, 4]))
    }
    await #expect(processExitsWith: .failure) {
      var x = Tensor<Float>(shape: [3, 4])
      x.addToRows(Tensor(shape: [3]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [3, 4]).scalingColumns(by: Tensor(shape: [3]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [3, 4]).scalingRows(by: Tensor(shape: [4]))
    }
  }
}
