/// The digest that tells a changed or damaged file.
///
/// A file written here has two entries in its metadata: `unroll.format`, which is `1`, and
/// `unroll.digest`, which is `crc64:` and 16 lower-case hexadecimal digits. They are the CRC-64/XZ
/// of the whole file, from the first byte of the header's length to the last byte of data, with
/// the 16 digits themselves taken as zeros (`0`).
///
/// Either entry without the other is an error: a damaged byte within the name of one cannot make
/// the file pass for one that never had a digest.
package enum TensorFileDigest {
  package static let digestKey = "unroll.digest"
  package static let formatKey = "unroll.format"
  package static let format = "1"
  package static let prefix = "crc64:"
  package static let digitCount = 16

  /// What comes before the digits in a header. It can be nowhere else: within a string, its
  /// quotation marks would be escaped.
  private static let marker = Array("\"\(digestKey)\":\"\(prefix)".utf8)

  /// The metadata to write, with digits that are still zeros.
  package static let blank = [
    digestKey: prefix + String(repeating: "0", count: digitCount), formatKey: format,
  ]

  /// The place of the digits within a header.
  package static func digits(in header: [UInt8]) -> Range<Int>? {
    let last = header.count - marker.count - digitCount
    guard last >= 0 else { return nil }
    for start in 0...last where header[start] == marker[0] {
      let end = start + marker.count
      if header[start..<end].elementsEqual(marker) { return end..<(end + digitCount) }
    }
    return nil
  }

  /// The check of a file up to its data, which follows.
  package static func checkOfStart(_ length: [UInt8], _ header: [UInt8], digits: Range<Int>)
    -> CRC64
  {
    var check = CRC64()
    check.update(length)
    check.update(header[..<digits.lowerBound])
    check.update(repeatElement(UInt8(ascii: "0"), count: digits.count))
    check.update(header[digits.upperBound...])
    return check
  }

  package static func text(of value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: digitCount - digits.count) + digits
  }

  /// What a header says of the digest, and the check of the file up to its data.
  struct Claim: Sendable {
    /// The check of what comes before the data, to go on over it.
    let start: CRC64
    private let digits: [UInt8]
    private let format: String

    /// - Returns: `nil` where the header says nothing of a digest.
    init?(
      length: [UInt8], header: [UInt8], metadata: HeaderTexts
    ) throws(TensorFileError.Problem) {
      // Both are short; a long text is none of them.
      let found = metadata.excerpt(of: digestKey)
      let format = metadata.excerpt(of: formatKey)
      if found == nil, format == nil { return nil }
      guard let found, let format else { throw .digestMissing }
      // Every other form of the same text, such as one with escapes, is not what is written here.
      guard let place = TensorFileDigest.digits(in: header),
        found.utf8.elementsEqual(Array(prefix.utf8) + header[place])
      else { throw .digestMalformed }
      start = checkOfStart(length, header, digits: place)
      digits = Array(header[place])
      self.format = format
    }

    /// Refuses the file unless this is the check of all of it.
    func verify(_ whole: CRC64) throws(TensorFileError.Problem) {
      guard text(of: whole.value).utf8.elementsEqual(digits) else { throw .digestMismatch }
      try checkFormat()
    }

    /// Refuses a form of the file that is not known here.
    func checkFormat() throws(TensorFileError.Problem) {
      guard format == TensorFileDigest.format else { throw .unsupportedFormat(format) }
    }
  }
}
