import Testing
import UnrollFiles

@Suite("CRC-64/XZ")
struct CRC64Tests {
  /// One bit at a time, as ECMA-182 defines it.
  private func oracle(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var remainder = UInt64.max
    for byte in bytes {
      for bit in 0..<8 {
        let top = (remainder ^ UInt64(byte >> bit)) & 1
        remainder = remainder >> 1 ^ (top == 1 ? 0xC96C_5795_D787_0F42 : 0)
      }
    }
    return ~remainder
  }

  private func check(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var check = CRC64()
    check.update(bytes)
    return check.value
  }

  @Test("The check value is the published one")
  func published() {
    #expect(check("123456789".utf8) == 0x995D_C9BB_DF19_39FA)
    #expect(check([]) == 0)
  }

  @Test("Every length and alignment agrees with the bitwise definition")
  func agrees() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 &+ 7) }
    for start in 0..<17 {
      for end in start...bytes.count {
        #expect(check(bytes[start..<end]) == oracle(bytes[start..<end]))
      }
    }
  }

  @Test("Pieces give what the whole gives")
  func pieces() {
    let bytes = (0..<70).map { UInt8($0) }
    for cut in 0...bytes.count {
      var check = CRC64()
      check.update(bytes[..<cut])
      check.update(repeatElement(0xAB, count: 3))
      check.update(bytes[cut...])
      #expect(check.value == oracle(bytes[..<cut] + [0xAB, 0xAB, 0xAB] + bytes[cut...]))
    }
  }
}
