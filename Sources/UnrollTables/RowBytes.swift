/// The fields of a row as bytes, one behind another, in memory that every row uses again.
///
/// It is a view of memory that a ``CSVParser`` owns, which the next row overwrites.
struct RowBytes {
  private var bytes: UnsafeMutableRawPointer
  private var byteCapacity: Int
  private var byteCount = 0
  /// Where each field ends; it begins where the one before it ends.
  private var ends: UnsafeMutablePointer<Int>
  private var endCapacity: Int
  /// The number of fields.
  private(set) var count = 0

  init() {
    (byteCapacity, endCapacity) = (4096, 64)
    bytes = .allocate(byteCount: byteCapacity, alignment: 16)
    ends = .allocate(capacity: endCapacity)
  }

  func deallocate() {
    bytes.deallocate()
    ends.deallocate()
  }

  mutating func removeAll() { (byteCount, count) = (0, 0) }

  @inline(__always)
  mutating func append(_ field: UnsafeRawPointer?, _ size: Int) {
    if byteCapacity - byteCount < size || count == endCapacity { grow(by: size) }
    if let field {
      (bytes + byteCount).copyMemory(from: field, byteCount: size)
    }
    byteCount += size
    ends[count] = byteCount
    count += 1
  }

  /// The bytes of a field, counted from 0.
  @inline(__always)
  subscript(index: Int) -> UnsafeRawBufferPointer {
    let start = index == 0 ? 0 : ends[index - 1]
    return UnsafeRawBufferPointer(start: bytes + start, count: ends[index] - start)
  }

  /// A field of UTF-8, which a parser has checked.
  func text(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }

  @inline(never)
  private mutating func grow(by size: Int) {
    let newByteCapacity = max(byteCapacity, (byteCount + size) * 2)
    let newBytes = UnsafeMutableRawPointer.allocate(byteCount: newByteCapacity, alignment: 16)
    newBytes.copyMemory(from: bytes, byteCount: byteCount)
    bytes.deallocate()
    (bytes, byteCapacity) = (newBytes, newByteCapacity)
    let newEnds = UnsafeMutablePointer<Int>.allocate(capacity: endCapacity * 2)
    newEnds.initialize(from: ends, count: count)
    ends.deallocate()
    (ends, endCapacity) = (newEnds, endCapacity * 2)
  }
}
