import UnrollCore
import UnrollFiles

/// A table's windows in blocks, as one pass over it found them.
struct WindowBlocks: Sendable {
  let windows: TableWindows
  let columns: WindowColumns
  /// The windows of a block; the last one may have fewer.
  let size: Int
  /// What each block was.
  private(set) var records: [WindowBlock.Record] = []
  /// The windows of a pass.
  private(set) var count = 0

  /// Reads all windows once.
  ///
  /// - Throws: ``FileError`` or ``CSVError``.
  init(_ windows: TableWindows, _ columns: WindowColumns, size: Int, _ reader: WindowReader) throws
  {
    (self.windows, self.columns, self.size) = (windows, columns, size)
    while true {
      let block = try WindowBlock(reader, upTo: size, of: windows, columns)
      // What is left out after the last window is part of no block.
      if block.count == 0 { break }
      records.append(block.record)
      count += block.count
    }
  }
}

/// Reads blocks of windows of one pass, each a time.
///
/// A class, because it holds a place in a file. It goes forward only: what is behind it takes another one.
final class BlockReader: Sendable {
  private struct Place {
    /// `nil` before the file was opened, and after an error.
    var reader: WindowReader?
    /// The block that is read next.
    var block = 0
  }

  private let blocks: WindowBlocks
  private let place = Locked(Place())

  init(_ blocks: WindowBlocks) {
    self.blocks = blocks
  }

  /// Reads a block; `nil` where it is behind, or there was an error.
  ///
  /// - Throws: ``FileError``, also where the block is not what it was at first, or ``CSVError``.
  func block(_ number: Int) throws -> WindowBlock? {
    try place.withLock { place in
      guard place.block <= number else { return nil }
      defer { if place.block <= number { place = Place(block: .max) } }
      let reader = try place.reader ?? WindowReader(blocks.windows)
      place.reader = reader
      while place.block < number {
        for _ in 0..<blocks.records[place.block].read { _ = try reader.next() }
        place.block += 1
      }
      let block = try WindowBlock(
        reader, upTo: blocks.size, of: blocks.windows, blocks.columns)
      guard block.record == blocks.records[number] else {
        throw FileError(path: blocks.windows.reader.path, problem: .changed)
      }
      place.block += 1
      return block
    }
  }
}
