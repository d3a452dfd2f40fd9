/// Lines that are held back until enough others have come after them, so that the last ones of a file
/// can be left out.
///
/// A class, because it owns the memory that a piece is in.
final class HeldLines {
  private let limit: Int
  private let lineLimit: Int
  private var lines: [(bytes: [UInt8], piece: CSVLines.Piece, isBlank: Bool)] = []
  /// The place of the first line that is held.
  private var first = 0
  /// The lines that are held and not blank.
  private var count = 0
  private var partial: [UInt8] = []
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)

  /// - Parameters:
  ///   - limit: The lines at the end that are left out, blank ones not counted.
  ///   - lineLimit: The longest line to accept, in bytes.
  init(_ limit: Int, _ lineLimit: Int) {
    (self.limit, self.lineLimit) = (limit, lineLimit)
  }

  deinit { memory.deallocate() }

  /// The next line that is not one of the last ones; `nil` where all others are.
  ///
  /// - Throws: `FileError`, or `CSVParser.Failure` where a line is too long to be held.
  func next(_ source: CSVLines) throws -> CSVLines.Piece? {
    while count <= limit {
      guard let piece = try source.next() else { return try end() }
      partial += piece.bytes
      guard partial.count <= lineLimit else {
        throw CSVParser.Failure(
          problem: .fieldTooLong(limit: lineLimit), line: piece.line, field: 0)
      }
      if piece.endsLine { hold(piece) } else { last = piece }
    }
    return takeFirst()
  }

  /// A piece that does not end its line, which may be the last of the file.
  private var last: CSVLines.Piece?

  private func hold(_ piece: CSVLines.Piece) {
    let isBlank = partial.allSatisfy { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    lines.append((partial, piece, isBlank))
    partial = []
    if !isBlank { count += 1 }
  }

  /// The last line may have no line end.
  private func end() throws -> CSVLines.Piece? {
    guard let last, !partial.isEmpty else { return nil }
    self.last = nil
    hold(last)
    return count > limit ? takeFirst() : nil
  }

  private func takeFirst() -> CSVLines.Piece? {
    let (bytes, piece, isBlank) = lines[first]
    lines[first].bytes = []
    first += 1
    if first > 1000, first * 2 > lines.count {
      lines.removeFirst(first)
      first = 0
    }
    if !isBlank { count -= 1 }
    if memory.count < bytes.count {
      memory.deallocate()
      memory = .allocate(byteCount: bytes.count * 2, alignment: 1)
    }
    memory.copyBytes(from: bytes)
    return CSVLines.Piece(
      bytes: UnsafeRawBufferPointer(rebasing: memory[..<bytes.count]), line: piece.line,
      endsLine: true, isRestOfLineEnd: piece.isRestOfLineEnd,
      isASCII: bytes.allSatisfy { $0 < 0x80 }, mayHaveNUL: true, mayHaveOuterBlanks: true)
  }
}
