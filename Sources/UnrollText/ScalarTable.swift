/// Ids by scalar or byte value: two array look-ups, in pages of 256 values, so that a vocabulary
/// with an emoji in it stays small.
struct ScalarTable: Sendable {
  /// The page of the values from `index * 256` on; page 0 is that of values without an id.
  private var pages: [UInt16]
  private var ids: [Int32]

  /// Gives `values` the ids from `firstID` on, and every other value the id `absent`.
  init(_ values: [UInt32], firstID: Int32, absent: Int32) {
    pages = [UInt16](repeating: 0, count: 0x11_0000 >> 8)
    ids = [Int32](repeating: absent, count: 256)
    for (value, id) in zip(values, firstID...) {
      let page = Int(value >> 8)
      if pages[page] == 0 {
        pages[page] = UInt16(ids.count >> 8)
        ids += [Int32](repeating: absent, count: 256)
      }
      ids[Int(pages[page]) << 8 | Int(value & 0xFF)] = id
    }
  }

  /// The id of a value, which is at most 0x10FFFF.
  subscript(value: UInt32) -> Int32 {
    ids[Int(pages[Int(value >> 8)]) << 8 | Int(value & 0xFF)]
  }
}
