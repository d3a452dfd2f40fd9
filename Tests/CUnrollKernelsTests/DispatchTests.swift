import CUnrollKernels
import Foundation
import Testing

@Suite("Choice of the instruction set")
struct DispatchTests {
  @Test("The reference and the baseline are everywhere, for both types")
  func always() {
    for type in [UNROLL_F32, UNROLL_F64] {
      #expect(unroll_kernels_for(type, UNROLL_ISA_REFERENCE) != nil)
      #expect(unroll_kernels_for(type, UNROLL_ISA_BASELINE) != nil)
    }
  }

  @Test("The environment's choice is in use, or else the best that the processor has")
  func inUse() {
    let used = String(cString: unroll_isa_name(unroll_isa_in_use()))
    let names = ["reference"] + InstructionSet.present.map(\.rawValue)
    let wanted = (ProcessInfo.processInfo.environment["UNROLL_ISA"] ?? "").lowercased()
    #expect(used == (names.contains(wanted) ? wanted : names.last))
  }

  @Test("The flat functions are those of the table in use")
  func flat() {
    let kernels = unroll_kernels_for(UNROLL_F32, unroll_isa_in_use())!.pointee
    var numbers = Numbers(seed: 14)
    let (m, n, k) = (5, 37, 20)
    let (a, b): ([Float], [Float]) = (numbers.reals(m * k), numbers.reals(k * n))
    #expect(unroll_packed_count(UNROLL_F32, k, n) == kernels.packed_count(k, n))
    let packed = Guarded<Float>(count: kernels.packed_count(k, n))
    let (flat, direct) = (Guarded<Float>(count: m * n), Guarded<Float>(count: m * n))
    unroll_pack(UNROLL_F32, k, n, b, n, 1, packed.pointer)
    unroll_product(
      UNROLL_F32, m, n, k, a, k, 1, packed.pointer, UNROLL_START_ZERO, nil, flat.pointer, n)
    kernels.product(m, n, k, a, k, 1, packed.pointer, UNROLL_START_ZERO, nil, direct.pointer, n)
    #expect(flat.values == direct.values)
    unroll_softmax(UNROLL_F32, m, n, flat.pointer, flat.pointer)
    kernels.softmax(m, n, direct.pointer, direct.pointer)
    #expect(flat.values == direct.values)
    unroll_tanh(UNROLL_F32, m * n, flat.pointer, flat.pointer)
    kernels.tanh(m * n, direct.pointer, direct.pointer)
    #expect(flat.values == direct.values)
  }

  @Test("Subnormal numbers are zero while they are flushed, and numbers again afterwards")
  func subnormals() {
    func half(of x: Double) -> Double {
      var result = [x]
      unroll_scale(UNROLL_F64, 1, 0.5, &result)
      return result[0]
    }
    let previous = unroll_flush_subnormals()
    let flushed = half(of: .leastNormalMagnitude)
    unroll_restore_subnormals(previous)
    #expect(flushed == 0)
    #expect(half(of: .leastNormalMagnitude) == .leastNormalMagnitude / 2)
  }
}
