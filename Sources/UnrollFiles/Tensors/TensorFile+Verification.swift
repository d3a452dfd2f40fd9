extension TensorFile {
  /// What is known of the data of a file that has a digest.
  ///
  /// A class, because what one copy of a file's value found out is known to the others.
  final class Verification: Sendable {
    /// Once the digest was found to be right: the check as far as each tensor's data, and the end.
    private let known = Locked<[CRC64]?>(nil)

    /// `nil` until the digest was verified.
    var checks: [CRC64]? {
      get { known.withLock { $0 } }
      set { known.withLock { $0 = newValue } }
    }
  }

  /// Whether the file has a digest. One from elsewhere has none.
  public var hasDigest: Bool { digest != nil }

  /// Whether the file has a digest, and the whole file was found to be as it was written.
  public var isVerified: Bool { digest != nil && verification.checks != nil }

  /// Goes over the whole file, unless that was done, and refuses it where its digest is another. A
  /// file without one is taken as it is.
  ///
  /// - Throws: ``TensorFileError``.
  public func verify() throws {
    guard digest != nil, verification.checks == nil else { return }
    try naming(path) { try verify { range, _, check in try data.pass(over: range, &check) } }
  }

  /// Goes over the whole file once.
  ///
  /// - Parameter take: takes the bytes of a range of the data, which are those of the tensor of that
  ///   index, and makes the check go on over them.
  func verify(_ take: (Range<Int>, Int, inout CRC64) throws -> Void) throws {
    guard let digest else { return }
    var check = digest.start
    // Data in memory stays as it is, and is not checked again.
    var checks: [CRC64] = []
    let isOnDisk = if case .disk = data { true } else { false }
    for (index, entry) in entries.enumerated() {
      if isOnDisk { checks.append(check) }
      try take(entry.byteRange, index, &check)
    }
    checks.append(check)
    try digest.verify(check)
    verification.checks = checks
  }
}
