import CUnrollKernels

/// An instruction set whose tables are held against the reference.
enum InstructionSet: String, CaseIterable, Sendable {
  case baseline, avx2, avx512

  var isa: unroll_isa {
    switch self {
    case .baseline: UNROLL_ISA_BASELINE
    case .avx2: UNROLL_ISA_AVX2
    case .avx512: UNROLL_ISA_AVX512
    }
  }

  /// Those that this processor has.
  static let present = allCases.filter { unroll_kernels_for(UNROLL_F32, $0.isa) != nil }
}

protocol Element: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  static var type: unroll_type { get }
  /// What the interface promises of the element-wise functions.
  static var relativeError: Double { get }
}

extension Float: Element {
  static var type: unroll_type { UNROLL_F32 }
  static var relativeError: Double { 1e-6 }
}

extension Double: Element {
  static var type: unroll_type { UNROLL_F64 }
  static var relativeError: Double { 1e-15 }
}

func table<T: Element>(_ set: InstructionSet, _: T.Type) -> unroll_kernels {
  unroll_kernels_for(T.type, set.isa)!.pointee
}

func reference<T: Element>(_: T.Type) -> unroll_kernels {
  unroll_kernels_for(T.type, UNROLL_ISA_REFERENCE)!.pointee
}

/// Elements between two zones that nobody may write. The elements begin 64 bytes after the start of
/// the allocation, aligned to 64 bytes; they end where `zone` begins.
final class Guarded<T: Element> {
  let count: Int
  private let base: UnsafeMutablePointer<T>
  private static var zone: Int { 64 / MemoryLayout<T>.stride }
  private static var mark: T { -12345 }

  init(_ values: some Collection<T>) {
    count = values.count
    let bytes = (count + 2 * Self.zone) * MemoryLayout<T>.stride
    base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: T.self, capacity: count + 2 * Self.zone)
    base.initialize(repeating: Self.mark, count: count + 2 * Self.zone)
    for (i, value) in values.enumerated() { base[Self.zone + i] = value }
  }

  convenience init(count: Int) { self.init(repeatElement(Self.mark, count: count)) }

  deinit { base.deallocate() }

  var pointer: UnsafeMutablePointer<T> { base + Self.zone }
  var values: [T] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// Whether the zones, and the gaps between rows of `columns` at `stride`, are as they were made.
  func isUntouched(outside columns: Int? = nil, of stride: Int = 1) -> Bool {
    for i in 0..<Self.zone where base[i] != Self.mark || pointer[count + i] != Self.mark {
      return false
    }
    guard let columns else { return true }
    return (0..<count).allSatisfy { $0 % stride < columns || pointer[$0] == Self.mark }
  }
}

/// Inputs lie in an allocation of their own size, where the address sanitizer sees any read beyond.
func withExactCopy<T, R>(of values: [T], _ body: (UnsafeMutablePointer<T>) -> R) -> R {
  let copy = UnsafeMutablePointer<T>.allocate(capacity: values.count)
  copy.initialize(from: values, count: values.count)
  defer { copy.deallocate() }
  return body(copy)
}

/// The same numbers in every run (SplitMix64).
struct Numbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// From `-bound` to `bound`.
  mutating func real<T: Element>(_ bound: Double = 1) -> T {
    T((Double(next() >> 11) * 0x1p-52 - 1) * bound)
  }

  mutating func reals<T: Element>(_ count: Int, _ bound: Double = 1) -> [T] {
    (0..<count).map { _ in real(bound) }
  }

  /// Whole numbers from -4 to 4, whose products and sums are exact.
  mutating func wholes<T: Element>(_ count: Int) -> [T] {
    (0..<count).map { _ in T(Int(next() % 9) - 4) }
  }
}

/// The greatest difference, in units of the expected value or, where that is small, of `floor`.
func greatestError<T: Element>(_ found: [T], _ expected: [T], floor: Double) -> Double {
  zip(found, expected).reduce(0) { greatest, pair in
    let (a, b) = (Double(pair.0), Double(pair.1))
    if a == b || (a.isNaN && b.isNaN) { return greatest }
    let error = abs(a - b) / max(abs(b), floor)
    return error.isNaN ? .infinity : max(greatest, error)
  }
}
