import TestSupport
import Testing
import UnrollCore

@Suite("Weights of 8 bits")
struct Int8ProductTests {
  private let int8 = Context(.inference, weights: .int8)

  private func draw(_ shape: [Int], _ seed: UInt64) -> Tensor<Float> {
    var random = RandomStream(RandomSource(seed: seed))
    return Tensor(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ in Float(random.uniform() - 0.5) })
  }

  private func packed(_ weight: Tensor<Float>, threads: Int = 1) -> PackedMatrix<Float> {
    var packed = PackedMatrix<Float>()
    packed.pack(weight.transposed, for: int8, threads: threads)
    return packed
  }

  @Test("multiply nearly as those of full precision do")
  func accuracy() {
    let (x, weight, bias) = (draw([7, 300], 1), draw([70, 300], 2), draw([70], 3))
    let exact = Tensor.product(x.matrix, PackedMatrix(weight.transposed), bias: bias)
    let packed = packed(weight)
    #expect(packed.precision == .int8 && (packed.rows, packed.columns) == (300, 70))
    let found = Tensor.product(x.matrix, packed, bias: bias)
    let errors = zip(found.scalars, exact.scalars).map { abs($0 - $1) }
    // Products of 300 terms of about 1/12 each; a term is off by 1/254 of a half at most.
    #expect((errors.max() ?? 1) < 0.04)
    #expect((errors.max() ?? 0) > 0)
    var sum = exact
    sum.addProduct(x.matrix, packed)
    var alone = Tensor<Float>(shape: [7, 90], repeating: 5)
    alone.setProduct(x.matrix, packed, columns: 20..<90)
    #expect(alone[3, 19] == 5 && alone[6, 0] == 5)
    for j in 0..<70 {
      #expect(abs(alone[4, 20 + j] + bias[j] - found[4, j]) < 1e-5)
      #expect(abs(sum[4, j] - exact[4, j] - alone[4, 20 + j]) < 1e-5)
    }
  }

  @Test("give the same bytes with any number of threads", arguments: [1, 9, 40])
  func threads(rows: Int) {
    // A megabyte and more, so that threads share one row.
    let (x, weight) = (draw([rows, 1030], 4), draw([1050, 1030], 5))
    let alone = Tensor.product(x.matrix, packed(weight))
    for threads in 2...3 {
      let together = Tensor.product(x.matrix, packed(weight, threads: threads), threads: threads)
      #expect(together == alone)
    }
    let row = Tensor.product(x.matrix.rows((rows - 1)..<rows), packed(weight))
    #expect(row.scalars == alone.step(rows - 1).scalars)
  }

  @Test("are packed once, and again when the weight or the precision changes")
  func held() {
    var weight: Tensor<Float> = counting([3, 5])
    let ones = Tensor<Float>(shape: [1, 5], repeating: 1)
    var packed = packed(weight)
    func sums() -> [Float] { Tensor.product(ones.matrix, packed).scalars }
    let before = sums()
    var copy = packed
    packed.pack(weight.transposed, for: int8)
    #expect(sums() == before)
    weight[1, 2] += 100
    packed.pack(weight.transposed, for: int8)
    #expect(sums()[0] == before[0] && sums()[1] > before[1] + 90)
    packed.pack(weight.transposed, for: Context(.inference))
    #expect(packed.precision == .full)
    packed.pack(weight.transposed, for: int8)
    #expect(packed.precision == .int8)
    copy.pack(weight.transposed, for: .inference)
    #expect(copy.precision == .full)
  }

  @Test("stay as they are in training, and of Double")
  func full() {
    let weight = draw([3, 5], 7)
    var packed = PackedMatrix<Float>()
    packed.pack(weight.transposed, for: Context(.training, weights: .int8))
    #expect(packed.precision == .full)
    let x = draw([2, 5], 8)
    #expect(
      Tensor.product(x.matrix, packed)
        == Tensor.product(x.matrix, PackedMatrix(weight.transposed)))
    let double: Tensor<Double> = counting([3, 5])
    var packedDouble = PackedMatrix<Double>()
    packedDouble.pack(double.transposed, for: int8)
    #expect(packedDouble.precision == .full)
  }

  @Test("A row that is zero, or not finite, is so by itself")
  func rows() {
    var x = draw([4, 30], 9)
    for i in 0..<30 { x[0, i] = 0 }
    x[1, 3] = .nan
    x[2, 7] = .infinity
    let bias = draw([20], 10)
    let y = Tensor.product(x.matrix, packed(draw([20, 30], 11)), bias: bias)
    for j in 0..<20 {
      #expect(y[0, j] == bias[j] && y[1, j].isNaN && y[2, j].isNaN && y[3, j].isFinite)
    }
  }

  #if os(macOS) || os(Linux) || os(Windows)
    @Test("have no elements for the product of floats")
    func misuse() async {
      await #expect(processExitsWith: .failure) {
        let weight = Tensor<Float>(shape: [3, 5])
        var packed = PackedMatrix<Float>()
        packed.pack(weight.transposed, for: Context(.inference, weights: .int8))
        packed.withUnsafePointer { _ in }
      }
    }
  #endif
}
