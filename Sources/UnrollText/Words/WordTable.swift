/// Words by their numbers and numbers by their words, told apart by their UTF-8: for Swift's strings
/// "é" is equal to "e" with an accent, and a vocabulary has to give back what went in.
struct WordTable: Sendable, Equatable {
  /// The words one after another.
  private var bytes: [UInt8] = []
  /// Where each of them begins, and the last one ends.
  private var bounds = [0]
  /// The numbers of words by hash, -1 where there is none: at most half of them are taken.
  private var slots = [Int32](repeating: -1, count: 64)
  /// What hashes begin with, another number in each table, so that no file of words can be made to
  /// collide.
  private let seed = UInt64.random(in: 0...UInt64.max)

  /// The number of words.
  var count: Int { bounds.count - 1 }

  /// The UTF-8 of a word.
  subscript(index: Int) -> ArraySlice<UInt8> { bytes[bounds[index]..<bounds[index + 1]] }

  /// A word.
  func text(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }

  static func == (a: WordTable, b: WordTable) -> Bool {
    a.bytes == b.bytes && a.bounds == b.bounds
  }

  /// The number of a word; `nil` where the table does not have it.
  func find(_ word: UnsafeBufferPointer<UInt8>) -> Int? {
    let index = slots[slot(of: word)]
    return index < 0 ? nil : Int(index)
  }

  /// The number of a word, which is added where the table does not have it.
  mutating func insert(_ word: UnsafeBufferPointer<UInt8>) -> Int {
    var slot = slot(of: word)
    if slots[slot] >= 0 { return Int(slots[slot]) }
    if 2 * (count + 1) > slots.count {
      grow()
      slot = self.slot(of: word)
    }
    slots[slot] = Int32(count)
    bytes += word
    bounds.append(bytes.count)
    return count - 1
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 2 * slots.count)
    for index in 0..<count {
      let range = bounds[index]..<bounds[index + 1]
      let free = bytes.withUnsafeBufferPointer {
        self.slot(of: UnsafeBufferPointer(rebasing: $0[range]))
      }
      slots[free] = Int32(index)
    }
  }

  /// The slot that has a word, or the free one that it would have.
  @inline(__always)
  private func slot(of word: UnsafeBufferPointer<UInt8>) -> Int {
    var slot = Int(truncatingIfNeeded: hash(word)) & (slots.count - 1)
    while slots[slot] >= 0, !matches(Int(slots[slot]), word) {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  @inline(__always)
  private func matches(_ index: Int, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = bounds[index]
    guard bounds[index + 1] - start == word.count else { return false }
    return bytes.withUnsafeBufferPointer {
      for i in 0..<word.count where $0[start + i] != word[i] { return false }
      return true
    }
  }

  /// Eight bytes at a time, each multiplied to 128 bits that are folded to 64, as wyhash (Wang Yi 2019)
  /// does: words are short, and there are very many of them.
  @inline(__always)
  private func hash(_ word: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let (bytes, count) = (UnsafeRawBufferPointer(word), word.count)
    func four(_ i: Int) -> UInt64 {
      UInt64(bytes.loadUnaligned(fromByteOffset: i, as: UInt32.self))
    }
    func eight(_ i: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self) }
    var hash = fold(seed ^ UInt64(count), 0x2D35_8DCC_AA6C_78A5)
    var i = 0
    while i + 8 < count {
      hash = fold(hash ^ eight(i), 0x8BB8_4B93_962E_ACC9)
      i += 8
    }
    let last =
      switch count {
      case 8...: eight(count - 8)
      case 4...7: four(0) | four(count - 4) << 32
      case 1...3: UInt64(bytes[0]) | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1]) << 16
      default: 0 as UInt64
      }
    return fold(hash ^ last, 0x4B33_A62E_D433_D4A3 ^ seed)
  }

  @inline(__always)
  private func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
