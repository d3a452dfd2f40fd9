import UnrollCore
import UnrollSeries

/// What of a table's rows becomes numbers that a model sees.
struct WindowColumns: Sendable {
  /// The places of the inputs' columns, F, then those of the targets, C, with their scales.
  let columns: [(place: Int, scale: ColumnScale)]
  /// F.
  let inputs: Int

  /// F + C, the numbers of a row.
  var width: Int { columns.count }
  /// C.
  var targets: Int { columns.count - inputs }

  /// Appends the last rows of a window, up to a number that is not finite.
  ///
  /// - Returns: Whether all are finite.
  func append(last count: Int, of window: TableWindow, to numbers: inout [Float]) -> Bool {
    window.withNumbers { all in
      for row in (window.rows - count)..<window.rows {
        for (place, scale) in columns {
          let value = Float(scale.seen(all[row * window.columns + place]))
          guard value.isFinite else { return false }
          numbers.append(value)
        }
      }
      return true
    }
  }
}

/// Windows that were read together. Rows that windows of a series share are there once.
struct WindowBlock: Sendable {
  /// How much was read for a block, and what it was as one number, to tell it again.
  struct Record: Sendable, Equatable {
    /// The windows that were read, those left out included.
    let read: Int
    let data: Fingerprint
  }

  /// One series.
  private struct Series {
    /// The rows of its windows, one behind another.
    var numbers: [Float] = []
    /// Whether the block has its last window, which was not left out.
    var hasLast = false
  }

  let record: Record
  private let columns: WindowColumns
  /// T + H.
  private let rows: Int
  private var series: [Series] = []
  /// The series of each window, and its first row.
  private var windows: [(series: Int32, row: Int32)] = []

  /// Reads windows until there are so many, or none is left. Those with a number that is not finite are left
  /// out.
  ///
  /// - Throws: ``FileError`` or ``CSVError``.
  init(
    _ reader: WindowReader, upTo count: Int, of all: TableWindows, _ columns: WindowColumns
  ) throws {
    (self.columns, rows) = (columns, all.rows)
    var (read, data) = (0, Fingerprint("WindowBlock"))
    var new: [Float] = []
    while windows.count < count, let window = try reader.next() {
      let key = window.keyIndex
      while series.count <= key { series.append(Series()) }
      let isNext = series[key].hasLast && window.followsAnother && all.stride < rows
      new.removeAll(keepingCapacity: true)
      let isWhole = columns.append(last: isNext ? all.stride : rows, of: window, to: &new)
      if isWhole {
        series[key].numbers += new
        let first = series[key].numbers.count / columns.width - rows
        windows.append((Int32(key), Int32(first)))
      }
      series[key].hasLast = isWhole
      read += 1
      data.combine(key)
      for value in new { data.combine(Int(value.bitPattern)) }
    }
    record = Record(read: read, data: data)
  }

  /// The number of windows.
  var count: Int { windows.count }

  /// Calls `body` with the numbers of a window, ``WindowColumns/width`` for each of its rows.
  func withWindow(_ index: Int, _ body: (UnsafeBufferPointer<Float>) -> Void) {
    let (key, row) = windows[index]
    let start = Int(row) * columns.width
    series[Int(key)].numbers.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[start..<(start + rows * columns.width)]))
    }
  }
}
