/// The 64-bit cyclic redundancy check of xz (CRC-64/XZ): ECMA-182's polynomial, bits reflected,
/// started from and finished with all ones.
///
/// It finds every change within 64 consecutive bits, so every changed byte. It is no signature:
/// who wants to forge a file can.
///
/// Source: ECMA-182 (1992), annex B; sixteen bytes at a time after Kounavis and Berry, "A
/// Systematic Approach to Building High Performance Software-Based CRC Generators" (2005).
package struct CRC64: Sendable, Equatable {
  private static let polynomial: UInt64 = 0xC96C_5795_D787_0F42

  /// Entry `256 * k + b` is the remainder of byte `b` with `k` zero bytes after it.
  private static let table: [UInt64] = {
    var table = [UInt64](repeating: 0, count: 16 * 256)
    for byte in 0..<256 {
      var remainder = UInt64(byte)
      for _ in 0..<8 {
        remainder = remainder >> 1 ^ (remainder & 1 == 1 ? polynomial : 0)
      }
      table[byte] = remainder
    }
    for index in 256..<table.count {
      let before = table[index - 256]
      table[index] = before >> 8 ^ table[Int(before & 0xFF)]
    }
    return table
  }()

  package init() {}

  private var remainder = UInt64.max

  /// The check of all bytes so far.
  package var value: UInt64 { ~remainder }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    remainder = Self.table.withUnsafeBufferPointer { table in
      Self.advance(remainder, over: bytes, table)
    }
  }

  package mutating func update(_ bytes: some Sequence<UInt8>) {
    let isContiguous: Void? = bytes.withContiguousStorageIfAvailable {
      update(UnsafeRawBufferPointer($0))
    }
    if isContiguous == nil { Array(bytes).withUnsafeBytes { update($0) } }
  }

  private static func advance(
    _ start: UInt64, over bytes: UnsafeRawBufferPointer, _ table: UnsafeBufferPointer<UInt64>
  ) -> UInt64 {
    var remainder = start
    var offset = 0
    while bytes.count - offset >= 16 {
      let first = word(bytes, offset) ^ remainder
      let second = word(bytes, offset + 8)
      remainder = lookUp(first, table, 8) ^ lookUp(second, table, 0)
      offset += 16
    }
    while offset < bytes.count {
      let index = Int((remainder ^ UInt64(bytes[offset])) & 0xFF)
      remainder = remainder >> 8 ^ table[index]
      offset += 1
    }
    return remainder
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The remainder of the eight bytes of `word` with `after` zero bytes behind them.
  @inline(__always)
  private static func lookUp(
    _ word: UInt64, _ table: UnsafeBufferPointer<UInt64>, _ after: Int
  ) -> UInt64 {
    let base = after << 8
    let a = table[base + 0x700 + Int(word & 0xFF)]
    let b = table[base + 0x600 + Int(word >> 8 & 0xFF)]
    let c = table[base + 0x500 + Int(word >> 16 & 0xFF)]
    let d = table[base + 0x400 + Int(word >> 24 & 0xFF)]
    let e = table[base + 0x300 + Int(word >> 32 & 0xFF)]
    let f = table[base + 0x200 + Int(word >> 40 & 0xFF)]
    let g = table[base + 0x100 + Int(word >> 48 & 0xFF)]
    let h = table[base + Int(word >> 56)]
    return (a ^ b) ^ (c ^ d) ^ ((e ^ f) ^ (g ^ h))
  }
}
