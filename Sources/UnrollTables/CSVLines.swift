import UnrollFiles
import UnrollText

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The physical lines of a file, in pieces as they come: lines end with LF, CRLF or CR.
///
/// A class, because it owns an open file, a place in it, and the memory that pieces are in.
final class CSVLines {
  /// A physical line, or a part of one where it is longer than a block.
  struct Piece {
    /// With the line end. They are there until the next piece is asked for.
    var bytes: UnsafeRawBufferPointer
    /// From 1.
    var line: Int
    /// Whether the line ends with it.
    var endsLine: Bool
    /// Whether it is but the LF of a line end whose CR ended the block before.
    var isRestOfLineEnd = false
    /// Whether there is no byte beyond ASCII.
    var isASCII: Bool
    var mayHaveNUL: Bool
    /// Whether a blank may stand at an end of a field.
    var mayHaveOuterBlanks: Bool

    @inline(__always)
    var isLineEnd: Bool { bytes[0] == UInt8(ascii: "\n") || bytes[0] == UInt8(ascii: "\r") }
  }

  let path: String
  private let file: InputFile
  private let block: UnsafeMutableRawBufferPointer
  private var count = 0
  private var position = 0
  /// Where the next line end of each kind is in the block; its end where there is none.
  private var (nextLF, nextCR) = (0, 0)
  private var (isASCII, mayHaveNUL, mayHaveOuterBlanks) = (true, false, false)
  private let delimiter: UInt8
  private var line = 1
  /// Whether the block before this one ends with a CR, whose LF may come first in this one.
  private var isAfterCarriageReturn = false

  /// Opens a file, or standard input where the path is `-`, and reads its first block, without a
  /// byte-order mark.
  ///
  /// - Throws: `FileError`, or `CSVError` where the file is UTF-16.
  init(_ path: String, delimiter: Unicode.Scalar) throws {
    self.path = path
    self.delimiter = UInt8(ascii: delimiter)
    file = path == "-" ? .standardInput() : try InputFile(path, .any)
    block = .allocate(byteCount: InputFile.blockSize, alignment: 64)
    try readFirstBlock()
  }

  deinit { block.deallocate() }

  /// The next piece; `nil` after the last one.
  ///
  /// - Throws: `FileError`.
  @inline(__always)
  func next() throws -> Piece? {
    if position == count {
      if count > 0 { isAfterCarriageReturn = block[count - 1] == UInt8(ascii: "\r") }
      count = try file.next(into: block)
      position = 0
      guard count > 0 else { return nil }
      lookAtBlock()
      if isAfterCarriageReturn, block[0] == UInt8(ascii: "\n") {
        var rest = take(upTo: 1, line: line - 1, endsLine: true)
        rest.isRestOfLineEnd = true
        return rest
      }
    }
    if nextLF < position { nextLF = find(UInt8(ascii: "\n"), from: position) }
    if nextCR < position { nextCR = find(UInt8(ascii: "\r"), from: position) }
    let index = min(nextLF, nextCR)
    guard index < count else { return take(upTo: count, line: line, endsLine: false) }
    let isPair = index == nextCR && nextLF == index + 1 && nextLF < count
    line += 1
    return take(upTo: index + (isPair ? 2 : 1), line: line - 1, endsLine: true)
  }

  @inline(__always)
  private func take(upTo end: Int, line: Int, endsLine: Bool) -> Piece {
    defer { position = end }
    return Piece(
      bytes: UnsafeRawBufferPointer(rebasing: block[position..<end]), line: line,
      endsLine: endsLine, isASCII: isASCII, mayHaveNUL: mayHaveNUL,
      mayHaveOuterBlanks: mayHaveOuterBlanks)
  }

  /// Where a byte comes next in the block; its end where it does not.
  private func find(_ byte: UInt8, from start: Int) -> Int {
    guard let base = block.baseAddress,
      let found = memchr(base + start, Int32(byte), count - start)
    else { return count }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// Looks once at all bytes of a block for what is rare.
  private func lookAtBlock() {
    var all: UInt8 = 0
    for byte in block[..<count] { all |= byte }
    isASCII = all < 0x80
    mayHaveNUL = find(0, from: position) < count
    mayHaveOuterBlanks = hasOuterBlanks
    (nextLF, nextCR) = (-1, -1)
  }

  /// Whether a blank in the block stands beside a delimiter or a control character, such as a line end, or at
  /// an end of the block.
  private var hasOuterBlanks: Bool {
    func isEdge(_ index: Int) -> Bool {
      guard index >= position, index < count else { return true }
      return block[index] == delimiter || block[index] < 0x20
    }
    for blank in [UInt8(ascii: " "), UInt8(ascii: "\t")] where blank != delimiter {
      var index = find(blank, from: position)
      while index < count {
        if isEdge(index - 1) || isEdge(index + 1) { return true }
        index = find(blank, from: index + 1)
      }
    }
    return false
  }

  private func readFirstBlock() throws {
    let mark = UTF8Text.byteOrderMark
    while count < mark.count {
      let more = try file.next(into: UnsafeMutableRawBufferPointer(rebasing: block[count...]))
      if more == 0 { break }
      count += more
    }
    let start = block[..<count].prefix(mark.count)
    // A byte-order mark, or the first character of text without one.
    let isUTF16 =
      start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF])
      || start.count > 1 && (start[0] == 0) != (start[1] == 0)
    if isUTF16 { throw CSVError(path: path, line: 1, problem: .utf16) }
    if start.elementsEqual(mark) { position = mark.count }
    guard position < count else { throw FileError(path: path, problem: .empty) }
    lookAtBlock()
  }
}
