import Testing
import UnrollCore

@Suite("A tensor")
struct TensorTests {
  @Test("lies in row-major order, the last axis together")
  func order() {
    let x: Tensor<Float> = counting([2, 3, 4])
    #expect(x[0, 0, 3] == 3)
    #expect(x[0, 2, 0] == 8)
    #expect(x[1, 0, 0] == 12)
    #expect(x[1, 2, 3] == 23)
    #expect(x[flat: 17] == 17)
  }

  @Test("knows its shape as a tensor and as a matrix")
  func shape() {
    let x: Tensor<Float> = counting([2, 3, 4])
    #expect(x.shape == [2, 3, 4])
    #expect((x.rank, x.count, x.rows, x.columns) == (3, 24, 6, 4))
    let number = Tensor<Double>(shape: [], scalars: [7])
    #expect((number.rank, number.count, number.rows, number.columns) == (0, 1, 1, 1))
    let nothing = Tensor<Float>(shape: [3, 0])
    #expect((nothing.count, nothing.rows, nothing.columns) == (0, 3, 0))
    #expect(nothing.scalars == [])
  }

  @Test("is written one element at a time")
  func writing() {
    var x: Tensor<Float> = counting([2, 3])
    x[1, 0] = -1
    x[flat: 5] = -2
    #expect(x.scalars == [0, 1, 2, -1, 4, -2])
  }

  @Test("shares its memory with a copy until one of them is written")
  func copyOnWrite() {
    var x: Tensor<Float> = counting([2, 3])
    let copy = x
    #expect(x.sharesStorage(with: copy))
    x[0, 1] = 9
    #expect(!x.sharesStorage(with: copy))
    #expect(copy.scalars == [0, 1, 2, 3, 4, 5])
    #expect(x.scalars == [0, 9, 2, 3, 4, 5])
  }

  @Test("that nobody shares is written in place")
  func inPlace() {
    var x: Tensor<Float> = counting([2, 3])
    let before = address(x)
    x[0, 1] = 9
    x += x.map { $0 }
    x *= 2
    x.setToZero()
    #expect(address(x) == before)
  }

  @Test("of zeros holds no memory until it is written")
  func lazyZeros() {
    var x = Tensor<Double>(shape: [2, 3])
    #expect(x.scalars == [0, 0, 0, 0, 0, 0])
    #expect(x[1, 2] == 0)
    #expect(!x.isAllocated)
    #expect(!x.sharesStorage(with: x))
    #expect(x == Tensor(shape: [2, 3], repeating: 0))
    let copy = x
    x[1, 2] = 1
    #expect(x.isAllocated)
    #expect(!copy.isAllocated)
    #expect(x.scalars == [0, 0, 0, 0, 0, 1])
  }

  @Test("in another shape is the same memory")
  func reshaped() {
    let x: Tensor<Float> = counting([2, 3, 4])
    var y = x.reshaped([4, 6])
    #expect(y.shape == [4, 6])
    #expect(y.scalars == x.scalars)
    #expect(y.sharesStorage(with: x))
    y[0, 0] = 5
    #expect(x[0, 0, 0] == 0)
    #expect(Tensor<Float>(shape: [2, 3]).reshaped([6, 1]).shape == [6, 1])
  }

  @Test("equals another of the same shape and elements only")
  func equality() {
    let x: Tensor<Float> = counting([2, 3])
    #expect(x == counting([2, 3]))
    #expect(x != counting([3, 2]))
    #expect(x != x + 1)
    #expect(Tensor<Float>(shape: [2, 3]) != Tensor<Float>(shape: [3, 2]))
  }

  @Test("is described by its shape and first elements")
  func description() {
    #expect("\(counting([3], as: Float.self))" == "Tensor[3] [0.0, 1.0, 2.0]")
    #expect("\(counting([9, 1], as: Float.self))".hasSuffix("7.0, ...]"))
  }

  @Test("stops the program where indices or a number of elements do not fit")
  func preconditions() async {
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2, 3])[2, 0] }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2, 3])[0, 3] }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2, 3])[1] }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2, 3])[flat: 6] }
    await #expect(processExitsWith: .failure) {
      var x = Tensor<Float>(shape: [2, 3])
      x[flat: 6] = 1
    }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2, 3]).reshaped([5]) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2], scalars: [1]) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2, -1]) }
  }

  @Test("passes where it has the expected shape and stops the program where it has not")
  func expectedShape() async {
    let x: Tensor<Float> = counting([2, 3])
    x.expectShape([nil, 3], axes: "BI", of: "a test")
    await #expect(processExitsWith: .failure) {
      Tensor<Float>(shape: [2, 3]).expectShape([nil, 4], axes: "BI", of: "a test")
    }
    await #expect(processExitsWith: .failure) {
      Tensor<Float>(shape: [2, 3]).expectShape([nil, nil, 3], axes: "TBI", of: "a test")
    }
  }
}
