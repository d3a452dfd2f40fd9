import CUnrollKernels
import Testing

/// How products of bytes are computed.
private enum Int8Set: UInt32, CaseIterable, Sendable {
  case reference, baseline, avx2, avxVNNI, avx512VNNI, dot

  var kernels: unroll_int8_kernels? {
    unroll_int8_kernels_for(unroll_int8_isa(rawValue: rawValue))?.pointee
  }

  static let present = allCases.filter { $0.kernels != nil }
  static let oracle = Self.reference.kernels!
}

/// A product with weights of 8 bits: a [m, k], and b [k, n] packed; c in rows that are some elements apart.
private struct Int8Product {
  var (m, n, k): (Int, Int, Int)
  var (a, b): ([Float], [Float])
  var start = UNROLL_START_ZERO
  var (bias, c): ([Float], [Float])

  init(_ m: Int, _ n: Int, _ k: Int, seed: UInt64 = 1) {
    (self.m, self.n, self.k) = (m, n, k)
    var numbers = Numbers(seed: seed)
    (a, b) = (numbers.reals(m * k, 3), numbers.reals(k * n, 0.2))
    (bias, c) = (numbers.reals(n), numbers.reals(m * n))
  }

  /// Packs b, its columns or, where it lies transposed, its rows contiguous, some blocks at a time.
  func packed(isTransposed: Bool = true, blocks: Int = .max) -> Guarded<Float> {
    let packed = Guarded<Float>(count: unroll_int8_packed_bytes(k, n) / 4)
    let (rowStride, columnStride) = isTransposed ? (1, k) : (n, 1)
    let laid =
      isTransposed ? (0..<n).flatMap { j in (0..<k).map { b[$0 * n + j] } } : b
    withExactCopy(of: laid) { laid in
      let step = blocks == .max ? max(1, n) : blocks * Int(UNROLL_INT8_BLOCK)
      for first in stride(from: 0, to: n, by: step) {
        unroll_int8_pack(
          k, n, laid, rowStride, columnStride, first, min(step, n - first), packed.pointer)
      }
    }
    #expect(packed.isUntouched())
    return packed
  }

  /// The bytes of the rows of a.
  func rows(_ kernels: unroll_int8_kernels, columnStride: Int = 1) -> Guarded<Float> {
    let rows = Guarded<Float>(count: m * unroll_int8_row_bytes(k) / 4)
    var laid = [Float](repeating: .nan, count: max(0, m * k * columnStride - columnStride + 1))
    for i in 0..<(m * k) { laid[i * columnStride] = a[i] }
    withExactCopy(of: laid) {
      kernels.quantize(m, k, $0, k * columnStride, columnStride, rows.pointer)
    }
    #expect(rows.isUntouched())
    return rows
  }

  /// c, computed in calls of so many rows and blocks of columns.
  func run(_ kernels: unroll_int8_kernels, rowsOfCalls: Int = .max, blocks: Int = .max) -> [Float] {
    let (packed, rows) = (packed(), rows(kernels))
    let (stride, rowFloats) = (n + 5, unroll_int8_row_bytes(k) / 4)
    let out = Guarded<Float>(count: m * stride)
    for i in 0..<m { for j in 0..<n { out.pointer[i * stride + j] = c[i * n + j] } }
    let (rowStep, step) = (
      min(rowsOfCalls, max(1, m)), blocks == .max ? max(1, n) : blocks * Int(UNROLL_INT8_BLOCK)
    )
    withExactCopy(of: bias) { bias in
      for i in Swift.stride(from: 0, to: m, by: rowStep) {
        for j in Swift.stride(from: 0, to: n, by: step) {
          kernels.product(
            min(rowStep, m - i), n, k, rows.pointer + i * rowFloats, packed.pointer, j,
            min(step, n - j), start, start == UNROLL_START_BIAS ? bias : nil,
            out.pointer + i * stride, stride)
        }
      }
    }
    #expect(out.isUntouched(outside: n, of: stride), "m \(m) n \(n) k \(k)")
    return (0..<m).flatMap { i in (0..<n).map { out.pointer[i * stride + $0] } }
  }
}

private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

@Suite("Products with weights of 8 bits")
struct Int8Tests {
  @Test("are the oracle's on every instruction set, bit for bit", arguments: Int8Set.present)
  fileprivate func sets(set: Int8Set) throws {
    let kernels = try #require(set.kernels)
    var turn = 0
    for m in [0, 1, 2, 3, 5, 6, 7, 13] {
      for n in [0, 1, 15, 16, 17, 63, 65, 130, 211] {
        for k in [0, 1, 3, 4, 37, 130] {
          var product = Int8Product(m, n, k, seed: UInt64(turn))
          product.start = [UNROLL_START_ZERO, UNROLL_START_BIAS, UNROLL_START_C][turn % 3]
          turn += 1
          let equal = bits(product.run(kernels)) == bits(product.run(Int8Set.oracle))
          #expect(equal, "\(set) m \(m) n \(n) k \(k)")
          let rows = product.rows(kernels, columnStride: 3)
          #expect(bits(rows.values) == bits(product.rows(Int8Set.oracle).values))
        }
      }
    }
  }

  @Test("do not depend on the rows and columns beside them", arguments: Int8Set.present)
  fileprivate func splits(set: Int8Set) throws {
    let kernels = try #require(set.kernels)
    var product = Int8Product(13, 211, 70)
    product.start = UNROLL_START_C
    let together = product.run(kernels)
    for (rows, blocks) in [(1, .max), (4, .max), (.max, 1), (5, 2), (1, 1)] {
      #expect(product.run(kernels, rowsOfCalls: rows, blocks: blocks) == together)
    }
  }

  @Test("Weights are packed the same however they lie, and in pieces")
  func packing() {
    let product = Int8Product(1, 211, 37)
    let packed = product.packed().values
    #expect(bits(product.packed(isTransposed: false).values) == bits(packed))
    #expect(bits(product.packed(blocks: 1).values) == bits(packed))
    #expect(bits(product.packed(blocks: 2).values) == bits(packed))
  }

  @Test("The greatest sums of the greatest depth are exact", arguments: Int8Set.present)
  fileprivate func greatest(set: Int8Set) throws {
    let kernels = try #require(set.kernels)
    let k = Int(UNROLL_INT8_DEPTH)
    var product = Int8Product(2, 3, 1)
    product.k = k
    product.a = (0..<2 * k).map { $0 < k ? 127 : -127 }
    product.b = [Float](repeating: 127, count: 3 * k)
    let sum = Float(127 * 127 * k)
    #expect(product.run(kernels) == [sum, sum, sum, -sum, -sum, -sum])
  }

  @Test("are those of whole numbers where rows and columns have a 127", arguments: Int8Set.present)
  fileprivate func wholes(set: Int8Set) throws {
    let kernels = try #require(set.kernels)
    var product = Int8Product(2, 2, 3)
    product.a = [127, -2, 2.4, 1, 3.6, -127]
    product.b = [127, -5, 4, 127, -3, 6]
    // With -2 and 2, and 1 and 4.
    let expected: [Float] = [16129 - 8 - 6, -635 - 254 + 12, 127 + 16 + 381, -5 + 508 - 762]
    #expect(product.run(kernels) == expected)
  }

  @Test("A row or column is zero, not finite, or large by itself", arguments: Int8Set.present)
  fileprivate func extremes(set: Int8Set) throws {
    let kernels = try #require(set.kernels)
    var product = Int8Product(6, 70, 9)
    for p in 0..<9 {
      product.a[p] = 0
      product.a[9 + p] *= 1e37
      product.a[5 * 9 + p] = .leastNonzeroMagnitude
      product.b[p * 70 + 68] = 0
    }
    product.a[2 * 9 + 4] = .nan
    product.a[3 * 9 + 8] = -.infinity
    product.b[3 * 70 + 66] = .infinity
    let c = product.run(kernels)
    let expected = product.run(Int8Set.oracle)
    for i in 0..<6 {
      for j in 0..<70 {
        let value = c[i * 70 + j]
        if i == 2 || i == 3 || j == 66 {
          #expect(value.isNaN)
        } else {
          #expect(value == expected[i * 70 + j] && value.isFinite)
          if i == 0 || i == 5 || j == 68 { #expect(value == 0) }
        }
      }
    }
  }

  @Test("are near those of floats")
  func accuracy() {
    let product = Int8Product(5, 70, 200)
    let found = product.run(Int8Set.oracle)
    for i in 0..<5 {
      for j in 0..<70 {
        var exact = 0.0
        for p in 0..<200 { exact += Double(product.a[i * 200 + p]) * Double(product.b[p * 70 + j]) }
        // A term is off by half a step of a times b's 0.2 and half a step of b times a's 3, at most; of
        // 200 most cancel.
        let error: Double = abs(Double(found[i * 70 + j]) - exact)
        let most: Double = 200 * 2 * (3 * 0.2 / 254)
        #expect(error < most / 4)
      }
    }
  }

  @Test("The flat functions are the best that the instruction set in use allows")
  func flat() throws {
    let isa = unroll_int8_isa_in_use()
    let kernels = try #require(unroll_int8_kernels_for(isa)).pointee
    let product = Int8Product(3, 20, 7)
    let expected = product.run(kernels)
    let (rows, packed) = (Guarded<Float>(count: 3 * 3), product.packed())
    let c = Guarded<Float>(count: 60)
    unroll_int8_quantize(3, 7, product.a, 7, 1, rows.pointer)
    unroll_int8_product(
      3, 20, 7, rows.pointer, packed.pointer, 0, 20, UNROLL_START_ZERO, nil, c.pointer, 20)
    #expect(c.values == expected)
    #if arch(arm64)
      let most = UNROLL_INT8_DOT
    #else
      let most = UNROLL_INT8_BASELINE
    #endif
    let allowed: unroll_int8_isa =
      switch unroll_isa_in_use() {
      case UNROLL_ISA_REFERENCE: UNROLL_INT8_REFERENCE
      case UNROLL_ISA_BASELINE: most
      case UNROLL_ISA_AVX2: UNROLL_INT8_AVX_VNNI
      default: UNROLL_INT8_AVX512_VNNI
      }
    #expect(isa.rawValue <= allowed.rawValue)
  }
}
