import Testing
import UnrollCore

/// Three steps of four streams of two features: element `[t, b, f]` is `8 t + 2 b + f`.
@Suite("Slices of a sequence")
struct SlicingTests {
  private let x: Tensor<Float> = counting([3, 4, 2])

  @Test("are steps")
  func steps() {
    #expect(x.step(1) == counting([4, 2]) + 8)
    #expect(x.steps(1..<3) == counting([2, 4, 2]) + 8)
    #expect(x.steps(2..<2).shape == [0, 4, 2])
    #expect(counting([5], as: Float.self).step(3) == Tensor(shape: [], scalars: [3]))
  }

  @Test("are put in the place of steps")
  func setSteps() {
    var y = x
    y.setStep(1, to: Tensor(shape: [4, 2], repeating: -1))
    #expect(y.step(0) == x.step(0))
    #expect(y.step(1) == Tensor(shape: [4, 2], repeating: -1))
    #expect(y.step(2) == x.step(2))
    y.setSteps(0..<2, to: x.steps(1..<3))
    #expect(y.steps(0..<2) == x.steps(1..<3))
    #expect(y.step(2) == x.step(2))
    #expect(x == counting([3, 4, 2]))
  }

  @Test("are streams")
  func streams() {
    let middle = x.streams(1..<3)
    #expect(middle.shape == [3, 2, 2])
    #expect(middle.scalars == [2, 3, 4, 5, 10, 11, 12, 13, 18, 19, 20, 21])
    #expect(x.streams(0..<4).sharesStorage(with: x))
    #expect(x.streams(4..<4).shape == [3, 0, 2])
    #expect(counting([2, 3], as: Float.self).streams(2..<3).scalars == [2, 5])
  }

  @Test("are put in the place of streams")
  func setStreams() {
    var y = x
    y.setStreams(2..<4, to: -x.streams(0..<2))
    #expect(y.streams(0..<2) == x.streams(0..<2))
    #expect(y.streams(2..<4).scalars == [0, -1, -2, -3, -8, -9, -10, -11, -16, -17, -18, -19])
    #expect(x == counting([3, 4, 2]))
  }

  @Test("are columns")
  func columns() {
    #expect(x.columns(1..<2).shape == [3, 4, 1])
    #expect(x.columns(1..<2).scalars == stride(from: 1, to: 24, by: 2).map { Float($0) })
    #expect(counting([2, 5], as: Float.self).columns(1..<4).scalars == [1, 2, 3, 6, 7, 8])
    #expect(x.columns(1..<1).shape == [3, 4, 0])
  }

  @Test("are columns side by side")
  func concatenating() {
    let both = Tensor.concatenatingColumns(counting([2, 1]), -counting([2, 3], as: Float.self))
    #expect(both.shape == [2, 4])
    #expect(both.scalars == [0, 0, -1, -2, 1, -3, -4, -5])
    #expect(Tensor.concatenatingColumns(x.columns(0..<1), x.columns(1..<2)) == x)
    #expect(Tensor.concatenatingColumns(x, x.columns(0..<0)) == x)
  }

  @Test("are rows in a new order, each as often as it is named")
  func gathering() {
    let rows: Tensor<Float> = counting([4, 3])
    #expect(rows.gathering([2, 0, 2]).scalars == [6, 7, 8, 0, 1, 2, 6, 7, 8])
    #expect(rows.gathering([]).shape == [0, 3])
    #expect(x.gathering([2]).scalars == x.step(2).scalars)
  }

  @Test("are steps in the opposite order")
  func reversing() {
    let y = x.reversingSteps(lengths: nil)
    for t in 0..<3 { #expect(y.step(t) == x.step(2 - t)) }
    #expect(y.reversingSteps(lengths: nil) == x)
  }

  @Test("are each stream's own steps in the opposite order, and zero beyond its length")
  func reversingWithLengths() {
    let y = x.reversingSteps(lengths: [3, 0, 1, 2])
    #expect(y.step(0).scalars == [16, 17, 0, 0, 4, 5, 14, 15])
    #expect(y.step(1).scalars == [8, 9, 0, 0, 0, 0, 6, 7])
    #expect(y.step(2).scalars == [0, 1, 0, 0, 0, 0, 0, 0])
  }

  @Test("are zero beyond the length of their stream")
  func zeroing() {
    let y = x.zeroingSteps(beyond: [3, 0, 1, 2])
    #expect(y.step(0).scalars == [0, 1, 0, 0, 4, 5, 6, 7])
    #expect(y.step(1).scalars == [8, 9, 0, 0, 0, 0, 14, 15])
    #expect(y.step(2).scalars == [16, 17, 0, 0, 0, 0, 0, 0])
    #expect(x.zeroingSteps(beyond: nil).sharesStorage(with: x))
    #expect(x.zeroingSteps(beyond: [3, 3, 3, 3]).sharesStorage(with: x))
    #expect(x == counting([3, 4, 2]))
  }

  @Test("stop the program where they are outside")
  func preconditions() async {
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [3, 4]).step(3) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [3, 4]).streams(2..<5) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [3, 4]).columns(2..<5) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [3, 4]).gathering([3]) }
    await #expect(processExitsWith: .failure) {
      var x = Tensor<Float>(shape: [3, 4])
      x.setStep(0, to: Tensor(shape: [2]))
    }
    await #expect(processExitsWith: .failure) {
      var x = Tensor<Float>(shape: [3, 4])
      x.setStreams(1..<2, to: Tensor(shape: [3, 2]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>.concatenatingColumns(Tensor(shape: [2, 3]), Tensor(shape: [3, 2]))
    }
  }
}
