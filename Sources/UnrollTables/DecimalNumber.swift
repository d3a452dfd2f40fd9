/// How numbers are written.
struct DecimalNumber {
  /// A point or a comma.
  let decimalSign: UInt8
  /// What stands between groups of three digits before the decimal sign, in UTF-8; nothing where nothing
  /// does.
  let grouping: [UInt8]

  init(decimalSign: UInt8 = UInt8(ascii: "."), grouping: [UInt8] = []) {
    (self.decimalSign, self.grouping) = (decimalSign, grouping)
  }

  /// The number that the bytes say, without blanks around it: the nearest one there is, as correct as
  /// `Double(_:)` of a text. NaN where they say none, or none that is finite: words such as `nan` and
  /// hexadecimal numbers are not numbers.
  @inline(__always)
  func value(_ bytes: UnsafeRawBufferPointer) -> Double {
    guard let base = bytes.baseAddress else { return .nan }
    let value = Self.value(base, bytes.count, decimalSign)
    // What has groups is no number without them.
    return value.isNaN && !grouping.isEmpty ? ungrouped(bytes) : value
  }

  @inline(__always)
  private static func value(_ bytes: UnsafeRawPointer, _ count: Int, _ decimalSign: UInt8) -> Double
  {
    var i: Int
    func byte(_ index: Int) -> UInt8 { bytes.load(fromByteOffset: index, as: UInt8.self) }
    guard count > 0 else { return .nan }
    // No branch, since signs come as they like.
    let isNegative: UInt64 = byte(0) == UInt8(ascii: "-") ? 1 : 0
    i = Int(isNegative) | (byte(0) == UInt8(ascii: "+") ? 1 : 0)

    // The digits as a whole number, as long as they surely fit.
    var digits: UInt64 = 0
    let start = i
    while i < count {
      let digit = byte(i) &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      digits = digits &* 10 &+ UInt64(digit)
      i += 1
    }
    var digitCount = i - start
    var fraction = 0
    if i < count, byte(i) == decimalSign {
      i += 1
      let start = i
      while i < count {
        let digit = byte(i) &- UInt8(ascii: "0")
        guard digit < 10 else { break }
        digits = digits &* 10 &+ UInt64(digit)
        i += 1
      }
      fraction = i - start
      digitCount += fraction
    }
    guard digitCount > 0 else { return .nan }

    var exponent = -fraction
    if i < count {
      guard byte(i) | 0x20 == UInt8(ascii: "e") else { return .nan }
      i += 1
      guard i < count else { return .nan }
      let isBelow0 = byte(i) == UInt8(ascii: "-")
      if isBelow0 || byte(i) == UInt8(ascii: "+") { i += 1 }
      guard i < count else { return .nan }
      var power = 0
      while i < count {
        let digit = byte(i) &- UInt8(ascii: "0")
        guard digit < 10 else { return .nan }
        power = min(power * 10 + Int(digit), 1_000_000)
        i += 1
      }
      exponent += isBelow0 ? -power : power
    }
    if digitCount <= 19 {
      if digits < 1 << 53, exponent >= -22, exponent <= 22 {
        // Both are exact, so that one operation rounds once.
        let whole = Double(Int64(bitPattern: digits))
        let magnitude =
          exponent < 0
          ? whole / PowersOfTen.double(-exponent) : whole * PowersOfTen.double(exponent)
        return Double(bitPattern: magnitude.bitPattern | isNegative << 63)
      }
      if exponent >= -19, exponent <= 19, digits > 0 {
        let magnitude = PowersOfTen.scaled(digits, by: exponent)
        return Double(bitPattern: magnitude.bitPattern | isNegative << 63)
      }
    }
    return slowValue(UnsafeRawBufferPointer(start: bytes, count: count), decimalSign)
  }

  /// Of any number of digits, which have been looked at.
  @inline(never)
  private static func slowValue(_ bytes: UnsafeRawBufferPointer, _ decimalSign: UInt8) -> Double {
    let point = bytes.map { $0 == decimalSign ? UInt8(ascii: ".") : $0 }
    let value = Double(String(decoding: point, as: UTF8.self)) ?? .nan
    return value.isFinite ? value : .nan
  }

  /// Without what groups the digits, which has to stand where it should.
  @inline(never)
  private func ungrouped(_ bytes: UnsafeRawBufferPointer) -> Double {
    var plain: [UInt8] = []
    // Digits since the last separator, or since the beginning.
    var (digits, hasGroups, isWhole) = (0, false, true)
    var i = 0
    while i < bytes.count {
      if bytes[i...].starts(with: grouping) {
        guard isWhole, hasGroups ? digits == 3 : (1...3).contains(digits) else { return .nan }
        (digits, hasGroups) = (0, true)
        i += grouping.count
        continue
      }
      let isDigit = bytes[i] &- UInt8(ascii: "0") < 10
      if isDigit {
        digits += 1
      } else if plain.count > 0 || (bytes[i] != UInt8(ascii: "-") && bytes[i] != UInt8(ascii: "+"))
      {
        // The decimal sign or an exponent: no groups from here on.
        guard !isWhole || !hasGroups || digits == 3 else { return .nan }
        isWhole = false
      }
      plain.append(bytes[i])
      i += 1
    }
    guard hasGroups, !isWhole || digits == 3 else { return .nan }
    return plain.withUnsafeBytes { bytes in
      bytes.baseAddress.map { Self.value($0, bytes.count, decimalSign) } ?? .nan
    }
  }
}
