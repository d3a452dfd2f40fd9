import Testing
import UnrollCore

@Suite("A matrix")
struct MatrixTests {
  private let x: Tensor<Float> = counting([3, 4])

  /// The elements that a view shows: its product with the identity.
  private func elements(_ view: Matrix<Float>) -> Tensor<Float> {
    var identity = Tensor<Float>(shape: [view.columns, view.columns])
    for i in 0..<view.columns { identity[i, i] = 1 }
    return Tensor.product(view, identity.matrix)
  }

  @Test("is a tensor whose axes but the last are its rows")
  func whole() {
    let sequence: Tensor<Float> = counting([2, 3, 5])
    #expect((sequence.matrix.rows, sequence.matrix.columns) == (6, 5))
    #expect(elements(sequence.matrix) == counting([6, 5]))
    #expect((x.transposed.rows, x.transposed.columns) == (4, 3))
    let zeros = Tensor<Float>(shape: [2, 3])
    #expect(elements(zeros.transposed) == Tensor(shape: [3, 2]))
  }

  @Test("is transposed")
  func transposed() {
    #expect(elements(x.transposed).scalars == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    #expect(elements(x.transposed.transposed) == x)
  }

  @Test("is cut to columns and rows")
  func cuts() {
    #expect(elements(x.matrix.columns(1..<3)).scalars == [1, 2, 5, 6, 9, 10])
    #expect(elements(x.matrix.rows(1..<3)).scalars == [4, 5, 6, 7, 8, 9, 10, 11])
    #expect(elements(x.matrix.rows(1..<2).columns(2..<4)).scalars == [6, 7])
    #expect(elements(x.matrix.columns(1..<4).columns(1..<3)).scalars == [2, 3, 6, 7, 10, 11])
    #expect(elements(x.matrix.rows(3..<3)).shape == [0, 4])
  }

  @Test("is cut after it is transposed, and transposed after it is cut")
  func mixed() {
    #expect(elements(x.transposed.rows(1..<3)).scalars == [1, 5, 9, 2, 6, 10])
    #expect(elements(x.transposed.columns(1..<3)).scalars == [4, 8, 5, 9, 6, 10, 7, 11])
    #expect(elements(x.matrix.columns(1..<3).transposed).scalars == [1, 5, 9, 2, 6, 10])
  }

  @Test("stays what it was when the tensor changes")
  func snapshot() {
    var changing = x
    let view = changing.matrix.rows(1..<2)
    changing[1, 0] = -1
    #expect(elements(view).scalars == [4, 5, 6, 7])
  }

  @Test("has no columns or rows beyond its own")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [3, 4]).matrix.columns(2..<5)
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [3, 4]).transposed.rows(2..<5)
    }
  }
}
