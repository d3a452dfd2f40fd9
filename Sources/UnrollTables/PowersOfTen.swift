/// Powers of ten, and what whole numbers are by them. The switches become tables.
enum PowersOfTen {
  /// A power that is exact in double precision.
  ///
  /// - Parameter exponent: From 0 to 22.
  @inline(__always)
  static func double(_ exponent: Int) -> Double {
    switch exponent {
    case 1: 1e1
    case 2: 1e2
    case 3: 1e3
    case 4: 1e4
    case 5: 1e5
    case 6: 1e6
    case 7: 1e7
    case 8: 1e8
    case 9: 1e9
    case 10: 1e10
    case 11: 1e11
    case 12: 1e12
    case 13: 1e13
    case 14: 1e14
    case 15: 1e15
    case 16: 1e16
    case 17: 1e17
    case 18: 1e18
    case 19: 1e19
    case 20: 1e20
    case 21: 1e21
    case 22: 1e22
    default: 1
    }
  }

  /// - Parameter exponent: From 0 to 19.
  @inline(__always)
  private static func whole(_ exponent: Int) -> UInt64 {
    switch exponent {
    case 1: 10
    case 2: 100
    case 3: 1_000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    case 7: 10_000_000
    case 8: 100_000_000
    case 9: 1_000_000_000
    case 10: 10_000_000_000
    case 11: 100_000_000_000
    case 12: 1_000_000_000_000
    case 13: 10_000_000_000_000
    case 14: 100_000_000_000_000
    case 15: 1_000_000_000_000_000
    case 16: 10_000_000_000_000_000
    case 17: 100_000_000_000_000_000
    case 18: 1_000_000_000_000_000_000
    case 19: 10_000_000_000_000_000_000
    default: 1
    }
  }

  /// The number in double precision that is nearest to `number` times a power of ten, and of two as near
  /// the one whose last bit is 0.
  ///
  /// - Parameters:
  ///   - number: Above 0.
  ///   - exponent: From -19 to 19, so that nothing is too large or too small.
  static func scaled(_ number: UInt64, by exponent: Int) -> Double {
    // All is exact: a whole number of 64 bits, its highest one set, times a power of two, and whether
    // something is left below it.
    let shift = number.leadingZeroBitCount
    let bits: UInt64
    let isInexact: Bool
    var power: Int
    if exponent < 0 {
      let divisor = whole(-exponent)
      let divisorShift = divisor.leadingZeroBitCount
      // Both have their highest bit set. Half of the dividend is below the divisor.
      let dividend = number << UInt64(shift)
      let (quotient, remainder) = (divisor << UInt64(divisorShift)).dividingFullWidth(
        (high: dividend >> 1, low: dividend << 63))
      let rest = quotient.leadingZeroBitCount
      (bits, isInexact) = (quotient << UInt64(rest), remainder != 0)
      power = divisorShift - shift - 63 - rest
    } else {
      let (high, low) = (number << UInt64(shift)).multipliedFullWidth(by: whole(exponent))
      if high == 0 {
        // The factor is 1.
        (bits, isInexact, power) = (low, false, -shift)
      } else {
        let rest = UInt64(high.leadingZeroBitCount)
        bits = rest == 0 ? high : high << rest | low >> (64 - rest)
        isInexact = low << rest != 0
        power = 64 - shift - Int(rest)
      }
    }
    // 53 bits are kept.
    var kept = bits >> 11
    let half = bits & 0x7FF
    if half > 0x400 || half == 0x400 && (isInexact || kept & 1 == 1) { kept += 1 }
    power += 11
    return Double(kept)
      * Double(sign: .plus, exponentBitPattern: UInt(power + 1023), significandBitPattern: 0)
  }
}
