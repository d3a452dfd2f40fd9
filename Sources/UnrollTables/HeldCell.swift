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
    guard cell.count == count else { return false }
    for i in 0..<cell.count where cell[i] != bytes.load(fromByteOffset: i, as: UInt8.self) {
      return false
    }
    return true
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
