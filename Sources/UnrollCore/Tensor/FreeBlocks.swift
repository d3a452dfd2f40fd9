/// Addresses of free blocks by their sizes: a hash table without removal, since the sizes that a program
/// asks for are few and asked for all the time. A dictionary spends more on hashing than on all else.
struct FreeBlocks {
  /// The size of each slot's blocks; 0 for a slot that is not in use.
  private var sizes = [Int](repeating: 0, count: 64)
  private var blocks = [[UInt]](repeating: [], count: 64)
  private var used = 0

  /// Every address.
  var all: [UInt] { blocks.flatMap { $0 } }

  /// Takes a block of just this size, which is above 0.
  mutating func take(bytes: Int) -> UInt? {
    let slot = slot(of: bytes)
    return sizes[slot] == bytes ? blocks[slot].popLast() : nil
  }

  mutating func give(_ address: UInt, bytes: Int) {
    var slot = slot(of: bytes)
    if sizes[slot] == 0 {
      if 2 * used >= sizes.count {
        grow()
        slot = self.slot(of: bytes)
      }
      sizes[slot] = bytes
      used += 1
    }
    blocks[slot].append(address)
  }

  /// The slot that has a size, or where it belongs.
  private func slot(of bytes: Int) -> Int {
    let mask = sizes.count - 1
    // Sizes are multiples of 64; the upper bits of the product depend on all of theirs.
    var slot = Int((UInt(bytes) &* 0x9E37_79B9_7F4A_7C15) >> 40) & mask
    while sizes[slot] != 0 && sizes[slot] != bytes { slot = (slot + 1) & mask }
    return slot
  }

  /// Sizes of which no block is left are forgotten.
  private mutating func grow() {
    let kept = zip(sizes, blocks).filter { !$0.1.isEmpty }
    let count = 4 * kept.count < sizes.count ? sizes.count : 2 * sizes.count
    (sizes, blocks) = (Array(repeating: 0, count: count), Array(repeating: [], count: count))
    used = kept.count
    for (size, addresses) in kept {
      let slot = slot(of: size)
      (sizes[slot], blocks[slot]) = (size, addresses)
    }
  }
}
