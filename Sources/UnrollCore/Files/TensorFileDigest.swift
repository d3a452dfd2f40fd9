/// The digest that tells a changed or damaged file.
///
/// A file written here has two entries in its metadata: `unroll.format`, which is `1`, and
/// `unroll.digest`, which is `crc64:` and 16 lower-case hexadecimal digits. They are the CRC-64/XZ
/// of the whole file, from the first byte of the header's length to the last byte of data, with
/// the 16 digits themselves taken as zeros (`0`).
///
/// Either entry without the other is an error: a damaged byte within the name of one cannot make
/// the file pass for one that never had a digest.
enum TensorFileDigest {
  static let digestKey = "unroll.digest"
  static let formatKey = "unroll.format"
  static let format = "1"
  static let prefix = "crc64:"
  static let digitCount = 16

  /// What comes before the digits in a header. It can be nowhere else: within a string, its
  /// quotation marks would be escaped.
  private static let marker = Array("\"\(digestKey)\":\"\(prefix)".utf8)

  /// The metadata to write, with digits that are still zeros.
  static let blank = [
    digestKey: prefix + String(repeating: "0", count: digitCount), formatKey: format,
  ]

  /// The place of the digits within a header.
  static func digits(in header: [UInt8]) -> Range<Int>? {
    let last = header.count - marker.count - digitCount
    guard last >= 0 else { return nil }
    for start in 0...last where header[start] == marker[0] {
      let end = start + marker.count
      if header[start..<end].elementsEqual(marker) { return end..<(end + digitCount) }
    }
    return nil
  }

  /// The check of a file up to its data, which follows.
  static func checkOfStart(_ length: [UInt8], _ header: [UInt8], digits: Range<Int>) -> CRC64 {
    var check = CRC64()
    check.update(length)
    check.update(header[..<digits.lowerBound])
    check.update(repeatElement(UInt8(ascii: "0"), count: digits.count))
    check.update(header[digits.upperBound...])
    return check
  }

  static func text(of value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: digitCount - digits.count) + digits
  }

  /// Checks a file read, where it has a digest.
  ///
  /// - Returns: Whether it has one.
  static func verify(
    length: [UInt8], header: [UInt8], metadata: HeaderTexts, data: UnsafeRawBufferPointer
  ) throws(TensorFileError.Problem) -> Bool {
    // Both are short; a long text is none of them.
    let found = metadata.excerpt(of: digestKey)
    let format = metadata.excerpt(of: formatKey)
    if found == nil, format == nil { return false }
    guard let found, let format else { throw .digestMissing }
    // Every other form of the same text, such as one with escapes, is not what is written here.
    guard let digits = digits(in: header),
      found.utf8.elementsEqual(Array(prefix.utf8) + header[digits])
    else { throw .digestMalformed }
    var check = checkOfStart(length, header, digits: digits)
    check.update(data)
    guard text(of: check.value).utf8.elementsEqual(header[digits]) else { throw .digestMismatch }
    guard format == Self.format else { throw .unsupportedFormat(format) }
    return true
  }
}
