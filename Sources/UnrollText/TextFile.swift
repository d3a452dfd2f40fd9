import UnrollFiles

/// Plain text from files.
public enum TextFile {
  /// Reads a text.
  ///
  /// The file must be UTF-8; a leading byte-order mark is dropped, and nothing else is changed.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: The longest text to accept, in bytes.
  /// - Throws: ``FileError`` for a file that is missing, a directory, unreadable, empty, too large
  ///   or not UTF-8.
  public static func read(_ path: String, limit: Int = 1 << 30) throws -> String {
    String(decoding: try bytes(path, limit: limit), as: UTF8.self)
  }

  /// What the bytes of a file have to be.
  public enum Encoding: Sendable {
    case utf8
    /// Anything; for a vocabulary of bytes.
    case any
  }

  /// Reads a text as its bytes, without a byte-order mark: a long text takes half of the memory that
  /// ``read(_:limit:)`` needs while it reads.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - encoding: What the bytes have to be.
  ///   - limit: The longest text to accept, in bytes.
  /// - Throws: as ``read(_:limit:)``.
  public static func bytes(
    _ path: String, _ encoding: Encoding = .utf8, limit: Int = 1 << 30
  ) throws -> [UInt8] {
    let file = try InputFile(path, .any)
    let tooLarge = FileError(path: path, problem: .tooLarge(limit: limit))
    let mark = UTF8Text.byteOrderMark
    guard file.byteCount - mark.count <= limit else { throw tooLarge }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(file.byteCount)
    var (isAtStart, markCount) = (true, 0)
    while case let block = try file.nextBlock(), !block.isEmpty {
      bytes += block
      // A pipe may give less than the mark at first.
      if isAtStart, bytes.count >= mark.count {
        isAtStart = false
        if bytes.starts(with: mark) {
          bytes.removeFirst(mark.count)
          markCount = mark.count
        }
      }
      guard bytes.count <= limit else { throw tooLarge }
    }
    guard !bytes.isEmpty else { throw FileError(path: path, problem: .empty) }
    if encoding == .utf8 {
      let problem = bytes.withUnsafeBufferPointer { bytes in
        UTF8Text.firstInvalid(in: bytes).map { offset in
          FileError.Problem.notUTF8(
            offset: offset + markCount, line: UTF8Text.line(of: offset, in: bytes).number)
        }
      }
      if let problem { throw FileError(path: path, problem: problem) }
    }
    return bytes
  }
}
