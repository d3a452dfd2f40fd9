import CUnrollKernels
import Testing

/// The oracle, held against results worked out by hand.
@Suite("Reference")
struct ReferenceTests {
  private let naive = reference(Double.self)

  @Test("A product of two by two is what the definition says")
  func product() {
    let a: [Double] = [1, 2, 3, 4]
    var packed = [Double](repeating: 0, count: 4)
    naive.pack(2, 2, [5.0, 6, 7, 8], 2, 1, &packed)
    var c: [Double] = [100, 100, 100, 100]
    naive.product(2, 2, 2, a, 2, 1, packed, UNROLL_START_C, nil, &c, 2)
    #expect(c == [119, 122, 143, 150])
    naive.product(2, 2, 2, a, 2, 1, packed, UNROLL_START_BIAS, [1.0, 2], &c, 2)
    #expect(c == [20, 24, 44, 52])
    naive.product(2, 2, 2, a, 1, 2, packed, UNROLL_START_ZERO, nil, &c, 2)
    #expect(c == [26, 30, 38, 44])
  }

  @Test("Packing with swapped strides transposes")
  func transposition() {
    var packed = [Double](repeating: 0, count: 6)
    naive.pack(3, 2, [1.0, 2, 3, 4, 5, 6], 1, 3, &packed)
    #expect(packed == [1, 4, 2, 5, 3, 6])
  }

  @Test("The loss of equal logits is the logarithm of how many there are")
  func loss() {
    var logits: [Double] = [7, 7, 7, 7]
    var loss = 0.0
    naive.softmax_loss(1, 4, &logits, [2], &loss)
    #expect(abs(loss - 1.386_294_361_119_890_6) < 1e-15)
    #expect(zip(logits, [0.25, 0.25, -0.75, 0.25]).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test("An LSTM step with gates half open halves what it adds")
  func lstm() {
    var gates: [Double] = [0, 0, 1e3, 0]
    var (h, c, tanhC) = (0.0, 0.0, 0.0)
    naive.lstm_forward(1, 1, &gates, [2.0], 1, &h, 1, &c, 1, &tanhC)
    #expect(gates == [0.5, 0.5, 1, 0.5])
    #expect(c == 1.5)
    #expect(abs(tanhC - 0.905_148_253_644_866_4) < 1e-15 && h == tanhC / 2)
  }

  @Test("The first step of Adam moves by the rate against the sign of the gradient")
  func adam() {
    var value: [Double] = [1, 1]
    var (mean, square) = ([0.0, 0.0], [0.0, 0.0])
    naive.adam(
      2, &value, [0.5, -4], &mean, &square, 0.125, 0.9, 0.999, 0, 0.1, 0.001, 0)
    #expect(zip(value, [0.875, 1.125]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(zip(mean, [0.05, -0.4]).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(zip(square, [0.00025, 0.016]).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test("Weight decay draws a value towards zero by its own measure")
  func decay() {
    var (value, mean, square) = (2.0, 0.0, 0.0)
    naive.adam(1, &value, [0.0], &mean, &square, 0.5, 0.9, 0.999, 1e-8, 0.1, 0.001, 0.25)
    #expect(value == 1.75)
  }

  @Test("Sums count every element once")
  func sums() {
    var sums: [Double] = [1, 1]
    naive.add_rows(2, 2, [1.0, 2, 9, 3, 4], 3, &sums)
    #expect(sums == [5, 7])
    #expect(naive.sum_of_squares(3, [1.0, 2, 3]) == 14)
    naive.add(2, [1.0, 1], &sums)
    naive.scale(2, 2, &sums)
    #expect(sums == [12, 16])
  }
}
