/// The different texts that cells have had, by the order in which they came.
///
/// A text that has been seen is found by its bytes, without a text being made of them.
///
/// A class, so that a lookup in what a row owns is no access to all of it.
final class CellNames {
  private(set) var names: [String] = []
  /// The bytes of each, one behind another, and where each ends.
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  /// For each place of the hash table the index of a name, or -1.
  private var table = [Int32](repeating: -1, count: 64)

  var count: Int { names.count }

  /// The index of a text, which is added where it has not been seen.
  ///
  /// - Parameter cell: UTF-8.
  @inline(__always)
  func index(of cell: UnsafeRawBufferPointer) -> Int32 {
    let mask = table.count - 1
    var place = Self.hash(cell) & mask
    while true {
      let found = table[place]
      if found < 0 { return add(cell, at: place) }
      if isEqual(Int(found), cell) { return found }
      place = (place + 1) & mask
    }
  }

  @inline(__always)
  private static func hash(_ cell: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in cell { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: (hash ^ hash >> 29) & 0x7FFF_FFFF)
  }

  @inline(__always)
  private func isEqual(_ index: Int, _ cell: UnsafeRawBufferPointer) -> Bool {
    let start = index == 0 ? 0 : ends[index - 1]
    guard ends[index] - start == cell.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      for i in 0..<cell.count where bytes[start + i] != cell[i] { return false }
      return true
    }
  }

  @inline(never)
  private func add(_ cell: UnsafeRawBufferPointer, at place: Int) -> Int32 {
    let index = Int32(names.count)
    names.append(String(decoding: cell, as: UTF8.self))
    bytes += cell
    ends.append(bytes.count)
    table[place] = index
    if names.count * 2 > table.count { grow() }
    return index
  }

  private func grow() {
    table = [Int32](repeating: -1, count: table.count * 4)
    let mask = table.count - 1
    bytes.withUnsafeBytes { bytes in
      for index in names.indices {
        let start = index == 0 ? 0 : ends[index - 1]
        var place = Self.hash(UnsafeRawBufferPointer(rebasing: bytes[start..<ends[index]])) & mask
        while table[place] >= 0 { place = (place + 1) & mask }
        table[place] = Int32(index)
      }
    }
  }
}
