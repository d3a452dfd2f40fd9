import Foundation
import Testing
import UnrollCore

// The pool belongs to the whole program, so that each of these runs in a program of its own.
@Suite("The memory of tensors")
struct StorageTests {
  @Test("is given to the next tensor of its size")
  func reuse() async {
    await #expect(processExitsWith: .success) {
      let first = address(Tensor<Float>(shape: [7, 11], repeating: 1))
      let allocations = TensorMemory.allocations
      for _ in 0..<5 {
        #expect(address(Tensor<Float>(shape: [11, 7], repeating: 2)) == first)
      }
      #expect(TensorMemory.allocations == allocations)
      _ = Tensor<Float>(shape: [700], repeating: 1)
      #expect(TensorMemory.allocations == allocations + 1)
    }
  }

  @Test("is never given to two tensors at once, and untouched zeros are zero in used memory")
  func separate() async {
    await #expect(processExitsWith: .success) {
      _ = Tensor<Float>(shape: [7, 11], repeating: 5)
      var x = Tensor<Float>(shape: [7, 11])
      #expect(x.scalars.allSatisfy { $0 == 0 })
      x[0, 0] = 1
      #expect(x.sum() == 1)
      let y = Tensor<Float>(shape: [7, 11], repeating: 3)
      #expect(address(x) != address(y))
      #expect(x.sum() == 1)
    }
  }

  @Test("is counted while it is used, in blocks of 64 bytes that begin at multiples of 64")
  func counts() async {
    await #expect(processExitsWith: .success) {
      let before = TensorMemory.usedBytes
      let x = Tensor<Double>(shape: [9], repeating: 1)
      #expect(TensorMemory.usedBytes == before + 128)
      #expect(address(x) % 64 == 0)
      var copy = x
      #expect(TensorMemory.usedBytes == before + 128)
      copy[0] = 2
      #expect(TensorMemory.usedBytes == before + 256)
      #expect(TensorMemory.peakBytes >= before + 256)
      copy = x
      #expect(TensorMemory.usedBytes == before + 128)
      #expect(x.sum() + copy.sum() == 18)
    }
  }

  @Test("that is kept for later is bounded by twice the most that was used")
  func bound() async {
    await #expect(processExitsWith: .success) {
      for size in 1...300 {
        #expect(Tensor<Float>(shape: [16 * size], repeating: 1).sum() == Float(16 * size))
        #expect(TensorMemory.pooledBytes <= 2 * TensorMemory.peakBytes)
      }
    }
  }

  @Test("that is free goes back to the system when the pool is trimmed, and tensors stay")
  func trim() async {
    await #expect(processExitsWith: .success) {
      let kept = Tensor<Float>(shape: [1000], repeating: 2)
      do { #expect(Tensor<Float>(shape: [1 << 22], repeating: 1)[7] == 1) }
      #expect(TensorMemory.pooledBytes >= 1 << 24)
      #if os(Linux)
        let resident = try residentBytes()
      #endif
      TensorMemory.trim()
      #expect(TensorMemory.pooledBytes == 0 && TensorMemory.usedBytes == 4032)
      #if os(Linux)
        #expect(try residentBytes() < resident - 15_000_000)
      #endif
      #expect(kept.sum() == 2000)
      // What is free later is bounded by what was used since.
      for size in 1...300 {
        #expect(Tensor<Float>(shape: [16 * size], repeating: 1).sum() == Float(16 * size))
        #expect(TensorMemory.pooledBytes <= 2 * TensorMemory.peakBytes)
      }
    }
  }

  @Test("is found again among hundreds of sizes")
  func sizes() async {
    await #expect(processExitsWith: .success) {
      func make() -> [Tensor<Float>] {
        (1...300).map { Tensor<Float>(shape: [16 * $0], repeating: Float($0)) }
      }
      do { #expect(make().map { $0.sum() / Float($0.count) } == (1...300).map { Float($0) }) }
      let before = TensorMemory.allocations
      for _ in 0..<3 { #expect(make().count == 300) }
      #expect(TensorMemory.allocations == before)
    }
  }
}

#if os(Linux)
  /// The memory that this process has in the machine, in bytes.
  private func residentBytes() throws -> Int {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
      .split(separator: " ").dropFirst().first
    return (pages.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
#endif
