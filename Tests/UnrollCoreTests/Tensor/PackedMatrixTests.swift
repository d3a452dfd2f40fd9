import Testing
import UnrollCore

@Suite("A packed matrix")
struct PackedMatrixTests {
  private let ones = Tensor<Float>(shape: [1, 5], repeating: 1)

  private func sums(_ packed: PackedMatrix<Float>) -> [Float] {
    Tensor.product(ones.matrix, packed).scalars
  }

  /// Overwrites the first packed element, so that packing again shows.
  private func spoil(_ packed: PackedMatrix<Float>) {
    packed.withUnsafePointer { UnsafeMutablePointer(mutating: $0)?.pointee = 100 }
  }

  @Test("of a weight that did not change is not packed again in inference")
  func unchanged() {
    let weight: Tensor<Float> = counting([5, 3])
    var packed = PackedMatrix<Float>()
    packed.pack(weight.matrix, for: .inference)
    #expect((packed.rows, packed.columns) == (5, 3))
    #expect(sums(packed) == [30, 35, 40])
    spoil(packed)
    packed.pack(weight.matrix, for: .inference)
    #expect(sums(packed) == [130, 35, 40])
  }

  @Test("of a weight that changed is packed again in inference")
  func changed() {
    var weight: Tensor<Float> = counting([5, 3])
    var packed = PackedMatrix<Float>()
    packed.pack(weight.matrix, for: .inference)
    weight[4, 1] = 0
    #expect(sums(packed) == [30, 35, 40])
    packed.pack(weight.matrix, for: .inference)
    #expect(sums(packed) == [30, 22, 40])
  }

  @Test("is packed again for another view of the same memory")
  func views() {
    let weight: Tensor<Float> = counting([5, 5])
    var packed = PackedMatrix<Float>()
    packed.pack(weight.matrix, for: .inference)
    #expect(sums(packed) == [50, 55, 60, 65, 70])
    packed.pack(weight.transposed, for: .inference)
    #expect(sums(packed) == [10, 35, 60, 85, 110])
    packed.pack(weight.matrix.columns(1..<3), for: .inference)
    #expect(sums(packed) == [55, 60])
    packed.pack(weight.matrix.columns(2..<4), for: .inference)
    #expect(sums(packed) == [60, 65])
  }

  @Test("is packed every time in training, also after inference")
  func training() {
    let weight: Tensor<Float> = counting([5, 3])
    var packed = PackedMatrix<Float>()
    for mode in [Context.Mode.training, .training, .inference] {
      packed.pack(weight.matrix, for: mode)
      spoil(packed)
      packed.pack(weight.matrix, for: .training)
      #expect(sums(packed) == [30, 35, 40])
    }
  }

  @Test("does not hold the weight in training, which is updated in place")
  func updates() {
    var weight: Tensor<Float> = counting([5, 3])
    let before = address(weight)
    var packed = PackedMatrix<Float>()
    packed.pack(weight.matrix, for: .training)
    weight *= 2
    #expect(address(weight) == before)
    packed.pack(weight.matrix, for: .inference)
    packed.pack(weight.matrix, for: .training)
    weight *= 2
    #expect(address(weight) == before)
    packed.pack(weight.matrix, for: .training)
    #expect(sums(packed) == [120, 140, 160])
  }
}
