import Foundation

/// Where the data of a tensor file is: in memory, or on a disk, from where it is read piece by piece
/// into the memory of who asks for it.
enum TensorData: Sendable {
  case memory(Data)
  /// The data begins at an offset of the file.
  case disk(InputFile, start: Int)

  /// The bytes that are read and checked at once, while they are still in the processor's cache.
  private static let pieceByteCount = 1 << 20

  /// Copies bytes to memory that is there already.
  ///
  /// - Parameter check: what goes on over the bytes.
  func copy(
    _ range: Range<Int>, to target: UnsafeMutableRawBufferPointer, _ check: inout CRC64
  ) throws {
    var done = 0
    while done < target.count {
      let end = min(done + Self.pieceByteCount, target.count)
      let piece = UnsafeMutableRawBufferPointer(rebasing: target[done..<end])
      try copy(from: range.lowerBound + done, to: piece)
      check.update(UnsafeRawBufferPointer(piece))
      done = end
    }
  }

  /// Copies bytes that nothing is to be checked of.
  func copy(
    _ range: Range<Int>, to target: UnsafeMutableRawBufferPointer
  ) throws {
    try copy(from: range.lowerBound, to: target)
  }

  /// Goes over bytes that are not kept.
  func pass(over range: Range<Int>, _ check: inout CRC64) throws {
    switch self {
    case .memory(let data):
      data.withUnsafeBytes { check.update(UnsafeRawBufferPointer(rebasing: $0[range])) }
    case .disk:
      let count = min(Self.pieceByteCount, range.count)
      try withUnsafeTemporaryAllocation(byteCount: count, alignment: 64) { buffer in
        for start in stride(from: range.lowerBound, to: range.upperBound, by: max(count, 1)) {
          let end = min(start + count, range.upperBound)
          try copy(
            start..<end, to: UnsafeMutableRawBufferPointer(rebasing: buffer[..<(end - start)]),
            &check)
        }
      }
    }
  }

  private func copy(
    from start: Int, to target: UnsafeMutableRawBufferPointer
  ) throws {
    switch self {
    case .memory(let data):
      data.withUnsafeBytes {
        target.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[start..<(start + target.count)]))
      }
    case .disk(let file, let dataStart):
      try file.fill(target, from: dataStart + start)
    }
  }
}
