#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A short cell that is kept to be compared with the next one.
///
/// A class, because it owns the memory that the cell is in.
final class HeldCell {
  private static let capacity = 64
  private let bytes = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
  /// -1 where none is kept.
  private var count = -1

  deinit { bytes.deallocate() }

  /// Whether it is the one that is kept.
  @inline(__always)
  func holds(_ cell: UnsafeRawBufferPointer) -> Bool {
    guard cell.count == count, let base = cell.baseAddress else { return false }
    return memcmp(base, bytes, count) == 0
  }

  /// Keeps a cell, unless it is long.
  @inline(__always)
  func hold(_ cell: UnsafeRawBufferPointer) {
    guard cell.count <= Self.capacity, let base = cell.baseAddress else {
      count = -1
      return
    }
    bytes.copyMemory(from: base, byteCount: cell.count)
    count = cell.count
  }
}
